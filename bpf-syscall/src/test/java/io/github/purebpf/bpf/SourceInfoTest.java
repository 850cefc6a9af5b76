package io.github.purebpf.bpf;

import static io.github.purebpf.insn.Reg.R0;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.VerifierException;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.btf.ProgramBtf;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SourceInfoTest {
  private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

  private final FakeKernel kernel = new FakeKernel();
  private final ProgramSpec spec =
      ProgramSpec.connect4("one", BpfCode.build(b -> b.mov(R0, 1).exit()));
  private final ProgramBtf source = ProgramBtf.of(spec.code(), spec.name());

  @BeforeEach
  void takeBtf() {
    kernel.takesBtf = true;
  }

  @AfterEach
  void onlyProgramsStayOpen() {
    assertTrue(kernel.open.size() <= 1, kernel.open::toString);
  }

  private static boolean hasInfo(BpfAttr attr) {
    return attr.u32(Attr.ProgLoad.PROG_BTF_FD) != 0;
  }

  private List<String> asked() {
    return kernel.calls.stream()
        .map(
            call ->
                call.command() == Cmd.PROG_LOAD && call.u32(Attr.ProgLoad.PROG_BTF_FD) == 0
                    ? "PROG_LOAD without"
                    : call.command().name())
        .toList();
  }

  @Test
  void theBtfIsLoadedFirstAndClosedAfterwards() {
    byte[] btf = source.types().build(NATIVE);
    kernel.answer =
        (command, attr) -> {
          if (command == Cmd.BTF_LOAD) {
            assertEquals(btf.length, attr.u32(Attr.BtfLoad.BTF_SIZE));
            assertArrayEquals(btf, pointedTo(attr, Attr.BtfLoad.BTF, btf.length));
          } else {
            assertEquals(3, attr.u32(Attr.ProgLoad.PROG_BTF_FD));
            assertEquals(8, attr.u32(Attr.ProgLoad.FUNC_INFO_REC_SIZE));
            assertEquals(1, attr.u32(Attr.ProgLoad.FUNC_INFO_CNT));
            assertArrayEquals(source.funcInfo(NATIVE), pointedTo(attr, Attr.ProgLoad.FUNC_INFO, 8));
            assertEquals(16, attr.u32(Attr.ProgLoad.LINE_INFO_REC_SIZE));
            assertEquals(2, attr.u32(Attr.ProgLoad.LINE_INFO_CNT));
            assertArrayEquals(
                source.lineInfo(NATIVE), pointedTo(attr, Attr.ProgLoad.LINE_INFO, 32));
          }
          return kernel.newFd();
        };
    BpfProgram.load(kernel, spec);
    assertEquals(List.of("BTF_LOAD", "PROG_LOAD"), asked());
    assertEquals(List.of("close 3"), kernel.others);
  }

  private static byte[] pointedTo(BpfAttr attr, int field, int size) {
    return FakeKernel.bytesAt(attr.bytes().get(ValueLayout.JAVA_LONG, field), size);
  }

  @Test
  void nothingIsToldOnRequest() {
    BpfProgram.load(kernel, spec.withoutSourceInfo());
    assertEquals(List.of("PROG_LOAD without"), asked());
  }

  @Test
  void aProcessThatMayNotLoadBtfGoesWithout() {
    kernel.answer = (command, _) -> command == Cmd.BTF_LOAD ? -Errno.EPERM : kernel.newFd();
    BpfProgram.load(kernel, spec);
    assertEquals(List.of("BTF_LOAD", "PROG_LOAD without"), asked());
  }

  @Test
  void aKernelThatTakesNoBtfGetsNone() {
    kernel.answer = (command, _) -> command == Cmd.BTF_LOAD ? -Errno.EINVAL : kernel.newFd();
    BpfProgram.load(kernel, spec);
    // The second is the probe, which tells a kernel without BTF from BTF that is wrong.
    assertEquals(List.of("BTF_LOAD", "BTF_LOAD", "PROG_LOAD without"), asked());
  }

  @Test
  void aKernelThatTakesBtfButNoInfoIsFoundOutByAProbe() {
    kernel.answer =
        (command, attr) ->
            command == Cmd.PROG_LOAD && hasInfo(attr) ? -Errno.E2BIG : kernel.newFd();
    BpfProgram.load(kernel, spec);
    assertEquals(
        List.of(
            "BTF_LOAD",
            "PROG_LOAD",
            "PROG_LOAD",
            "BTF_LOAD",
            "PROG_LOAD",
            "PROG_LOAD without",
            "PROG_LOAD without"),
        asked());
  }

  @Test
  void whereTheProbeSucceedsTheRefusalStands() {
    kernel.answer =
        (command, attr) -> {
          boolean probe =
              command == Cmd.PROG_LOAD
                  && "probe".equals(new String(name(attr), StandardCharsets.US_ASCII));
          return command == Cmd.PROG_LOAD && !probe ? -Errno.EINVAL : kernel.newFd();
        };
    var e = assertThrows(KernelErrorException.class, () -> BpfProgram.load(kernel, spec));
    assertEquals("EINVAL", e.errnoName());
    assertTrue(e.getMessage().contains("do not go together"), e.getMessage());
  }

  private static byte[] name(BpfAttr attr) {
    return attr.bytes().asSlice(Attr.ProgLoad.PROG_NAME, 5).toArray(ValueLayout.JAVA_BYTE);
  }

  @Test
  void aVerifierThatSaysWhyIsNotAskedAgain() {
    kernel.answer =
        (command, attr) -> {
          if (command == Cmd.BTF_LOAD) {
            return kernel.newFd();
          }
          if (attr.u32(Attr.ProgLoad.LOG_LEVEL) != 0) {
            long log = attr.bytes().get(ValueLayout.JAVA_LONG, Attr.ProgLoad.LOG_BUF);
            FakeKernel.at(log, 4096).setString(0, "; exit @ Far.java:12\nunlucky\n");
          }
          return -Errno.EINVAL;
        };
    var e = assertThrows(VerifierException.class, () -> BpfProgram.load(kernel, spec));
    assertEquals(List.of("BTF_LOAD", "PROG_LOAD", "PROG_LOAD"), asked());
    // Where the log tells no instruction, the line that it names is the place.
    assertEquals("Far.java:12", e.sourceLine().orElseThrow().toString());
    assertEquals(
        "the verifier rejected program one (EINVAL): unlucky; at Far.java:12", e.getMessage());
  }

  @Test
  void btfThatTheKernelRefusesIsReportedWithItsWords() {
    kernel.answer =
        (command, attr) -> {
          if (command == Cmd.PROG_LOAD) {
            return kernel.newFd();
          }
          if (kernel.calls(Cmd.BTF_LOAD).size() == 2) {
            return kernel.newFd();
          }
          if (attr.bytes().byteSize() > Attr.BtfLoad.BTF_LOG_LEVEL) {
            long log = attr.bytes().get(ValueLayout.JAVA_LONG, Attr.BtfLoad.BTF_LOG_BUF);
            FakeKernel.at(log, 4096).setString(0, "[1] INT int size=4\n[3] FUNC Invalid name\n");
          }
          return -Errno.EINVAL;
        };
    var e = assertThrows(KernelErrorException.class, () -> BpfProgram.load(kernel, spec));
    assertEquals("BPF_BTF_LOAD", e.command());
    assertEquals(
        "BPF_BTF_LOAD of program one failed with EINVAL (22): the kernel says [3] FUNC Invalid"
            + " name; the spec's withoutSourceInfo() avoids it",
        e.getMessage());
  }

  @Test
  void otherErrorsAreErrors() {
    kernel.answer = (_, _) -> -Errno.EMFILE;
    var e = assertThrows(KernelErrorException.class, () -> BpfProgram.load(kernel, spec));
    assertEquals("EMFILE", e.errnoName());
    assertEquals(List.of("BTF_LOAD", "BTF_LOAD"), asked());
  }
}
