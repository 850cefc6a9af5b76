package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.asm.MapShape;
import io.github.purebpf.elf.BpfObject;
import io.github.purebpf.elf.ObjectMap;
import io.github.purebpf.elf.ObjectProgram;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.layout.NetworkOrder;
import io.github.purebpf.layout.Struct;
import io.github.purebpf.testkit.Bpftool;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.text.AsmText;
import io.github.purebpf.text.Dialect;
import io.github.purebpf.uapi.MapType;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Object files of ours, loaded into this kernel by bpftool and its libbpf. Nothing is attached. */
@RequiresKernel
@NoLeakedFds
class ObjectIT {
  private static final Pattern MAP_ID = Pattern.compile("\"map_ids\":\\[(\\d+)]");

  /** Calls a function, and another as a callback. */
  private static final String CALLS =
      """
      r1 = 4
      r2 = each ll
      r3 = 0
      r4 = 0
      call bpf_loop
      call one
      exit
      each:
      call one
      r0 = 0
      exit
      one:
      r0 = 1
      exit
      """;

  @TempDir private Path folder;
  private BpfFs fs;

  /** What the map of {@link Fixtures#REDIRECT} holds. */
  private record Address(@NetworkOrder int ip) {}

  @BeforeEach
  void mount() {
    fs = BpfFs.mountDetached();
  }

  @AfterEach
  void unmount() {
    fs.close();
  }

  private String load(BpfObject object) throws IOException {
    var file =
        Files.write(folder.resolve("object.o"), object.toElf(ByteOrder.nativeOrder())).toString();
    var pin = fs.path().resolve("program").toString();
    Bpftool.run("prog", "load", file, pin);
    return pin;
  }

  private static ObjectProgram program(String section, BpfCode code) {
    return new ObjectProgram("sock4_connect", section, code);
  }

  @Test
  void loadsAProgramWithItsMapLicenseAndTypes() throws IOException {
    var address = Optional.<Struct<?>>of(Struct.of(Address.class));
    var services =
        new ObjectMap(Fixtures.SERVICES, MapShape.of(MapType.HASH, 4, 4, 65_536), address, address);
    var pin =
        load(
            new BpfObject(
                List.of(program("cgroup/connect4", Fixtures.REDIRECT)),
                List.of(services),
                "Dual MIT/GPL"));
    var program = Bpftool.run("-j", "prog", "show", "pinned", pin);
    assertTrue(program.contains("\"type\":\"cgroup_sock_addr\""), program);
    assertTrue(program.contains("\"name\":\"sock4_connect\""), program);
    assertTrue(program.contains("\"gpl_compatible\":true"), program);
    assertTrue(program.contains("\"btf_id\":"), program);
    var id = MAP_ID.matcher(program);
    assertTrue(id.find(), program);
    var map = Bpftool.run("-j", "map", "show", "id", id.group(1));
    assertTrue(map.contains("\"type\":\"hash\",\"name\":\"services\""), map);
    assertTrue(map.contains("\"bytes_key\":4,\"bytes_value\":4,\"max_entries\":65536"), map);
    assertTrue(map.contains("\"btf_id\":"), map);
    Bpftool.run(
        "map",
        "update",
        "id",
        id.group(1),
        "key",
        "127",
        "77",
        "0",
        "1",
        "value",
        "1",
        "2",
        "3",
        "4");
    var dump = Bpftool.run("-j", "map", "dump", "id", id.group(1));
    assertTrue(dump.contains("{\"ip\":"), dump);
    var listing = Bpftool.run("prog", "dump", "xlated", "pinned", pin, "linum");
    assertTrue(listing.contains("int sock4_connect():"), listing);
    assertTrue(listing.contains("[file:Fixtures.java line_num:"), listing);
  }

  @Test
  void libbpfPutsTheFunctionsBehindTheEntryAgain() throws IOException {
    var code = AsmText.parse(CALLS, "calls.bpf", Dialect.KERNEL);
    var pin = load(new BpfObject(List.of(program("cgroup/connect4", code)), List.of(), "GPL"));
    var listing = Bpftool.run("prog", "dump", "xlated", "pinned", pin, "linum");
    assertTrue(listing.contains("int each():\n; call one [file:calls.bpf line_num:9"), listing);
    assertTrue(listing.contains("int one():\n; r0 = 1 [file:calls.bpf line_num:13"), listing);
    assertTrue(listing.contains("pc+"), listing);
  }

  @ParameterizedTest
  @CsvSource({
    "HASH, 6, 12, 4, 1",
    "ARRAY, 4, 3, 4, 0",
    "PERCPU_ARRAY, 4, 8, 4, 0",
    "LRU_HASH, 16, 8, 4, 0",
    "LPM_TRIE, 8, 4, 4, 1",
    "SK_STORAGE, 4, 8, 0, 1",
    "RINGBUF, 0, 0, 65536, 0",
    "QUEUE, 0, 8, 4, 0",
    "PROG_ARRAY, 4, 4, 4, 0",
    "PERF_EVENT_ARRAY, 4, 4, 4, 0",
    "DEVMAP, 4, 4, 4, 0",
    "BLOOM_FILTER, 0, 8, 4, 0",
  })
  void mapsOfEveryKindAreMade(MapType type, int key, int value, int entries, int flags)
      throws IOException {
    var text = "r1 = map[m]\nr0 = 1\nexit";
    var map = ObjectMap.of(new MapRef("m"), new MapShape(type, key, value, entries, flags));
    var code = AsmText.parse(text, "m.bpf", Dialect.KERNEL);
    var pin = load(new BpfObject(List.of(program("cgroup/connect4", code)), List.of(map), "GPL"));
    var id = MAP_ID.matcher(Bpftool.run("-j", "prog", "show", "pinned", pin));
    assertTrue(id.find());
    var shown = Bpftool.run("-j", "map", "show", "id", id.group(1));
    assertTrue(shown.contains("\"bytes_key\":" + key + ",\"bytes_value\":" + value + ","), shown);
    assertTrue(shown.contains("\"max_entries\":" + entries + ","), shown);
    assertEquals(type.name().toLowerCase(java.util.Locale.ROOT), type(shown));
  }

  private static String type(String shown) {
    var matcher = Pattern.compile("\"type\":\"(\\w+)\"").matcher(shown);
    assertTrue(matcher.find(), shown);
    return matcher.group(1);
  }
}
