package io.github.purebpf.bpf.internal.query;

import io.github.purebpf.bpf.internal.sys.BpfBtfInfo;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.btf.Btf;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/** Type information that the kernel holds, by its id. */
public final class KernelTypes {
  private static final InfoArray TYPES =
      InfoArray.of(BpfBtfInfo.BTF, BpfBtfInfo.BTF_SIZE, Byte.BYTES);
  private static final InfoArray NAME = InfoArray.ofText(BpfBtfInfo.NAME, BpfBtfInfo.NAME_LEN);
  private static final String VMLINUX = "vmlinux";

  private KernelTypes() {}

  /** The types of an id, those of a module together with the kernel's own, which they continue. */
  public static Btf read(Kernel kernel, int id) {
    int fd = IdSpace.BTF.open(kernel, id);
    try (var arena = Arena.ofConfined()) {
      var title = IdSpace.BTF.title(id);
      var info = ObjectInfo.of(kernel, fd, title, arena, BpfBtfInfo.SIZE, TYPES, NAME);
      var types = ByteBuffer.wrap(info.array(TYPES).toArray(ValueLayout.JAVA_BYTE));
      boolean module = info.u32(BpfBtfInfo.KERNEL_BTF) != 0 && !info.text(NAME).equals(VMLINUX);
      return module ? Btf.parse(types, ofTheKernel(kernel)) : Btf.parse(types);
    } finally {
      kernel.close(fd);
    }
  }

  private static Btf ofTheKernel(Kernel kernel) {
    for (int id : IdSpace.BTF.all(kernel)) {
      if (isVmlinux(kernel, id)) {
        return read(kernel, id);
      }
    }
    throw new IllegalStateException("the kernel lists type information of modules, not its own");
  }

  private static boolean isVmlinux(Kernel kernel, int id) {
    var fd = IdSpace.BTF.find(kernel, id);
    if (fd.isEmpty()) {
      return false;
    }
    try (var arena = Arena.ofConfined()) {
      var title = IdSpace.BTF.title(id);
      var info = ObjectInfo.of(kernel, fd.getAsInt(), title, arena, BpfBtfInfo.SIZE, NAME);
      return info.u32(BpfBtfInfo.KERNEL_BTF) != 0 && info.text(NAME).equals(VMLINUX);
    } finally {
      kernel.close(fd.getAsInt());
    }
  }
}
