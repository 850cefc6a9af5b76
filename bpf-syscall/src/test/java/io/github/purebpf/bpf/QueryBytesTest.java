package io.github.purebpf.bpf;

import static io.github.purebpf.bpf.ExpectedAttr.only;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.purebpf.bpf.internal.query.AttachedList;
import io.github.purebpf.bpf.internal.query.AttachedList.Detail;
import io.github.purebpf.bpf.internal.query.IdSpace;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.uapi.ProgramType;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The exact bytes of looking at what there is: ids, objects by id, programs at a hook. */
class QueryBytesTest {
  private final FakeKernel kernel = new FakeKernel();

  @ParameterizedTest
  @CsvSource({
    "PROGRAM, PROG_GET_NEXT_ID",
    "MAP, MAP_GET_NEXT_ID",
    "BTF, BTF_GET_NEXT_ID",
    "LINK, LINK_GET_NEXT_ID"
  })
  void aListOfIdsBeginsWithZeroAndGoesOnWithTheLast(IdSpace space, Cmd command) {
    kernel.answer =
        (_, attr) -> {
          if (attr.u32(0) == 9) {
            return -Errno.ENOENT;
          }
          attr.u32(4, attr.u32(0) == 0 ? 4 : 9);
          return 0;
        };
    assertArrayEquals(new int[] {4, 9}, space.all(kernel));
    var calls = kernel.calls(command);
    assertEquals(3, kernel.calls.size());
    new ExpectedAttr(8).matches(calls.get(0));
    // The last answer is still there; the kernel writes over it.
    new ExpectedAttr(8).u32(0, 4).u32(4, 4).matches(calls.get(1));
    new ExpectedAttr(8).u32(0, 9).u32(4, 9).matches(calls.get(2));
  }

  @ParameterizedTest
  @CsvSource({
    "PROGRAM, PROG_GET_FD_BY_ID",
    "MAP, MAP_GET_FD_BY_ID",
    "BTF, BTF_GET_FD_BY_ID",
    "LINK, LINK_GET_FD_BY_ID"
  })
  void anObjectIsOpenedByItsId(IdSpace space, Cmd command) {
    kernel.answer = (_, _) -> kernel.newFd();
    assertEquals(3, space.open(kernel, 77));
    new ExpectedAttr(12).u32(0, 77).matches(only(kernel, command));
  }

  @Test
  void typesOfAProgramAreOpenedByTheirId() {
    kernel.answer = (_, _) -> kernel.newFd();
    assertEquals(3, KernelBtf.open(kernel, 78));
    new ExpectedAttr(12).u32(0, 78).matches(only(kernel, Cmd.BTF_GET_FD_BY_ID));
  }

  @Test
  void aHookIsAskedForItsCountAndThenForThePrograms() {
    kernel.answer =
        (_, attr) -> {
          if (attr.u32(24) < 2) {
            attr.u32(24, 2);
            return attr.bytes().get(JAVA_LONG, 16) == 0 ? 0 : -Errno.ENOSPC;
          }
          var ids = FakeKernel.at(attr.bytes().get(JAVA_LONG, 16), 8);
          ids.setAtIndex(JAVA_INT, 0, 50);
          ids.setAtIndex(JAVA_INT, 1, 51);
          var links = FakeKernel.at(attr.bytes().get(JAVA_LONG, 40), 8);
          links.setAtIndex(JAVA_INT, 1, 60);
          attr.bytes().set(JAVA_LONG, 56, 12);
          return 0;
        };
    var list = AttachedList.of(kernel, 5, 46, 1, Detail.LINKS);
    assertEquals(
        List.of(new AttachedList.Entry(50, 0, 0), new AttachedList.Entry(51, 60, 0)),
        list.entries());
    assertEquals(12, list.revision());
    var calls = kernel.calls(Cmd.PROG_QUERY);
    assertEquals(2, calls.size());
    new ExpectedAttr(64).u32(0, 5).u32(4, 46).u32(8, 1).matches(calls.getFirst());
    var second = calls.getLast();
    new ExpectedAttr(64)
        .u32(0, 5)
        .u32(4, 46)
        .u32(8, 1)
        .pointers(second, 16, 32, 40)
        .u32(24, 2)
        .matches(second);
  }

  @Test
  void aRevisionIsAskedForWithoutRoomForPrograms() {
    var program =
        BpfProgram.load(
            kernel,
            new ProgramSpec("p", ProgramType.SCHED_CLS, Optional.empty(), Fixtures.PASS, "", 0));
    kernel.answer =
        (_, attr) -> {
          attr.bytes().set(JAVA_LONG, 56, 4);
          return 0;
        };
    assertEquals(4, program.revisionAt(new AttachPoint.Tcx(6, AttachPoint.Tcx.Direction.INGRESS)));
    new ExpectedAttr(64).u32(0, 6).u32(4, 46).matches(only(kernel, Cmd.PROG_QUERY));
  }
}
