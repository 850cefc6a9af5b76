package io.github.purebpf.bpf;

import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.uapi.MapType;

/** What errors mean for a map's elements. */
final class MapFailure {
  private MapFailure() {}

  static Failure of(KernelMap map, Cmd command) {
    var shape = map.shape();
    var failure =
        Failure.of(map.kernel(), command, map.title())
            .hint(Errno.ENOENT, "no such key")
            .hint(Errno.ENOTSUPP, shape.type().kernelName() + " does not know this operation")
            .hint(
                Errno.EPERM,
                "it is frozen, or its flags (0x%x) or its pin do not let this process do it"
                    .formatted(shape.flags()))
            .hint(
                Errno.E2BIG,
                shape.type() == MapType.ARRAY
                    ? "the key is outside 0 to " + (shape.maxEntries() - 1)
                    : "it is full, with " + shape.maxEntries() + " entries");
    if (shape.type() == MapType.ARRAY) {
      failure
          .hint(Errno.EINVAL, "the entries of an array cannot be removed")
          .hint(Errno.EEXIST, "the entries of an array always exist");
    }
    return failure;
  }
}
