package io.github.purebpf.bpf.inspect;

import io.github.purebpf.bpf.internal.query.InfoArray;
import io.github.purebpf.bpf.internal.query.ObjectInfo;
import io.github.purebpf.bpf.internal.sys.BpfBtfInfo;
import io.github.purebpf.bpf.internal.sys.Kernel;
import java.lang.foreign.Arena;
import java.util.Objects;

/**
 * Type information that the kernel holds ({@code bpf_btf_info}, Linux 4.18): its own, that of its
 * modules, and that of programs and maps.
 *
 * @param id unique while it lives
 * @param name {@code vmlinux} or that of a module; empty for that of programs and maps; Linux 5.11
 * @param kernel whether it is of the kernel or a module; Linux 5.11
 * @param size its bytes
 */
public record BtfInfo(int id, String name, boolean kernel, int size) {
  private static final InfoArray NAME = InfoArray.ofText(BpfBtfInfo.NAME, BpfBtfInfo.NAME_LEN);

  /** Refuses null. */
  public BtfInfo {
    Objects.requireNonNull(name, "name");
  }

  static BtfInfo read(Kernel kernel, int fd, String title) {
    try (var arena = Arena.ofConfined()) {
      var info = ObjectInfo.of(kernel, fd, title, arena, BpfBtfInfo.SIZE, NAME);
      return new BtfInfo(
          info.u32(BpfBtfInfo.ID),
          info.text(NAME),
          info.u32(BpfBtfInfo.KERNEL_BTF) != 0,
          info.u32(BpfBtfInfo.BTF_SIZE));
    }
  }
}
