package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.btf.Btf;
import io.github.purebpf.btf.BtfBuilder;
import io.github.purebpf.btf.CInt;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.layout.Struct;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MapCreatorTest {
  record Backend(int address) {}

  private static final MapSpec<Integer, Backend> SPEC =
      MapSpec.hash(
          new MapRef("vips"),
          Codec.s32(),
          Codec.of(Struct.of(Backend.class), MethodHandles.lookup()),
          8);

  private final FakeKernel kernel = new FakeKernel();

  @BeforeEach
  void takeBtf() {
    kernel.takesBtf = true;
  }

  @Test
  void theTypesOfKeyAndValueAreThoseOfTheCodecs() {
    var btf = new Btf[1];
    kernel.answer =
        (command, attr) -> {
          if (command == Cmd.BTF_LOAD) {
            long at = attr.bytes().get(ValueLayout.JAVA_LONG, Attr.BtfLoad.BTF);
            btf[0] = Btf.parse(FakeKernel.bytesAt(at, attr.u32(Attr.BtfLoad.BTF_SIZE)));
          }
          return kernel.newFd();
        };
    BpfMap.create(kernel, SPEC);
    var create = kernel.calls(Cmd.MAP_CREATE).getFirst();
    assertEquals(60, create.attr().capacity());
    assertEquals(3, create.u32(Attr.MapCreate.BTF_FD));
    assertEquals("__s32", btf[0].type(create.u32(Attr.MapCreate.BTF_KEY_TYPE_ID)).name());
    assertEquals("Backend", btf[0].type(create.u32(Attr.MapCreate.BTF_VALUE_TYPE_ID)).name());
    assertEquals(List.of("close 3"), kernel.others);
  }

  @Test
  void aRefusedTypeIsLeftOut() {
    kernel.answer = (_, attr) -> attr.bytes().byteSize() == 60 ? -Errno.ENOTSUPP : kernel.newFd();
    BpfMap.create(kernel, SPEC);
    assertEquals(
        List.of(60, 44),
        kernel.calls(Cmd.MAP_CREATE).stream().map(call -> call.attr().capacity()).toList());
    assertEquals(1, kernel.open.size());
  }

  @Test
  void whatTheKernelSaysToTheMapAloneCounts() {
    kernel.answer =
        (command, attr) ->
            command == Cmd.BTF_LOAD
                ? kernel.newFd()
                : attr.bytes().byteSize() == 60 ? -Errno.EINVAL : -Errno.E2BIG;
    var e = assertThrows(KernelErrorException.class, () -> BpfMap.create(kernel, SPEC));
    assertEquals("E2BIG", e.errnoName());
    assertTrue(kernel.open.isEmpty());
  }

  @Test
  void aCodecWhoseTypeHasAnotherSizeIsRefused() {
    var wrong =
        new Codec<Integer>() {
          @Override
          public int size() {
            return 4;
          }

          @Override
          public void write(Integer value, MemorySegment to) {}

          @Override
          public Integer read(MemorySegment from) {
            return 0;
          }

          @Override
          public int cType(BtfBuilder types) {
            return CInt.U64.in(types);
          }
        };
    var spec = MapSpec.hash(new MapRef("vips"), Codec.u32(), wrong, 8);
    var e = assertThrows(IllegalArgumentException.class, () -> BpfMap.create(kernel, spec));
    assertEquals("map vips: the C type of its values has 8 bytes, their codec 4", e.getMessage());
  }
}
