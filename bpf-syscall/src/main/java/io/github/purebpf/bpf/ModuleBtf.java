package io.github.purebpf.bpf;

import io.github.purebpf.bpf.error.BpfException;
import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.BpfBtfInfo;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Fd;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.btf.Btf;
import io.github.purebpf.btf.BtfType;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The types of a kernel module, held open: their ids mean something only together with the
 * descriptor.
 *
 * @param name the module
 * @param types its types, on top of the kernel's own
 */
record ModuleBtf(String name, Fd fd, Btf types) implements AutoCloseable {
  private static final int NAME_ROOM = 64;

  /**
   * The first module, by the number of its BTF, that has a type of a name and a sort ({@code
   * BPF_BTF_GET_NEXT_ID}, Linux 5.4; modules have BTF since 5.11).
   *
   * @param kernelTypes those of the kernel itself, which has no such type
   * @throws BpfException if the modules cannot be looked at, which takes CAP_SYS_ADMIN
   */
  static Optional<ModuleBtf> defining(
      Kernel kernel, Btf kernelTypes, String name, Class<? extends BtfType> sort) {
    int id = 0;
    while (true) {
      var next = nextId(kernel, id, name);
      if (next.isEmpty()) {
        return Optional.empty();
      }
      id = next.getAsInt();
      var module = open(kernel, kernelTypes, id);
      if (module.isPresent() && module.get().types().idOf(name, sort).isPresent()) {
        return module;
      }
      module.ifPresent(ModuleBtf::close);
    }
  }

  private static OptionalInt nextId(Kernel kernel, int id, String name) {
    try (var arena = Arena.ofConfined()) {
      var attr =
          BpfAttr.allocate(arena, Attr.GetId.NEXT_ID + Integer.BYTES).u32(Attr.GetId.START_ID, id);
      int result = kernel.bpf(Cmd.BTF_GET_NEXT_ID, attr);
      if (result == -Errno.ENOENT) {
        return OptionalInt.empty();
      }
      if (result < 0) {
        throw Failure.of(
                kernel,
                Cmd.BTF_GET_NEXT_ID,
                "a module with " + name + ", which the kernel itself does not have,")
            .needs(EnumSet.of(Capability.CAP_SYS_ADMIN))
            .exception(result);
      }
      return OptionalInt.of(attr.u32(Attr.GetId.NEXT_ID));
    }
  }

  /** Empty if the types are not a module's, or are gone by now. */
  private static Optional<ModuleBtf> open(Kernel kernel, Btf kernelTypes, int id) {
    int number = KernelBtf.open(kernel, id);
    if (number == -Errno.ENOENT) {
      return Optional.empty();
    }
    if (number < 0) {
      throw Failure.of(kernel, Cmd.BTF_GET_FD_BY_ID, "BTF " + id).exception(number);
    }
    var fd = new Fd(kernel, number, "BTF " + id);
    boolean taken = false;
    try (var arena = Arena.ofConfined()) {
      var info = arena.allocate(BpfBtfInfo.SIZE, 8);
      var name = arena.allocate(NAME_ROOM);
      info.set(ValueLayout.JAVA_LONG, BpfBtfInfo.NAME, name.address());
      info.set(ValueLayout.JAVA_INT, BpfBtfInfo.NAME_LEN, NAME_ROOM);
      KernelBtf.requestInfo(kernel, number, info);
      String module = name.getString(0);
      boolean ofKernel = info.get(ValueLayout.JAVA_INT, BpfBtfInfo.KERNEL_BTF) != 0;
      if (!ofKernel || module.equals("vmlinux")) {
        return Optional.empty();
      }
      var types = Btf.parse(ByteBuffer.wrap(KernelBtf.bytes(kernel, number)), kernelTypes);
      taken = true;
      return Optional.of(new ModuleBtf(module, fd, types));
    } finally {
      if (!taken) {
        fd.close();
      }
    }
  }

  @Override
  public void close() {
    fd.close();
  }
}
