package io.github.purebpf.tool;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.elf.BpfObject;
import io.github.purebpf.elf.ObjectMap;
import io.github.purebpf.elf.ObjectProgram;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.text.AsmText;
import io.github.purebpf.text.Dialect;
import io.github.purebpf.uapi.MapFlags;
import io.github.purebpf.uapi.MapType;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObjectFileTest {
  private static final String BODY = "pass: r1 = services ll\nr0 = 1\nexit\n";
  private static final String DECLARED =
      """
      .section cgroup/connect4
      .license "Dual MIT/GPL"
      .map services hash 4 4 65536 no_prealloc
      """;

  @TempDir Path folder;

  private static byte[] expected(
      String text, String name, String section, String license, MapShape shape, ByteOrder order) {
    var code = AsmText.parse(text, "stdin", Dialect.KERNEL);
    return new BpfObject(
            List.of(new ObjectProgram(name, section, code)),
            List.of(ObjectMap.of(new MapRef("services"), shape)),
            license)
        .toElf(order);
  }

  private static Run elf(String text, String... options) {
    var words = new ArrayList<>(List.of("assemble", "--format", "elf"));
    words.addAll(List.of(options));
    return Run.of(text, words.toArray(String[]::new));
  }

  @Test
  void theTextSaysWhatAnObjectNeeds() {
    var shape = new MapShape(MapType.HASH, 4, 4, 65_536, MapFlags.NO_PREALLOC);
    var run = elf(DECLARED + BODY, "--endian", "big");
    assertArrayEquals(
        expected(
            DECLARED + BODY,
            "pass",
            "cgroup/connect4",
            "Dual MIT/GPL",
            shape,
            ByteOrder.BIG_ENDIAN),
        run.bytes());
    assertEquals("", run.err());
    assertEquals(Main.OK, run.status());
  }

  @Test
  void optionsSayItOrWin() {
    var shape = MapShape.of(MapType.LRU_HASH, 8, 16, 9);
    for (var text : new String[] {BODY, "\n\n" + BODY, DECLARED + BODY}) {
      var run =
          elf(text, "--section", "xdp", "--license", "GPL", "--map", "services=lru_hash:8:16:9");
      assertEquals("", run.err());
      assertArrayEquals(
          expected(text, "pass", "xdp", "GPL", shape, ByteOrder.LITTLE_ENDIAN), run.bytes());
    }
  }

  @Test
  void aMapThatIsUsedAndNotDefinedIsAnErrorThatSaysHow() {
    elf("exit\n  r1 = services ll\n", "--section", "xdp")
        .finds(
            "",
            """
            stdin:2:3: map services is not defined; write .map services hash 4 4 65536, or --map services=hash:4:4:65536, with its type, sizes of key and value, and entries
                r1 = services ll
                ^
            """);
  }

  @Test
  void anObjectNeedsASection() {
    elf("exit")
        .finds(
            "",
            "stdin:1:1: an object needs a section that tells the type of program: .section"
                + " cgroup/connect4, or --section cgroup/connect4\n");
    elf("exit", "--section", ".maps")
        .finds(
            "",
            "stdin:1:1: section \".maps\" of program main: it tells the program type, as"
                + " cgroup/connect4 does\n");
  }

  @Test
  void whatOnlyTheObjectCannotExpressIsAnErrorWithItsPlace() {
    elf(DECLARED + "  r1 = map[services][0]+4\nexit")
        .finds(
            "",
            """
            stdin:4:3: an object cannot express the address of a value of map services; look it up
                r1 = map[services][0]+4
                ^
            """);
    elf(".map m hash_of_maps 4 4 1\nexit", "--section=xdp")
        .finds(
            "",
            "stdin:1:1: map m: no object is written with a map of maps; create it before the"
                + " program\n");
  }

  @Test
  void severalFilesMakeOneObject() throws IOException {
    var one = Files.writeString(folder.resolve("one"), DECLARED + BODY).toString();
    var two =
        Files.writeString(folder.resolve("two"), ".section xdp\nother: r1 = services ll\nexit")
            .toString();
    var run = elf("", one, two);
    assertEquals("", run.err());
    var shape = new MapShape(MapType.HASH, 4, 4, 65_536, MapFlags.NO_PREALLOC);
    var first = AsmText.parse(DECLARED + BODY, one, Dialect.KERNEL);
    var second = AsmText.parse(Files.readString(Path.of(two)), two, Dialect.KERNEL);
    var object =
        new BpfObject(
            List.of(
                new ObjectProgram("pass", "cgroup/connect4", first),
                new ObjectProgram("other", "xdp", second)),
            List.of(ObjectMap.of(new MapRef("services"), shape)),
            "Dual MIT/GPL");
    assertArrayEquals(object.toElf(ByteOrder.LITTLE_ENDIAN), run.bytes());
  }

  @Test
  void filesMustAgree() throws IOException {
    var one = Files.writeString(folder.resolve("one"), DECLARED + BODY).toString();
    elf(".section xdp\n.map services array 4 4 1\nr1 = services ll\nexit", one, "-")
        .finds("", "stdin:1:1: map services is another one in a file before\n");
    elf(".section xdp\n.license GPL\nexit", one, "-")
        .finds("", "stdin:1:1: license \"GPL\" here, \"Dual MIT/GPL\" in a file before\n");
    elf(".section xdp\npass: exit", one, "-")
        .finds("", one + ":1:1: two programs or maps are called pass\n");
  }
}
