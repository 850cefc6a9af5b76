package io.github.purebpf.bpf;

import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.uapi.MapType;

/** What errors mean for a map's elements. */
final class MapFailure {
  private MapFailure() {}

  static Failure of(Kernel kernel, MapSpec<?, ?> spec, Cmd command, String title) {
    var failure =
        Failure.of(kernel, command, title)
            .hint(Errno.ENOENT, "no such key")
            .hint(Errno.ENOTSUPP, spec.type().kernelName() + " does not know this operation")
            .hint(
                Errno.EPERM,
                "it is frozen, or its flags (0x%x) or its pin do not let this process do it"
                    .formatted(spec.flags()))
            .hint(
                Errno.E2BIG,
                spec.type() == MapType.ARRAY
                    ? "the key is outside 0 to " + (spec.maxEntries() - 1)
                    : "it is full, with " + spec.maxEntries() + " entries");
    if (spec.type() == MapType.ARRAY) {
      failure
          .hint(Errno.EINVAL, "the entries of an array cannot be removed")
          .hint(Errno.EEXIST, "the entries of an array always exist");
    }
    return failure;
  }
}
