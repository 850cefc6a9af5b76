package io.github.purebpf.elf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.asm.MapShape;
import io.github.purebpf.elf.ElfReader.RelocationEntry;
import io.github.purebpf.elf.ElfReader.SymbolEntry;
import io.github.purebpf.insn.AsmException;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.LoadImm64;
import io.github.purebpf.insn.LocalCall;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.text.AsmText;
import io.github.purebpf.text.Dialect;
import io.github.purebpf.uapi.MapType;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BpfObjectTest {
  private static final int GLOBAL = 1;
  private static final int OBJECT = 1;
  private static final int FUNC = 2;
  private static final int SECTION = 3;

  private static ByteOrder order(boolean little) {
    return little ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void isARelocatableFileForBpf(boolean little) {
    var bytes = ObjectFixtures.several().toElf(order(little));
    var elf = new ElfReader(bytes);
    assertEquals(order(little), elf.order());
    assertEquals("7f454c46", "%08x".formatted(elf.file().order(ByteOrder.BIG_ENDIAN).getInt(0)));
    elf = new ElfReader(bytes);
    assertEquals(2, bytes[4], "64 bits");
    assertEquals(1, elf.file().getShort(16), "ET_REL");
    assertEquals(247, elf.file().getShort(18), "EM_BPF");
    assertEquals(
        List.of(
            "",
            "cgroup/connect4",
            "xdp",
            ".text",
            "license",
            ".maps",
            ".BTF",
            ".BTF.ext",
            ".relcgroup/connect4",
            ".relxdp",
            ".symtab",
            ".strtab",
            ".shstrtab"),
        elf.names());
    assertArrayEquals("Dual MIT/GPL\0".getBytes(StandardCharsets.UTF_8), elf.bytes("license"));
  }

  @Test
  void noTwoSectionsOverlapAndEachIsAligned() {
    var bytes = ObjectFixtures.several().toElf(ByteOrder.LITTLE_ENDIAN);
    var elf = new ElfReader(bytes);
    long end = 64;
    for (var section : elf.sections().subList(1, elf.sections().size())) {
      assertTrue(section.offset() >= end, section.name());
      assertEquals(0, section.offset() % section.alignment(), section.name());
      end = section.offset() + section.size();
    }
    assertTrue(end <= elf.file().getLong(40));
    assertEquals(bytes.length, elf.file().getLong(40) + 64L * elf.sections().size());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void entriesAreInTheirSectionsAndFunctionsInText(boolean little) {
    var elf = new ElfReader(ObjectFixtures.several().toElf(order(little)));
    assertEquals(
        """
        r6 = r1
        r2 = *(u32 *)(r1 +4)
        *(u32 *)(r10 -4) = r2
        r2 = r10
        r2 += -4
        r1 = 0x0 ll
        call bpf_map_lookup_elem
        if r0 == 0x0 goto pc+2
        r1 = *(u32 *)(r0 +0)
        *(u32 *)(r6 +4) = r1
        f11:
        call f11
        exit
        r1 = 10
        r2 = 0x10 ll
        r3 = 0
        r4 = 0
        call bpf_loop
        f19:
        call f19
        exit
        """,
        text(elf, "cgroup/connect4"));
    var functions = BpfCode.decode(elf.bytes(".text"), elf.order()).insns();
    assertEquals(new LocalCall(2), functions.get(2), "within .text nothing is filled in");
    assertEquals(new LocalCall(2), functions.get(7));
    assertEquals(12, functions.size());
  }

  private static String text(ElfReader elf, String section) {
    var code = BpfCode.decode(elf.bytes(section), elf.order());
    return AsmText.print(code, Dialect.KERNEL).replace("\t", "").replaceAll("#\\d+", "");
  }

  @Test
  void symbolsNameProgramsFunctionsAndMaps() {
    var elf = new ElfReader(ObjectFixtures.several().toElf(ByteOrder.LITTLE_ENDIAN));
    assertEquals(
        List.of(
            new SymbolEntry(".text", 0, SECTION, 3, 0, 0),
            new SymbolEntry("verdict", 0, FUNC, 3, 0, 16),
            new SymbolEntry("each", 0, FUNC, 3, 16, 24),
            new SymbolEntry("one", 0, FUNC, 3, 40, 16),
            new SymbolEntry("each", 0, FUNC, 3, 56, 24),
            new SymbolEntry("one", 0, FUNC, 3, 80, 16),
            new SymbolEntry("sock4_connect", GLOBAL, FUNC, 1, 0, 104),
            new SymbolEntry("loop_connect", GLOBAL, FUNC, 1, 104, 64),
            new SymbolEntry("loop_xdp", GLOBAL, FUNC, 2, 0, 64),
            new SymbolEntry("services", GLOBAL, OBJECT, 5, 0, 40)),
        elf.symbols());
    var table = elf.section(".symtab");
    assertEquals(7, table.info(), "the first that is global");
    assertEquals(".strtab", elf.sections().get(table.link()).name());
  }

  @Test
  void whatRefersToAMapOrAFunctionIsFilledInLater() {
    var elf = new ElfReader(ObjectFixtures.several().toElf(ByteOrder.BIG_ENDIAN));
    assertEquals(
        List.of(
            new RelocationEntry(40, "services", 1),
            new RelocationEntry(88, "verdict", 10),
            new RelocationEntry(112, ".text", 1),
            new RelocationEntry(152, "one", 10)),
        elf.relocations(".relcgroup/connect4"));
    assertEquals(
        List.of(new RelocationEntry(8, ".text", 1), new RelocationEntry(48, "one", 10)),
        elf.relocations(".relxdp"));
    var table = elf.section(".relxdp");
    assertEquals("xdp", elf.sections().get(table.info()).name());
    assertEquals(".symtab", elf.sections().get(table.link()).name());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void linesAndNamesAreCountedInTheSectionTheyAreIn(boolean little) {
    var object = ObjectFixtures.several();
    var ext = new ExtReader(new ElfReader(object.toElf(order(little))));
    assertEquals(
        List.of(
            "cgroup/connect4 0 sock4_connect",
            "cgroup/connect4 104 loop_connect",
            "xdp 0 loop_xdp",
            ".text 0 verdict",
            ".text 16 each",
            ".text 40 one",
            ".text 56 each",
            ".text 80 one"),
        ext.functions());
    var expected = new ArrayList<String>();
    var text = new ArrayList<String>();
    expected.add("cgroup/connect4 0 sock4_connect.bpf:1 r6 = r1");
    expected.add("cgroup/connect4 104 loop_connect.bpf:1 r1 = 10");
    text.add(".text 0 sock4_connect.bpf:15 r0 = 1");
    text.add(".text 80 loop_xdp.bpf:13 r0 = 1");
    assertTrue(ext.lines().containsAll(expected), ext.lines().toString());
    assertTrue(ext.lines().containsAll(text), ext.lines().toString());
    assertEquals(12 + 7 + 7 + 12, ext.lines().size());
  }

  @Test
  void theSameObjectMakesTheSameBytes() {
    assertArrayEquals(
        ObjectFixtures.several().toElf(ByteOrder.LITTLE_ENDIAN),
        ObjectFixtures.several().toElf(ByteOrder.LITTLE_ENDIAN));
  }

  @Test
  void aCodeWithoutLinesFunctionsOrMapsMakesASmallObject() {
    var code =
        BpfCode.decode(new byte[] {(byte) 0x95, 0, 0, 0, 0, 0, 0, 0}, ByteOrder.nativeOrder());
    var object = new BpfObject(List.of(new ObjectProgram("p", "xdp", code)), List.of(), "");
    var elf = new ElfReader(object.toElf(ByteOrder.LITTLE_ENDIAN));
    assertEquals(
        List.of("", "xdp", "license", ".BTF", ".BTF.ext", ".symtab", ".strtab", ".shstrtab"),
        elf.names());
    var ext = new ExtReader(elf);
    assertEquals(List.of("xdp 0 p"), ext.functions());
    assertEquals(List.of(), ext.lines());
  }

  @Test
  void refusesWhatAnObjectCannotExpressAndNamesTheLine() {
    refuses(
        "r0 = 1\nr1 = map[other]\nexit", "p.bpf:2: map other is not among the maps of the object");
    refuses(
        "r1 = map[services][0]+4\nexit",
        "p.bpf:1: an object cannot express the address of a value of map services; look it up");
    refuses(
        "call bpf_rcu_read_lock\nexit",
        "p.bpf:1: an object would need the prototype of kfunc bpf_rcu_read_lock; call its BTF id");
    refuses(
        "main: call f\nexit\nf: call main\nexit",
        "p.bpf:3: the entry is called; in an object, only the other functions are");
    refuses(
        "call f\ngoto pc+1\nf: r0 = 1\nexit", "p.bpf:2: the jump to slot 3 leaves its function");
    refuses("call pc+100\nexit", "p.bpf:1: there is no function at slot 101");
  }

  private static void refuses(String text, String problem) {
    var object =
        new BpfObject(
            List.of(ObjectFixtures.program("p", "xdp", text)),
            List.of(ObjectFixtures.services()),
            "GPL");
    var e = assertThrows(AsmException.class, () -> object.toElf(ByteOrder.LITTLE_ENDIAN));
    assertEquals(problem, e.getMessage());
  }

  @Test
  void refusesNamesThatDoNotFit() {
    var code = BpfCode.of(List.of(new LoadImm64(Reg.R0, new Imm64.Const(1))));
    for (var name : new String[] {"", "a b", "a-b", "1a", "é"}) {
      assertThrows(
          IllegalArgumentException.class, () -> new ObjectProgram(name, "xdp", code), name);
    }
    for (var section : new String[] {"", ".text", ".maps", "license", "maps", "a b", "a\0"}) {
      assertThrows(
          IllegalArgumentException.class, () -> new ObjectProgram("p", section, code), section);
    }
    var program = new ObjectProgram("p", "xdp", code);
    assertThrows(
        IllegalArgumentException.class, () -> new ObjectProgram("p", "xdp", BpfCode.of(List.of())));
    assertThrows(IllegalArgumentException.class, () -> new BpfObject(List.of(), List.of(), "GPL"));
    assertThrows(
        IllegalArgumentException.class,
        () -> new BpfObject(List.of(program, program), List.of(), "GPL"));
    var map = ObjectMap.of(new MapRef("p"), MapShape.of(MapType.HASH, 4, 4, 1));
    assertThrows(
        IllegalArgumentException.class, () -> new BpfObject(List.of(program), List.of(map), "GPL"));
    assertThrows(
        IllegalArgumentException.class, () -> new BpfObject(List.of(program), List.of(), "G\0PL"));
  }
}
