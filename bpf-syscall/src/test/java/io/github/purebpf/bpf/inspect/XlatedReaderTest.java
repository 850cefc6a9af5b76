package io.github.purebpf.bpf.inspect;

import static io.github.purebpf.bpf.FakeObjects.array;
import static io.github.purebpf.bpf.FakeObjects.bytes;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.FakeObjects;
import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.MissingPrivilegeException;
import io.github.purebpf.bpf.internal.query.IdSpace;
import io.github.purebpf.bpf.internal.query.InfoArray;
import io.github.purebpf.bpf.internal.query.KernelSymbols;
import io.github.purebpf.bpf.internal.sys.BpfBtfInfo;
import io.github.purebpf.bpf.internal.sys.BpfProgInfo;
import io.github.purebpf.btf.BtfBuilder;
import io.github.purebpf.btf.BtfType;
import io.github.purebpf.insn.Exit;
import io.github.purebpf.insn.HelperCall;
import io.github.purebpf.insn.Kfunc;
import io.github.purebpf.insn.KfuncCall;
import io.github.purebpf.insn.RawInsn;
import io.github.purebpf.insn.Slot;
import io.github.purebpf.insn.SourceLine;
import io.github.purebpf.uapi.Helper;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class XlatedReaderTest {
  private static final InfoArray CODE =
      InfoArray.of(BpfProgInfo.XLATED_PROG_INSNS, BpfProgInfo.XLATED_PROG_LEN, 1);
  private static final InfoArray BTF = InfoArray.of(BpfBtfInfo.BTF, BpfBtfInfo.BTF_SIZE, 1);

  private static final String KALLSYMS =
      """
      ffffffff80000000 T _text
      ffffffff81000000 T __bpf_call_base
      ffffffff81000100 T bpf_ktime_get_ns
      ffffffff80ffff00 t __htab_map_lookup_elem
      ffffffffc0001000 t bpf_kfunc\t[module]
      """;

  private final FakeObjects kernel = new FakeObjects();

  @TempDir private Path folder;
  private Path kallsyms;

  @BeforeEach
  void list() throws IOException {
    kallsyms = Files.writeString(folder.resolve("kallsyms"), KALLSYMS);
  }

  private static byte[] code(Slot... slots) {
    var out = ByteBuffer.allocate(slots.length * Slot.BYTES).order(ByteOrder.nativeOrder());
    for (var slot : slots) {
      slot.write(out);
    }
    return out.array();
  }

  private static final Slot EXIT = new Slot(0x95, 0, 0, 0, 0);

  private static Slot call(int src, int offset, int imm) {
    return new Slot(0x85, 0, src, offset, imm);
  }

  private XlatedCode read(FakeObjects.Info info) {
    kernel.put(IdSpace.PROGRAM, 1, info);
    int fd = IdSpace.PROGRAM.open(kernel, 1);
    try {
      return new XlatedReader(kernel, fd, "program with id 1", kallsyms).read();
    } finally {
      kernel.close(fd);
      assertEquals(0, kernel.descriptors());
    }
  }

  private XlatedCode read(Slot... slots) {
    return read(
        info -> {
          bytes(info, CODE, code(slots));
          return 0;
        });
  }

  private static List<String> texts(XlatedCode code) {
    return code.insns().stream().map(XlatedInsn::toString).toList();
  }

  @Test
  void callsHaveTheNamesOfWhatTheyCall() {
    var code =
        read(call(0, 0, 0x100), call(0, 0, -0x100), call(2, 0, 0x3f001000), call(0, 0, 12), EXIT);
    assertEquals(
        List.of(
            new HelperCall(Helper.KTIME_GET_NS.id()),
            new KfuncCall(new Kfunc.Named("__htab_map_lookup_elem")),
            new KfuncCall(new Kfunc.Named("bpf_kfunc")),
            new HelperCall(Helper.TAIL_CALL.id()),
            new Exit()),
        code.code().insns());
    assertEquals(
        List.of(
            "0: call bpf_ktime_get_ns#5",
            "1: call __htab_map_lookup_elem",
            "2: call bpf_kfunc",
            "3: call bpf_tail_call#12",
            "4: exit"),
        texts(code));
  }

  @Test
  void withoutAddressesCallsKeepTheirNumbers() throws IOException {
    kallsyms =
        Files.writeString(kallsyms, KALLSYMS.replaceAll("(?m)^f[0-9a-f]+", "0000000000000000"));
    var code = read(call(0, 0, 0x100), call(0, 0, 0), EXIT);
    assertEquals(
        List.of(new HelperCall(0x100), new HelperCall(0), new Exit()), code.code().insns());
    assertEquals(Map.of(), KernelSymbols.named(folder.resolve("none"), Set.of(1)));
  }

  @Test
  void localCallsAndCallbacksPointAgainToTheirFunctions() {
    var code =
        read(call(1, 3, 1), new Slot(0x18, 2, 4, 0, 3), new Slot(0, 0, 0, 0, 2), EXIT, EXIT, EXIT);
    assertEquals(
        List.of("0: call pc+3", "1: r2 = subprog[+3]", "3: exit", "4: exit", "5: exit"),
        texts(code));
    assertEquals(List.of(0, 4, 5), code.functions().stream().map(XlatedFunction::slot).toList());
  }

  @Test
  void whatOnlyTheKernelWritesSurvives() {
    var nospec = new Slot(0xc2, 0, 0, 0, 0);
    var percpu = new Slot(0xbf, 3, 4, -1, 0);
    var future = new Slot(0xe7, 1, 2, 3, 4);
    var code = read(nospec, percpu, future, EXIT);
    assertEquals(
        List.of(new RawInsn(nospec), new RawInsn(percpu), new RawInsn(future), new Exit()),
        code.code().insns());
    assertEquals("0: nospec", texts(code).get(0));
    assertEquals("1: r3 = &(void __percpu *)(r4)", texts(code).get(1));
    assertEquals("2: .slot 0xe7, 1, 2, 3, 0x4", texts(code).get(2));
    assertTrue(code.toString().contains("   2: (e7) .slot"), code::toString);
  }

  /** Records of 24 bytes, of which this library knows 8 and 16. */
  @Test
  void longerRecordsOfNewerKernelsAreRead() {
    var types = new BtfBuilder();
    int proto = types.add(new BtfType.FuncProto(0, List.of()));
    int main = types.add(new BtfType.Func("entry", proto, BtfType.Linkage.STATIC));
    int file = types.string("A.java");
    int text = types.string("r0 = 1");
    byte[] btf = types.build(ByteOrder.nativeOrder());
    kernel.put(
        IdSpace.BTF,
        7,
        info -> {
          bytes(info, BTF, btf);
          return 0;
        });
    var code =
        read(
            info -> {
              bytes(info, CODE, code(EXIT, EXIT, EXIT));
              info.set(JAVA_INT, BpfProgInfo.BTF_ID, 7);
              records(
                  info,
                  BpfProgInfo.FUNC_INFO,
                  BpfProgInfo.NR_FUNC_INFO,
                  BpfProgInfo.FUNC_INFO_REC_SIZE,
                  new int[][] {{0, main, -1, -1, -1, -1}});
              records(
                  info,
                  BpfProgInfo.LINE_INFO,
                  BpfProgInfo.NR_LINE_INFO,
                  BpfProgInfo.LINE_INFO_REC_SIZE,
                  new int[][] {
                    {0, file, text, 0, -1, -1}, {1, file, text, 47 << 10 | 3, -1, -1},
                  });
              return 0;
            });
    var line = new SourceLine("A.java", 47, 3, "r0 = 1");
    assertEquals(
        List.of(Optional.empty(), Optional.of(line), Optional.of(line)),
        code.insns().stream().map(XlatedInsn::line).toList());
    assertEquals(
        List.of(new XlatedFunction(0, "entry", OptionalLong.empty(), 0)), code.functions());
    assertEquals(
        """
        entry:
           0: (95) exit
        ; r0 = 1 [file:A.java line_num:47 line_col:3]
           1: (95) exit
           2: (95) exit
        """,
        code.toString());
  }

  private static void records(
      MemorySegment info, int pointer, int count, int size, int[]... records) {
    int room = info.get(JAVA_INT, count);
    if (room > 0) {
      assertEquals(24, info.get(JAVA_INT, size), "the kernel refuses any other size");
      var flat = Arrays.stream(records).flatMapToInt(Arrays::stream).toArray();
      var all = InfoArray.of(pointer, count, Integer.BYTES);
      info.set(JAVA_INT, count, flat.length);
      array(info, all, flat);
    }
    info.set(JAVA_INT, count, records.length);
    info.set(JAVA_INT, size, 24);
  }

  @Test
  void codeThatTheKernelDoesNotTellIsAMissingPrivilege() {
    kernel.put(IdSpace.PROGRAM, 1, _ -> 0);
    int fd = IdSpace.PROGRAM.open(kernel, 1);
    kernel.takePrivileges();
    var e =
        assertThrows(
            MissingPrivilegeException.class,
            () -> new XlatedReader(kernel, fd, "program p", kallsyms).read());
    assertEquals(Set.of(Capability.CAP_BPF), e.needed());
    assertTrue(e.getMessage().contains("the code of program p needs CAP_BPF"), e.getMessage());
  }

  @Test
  void blindedCodeIsSaidToBeBlinded() {
    var e =
        assertThrows(
            KernelErrorException.class,
            () ->
                read(
                    info -> {
                      bytes(info, CODE, code(EXIT));
                      info.set(JAVA_LONG, BpfProgInfo.XLATED_PROG_INSNS, 0);
                      return 0;
                    }));
    assertTrue(e.getMessage().contains("net.core.bpf_jit_harden"), e.getMessage());
  }

  @Test
  void aListingOfPlainCodeHasTheNameOfTheProgram() {
    var code =
        read(
            info -> {
              bytes(info, CODE, BpfCode.build(b -> b.returning(1)).encode(ByteOrder.nativeOrder()));
              info.asSlice(BpfProgInfo.NAME).setString(0, "plain");
              return 0;
            });
    assertEquals("plain:\n   0: (b7) r0 = 1\n   1: (95) exit\n", code.toString());
  }
}
