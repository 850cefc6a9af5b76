package io.github.purebpf.bpf;

import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.insn.KernelVersion;
import io.github.purebpf.uapi.MapType;

/** What errors mean for a map's elements. */
final class MapFailure {
  private MapFailure() {}

  private static final KernelVersion LOCKS = new KernelVersion(5, 1);
  private static final KernelVersion HASH_LOOKUP_AND_DELETE = new KernelVersion(5, 14);

  /** After some of many elements have been written. */
  static Failure of(KernelMap map, Cmd command, int done, int total) {
    return of(map, command, map.title() + ", after " + done + " of " + total + " elements,");
  }

  static Failure of(KernelMap map, Cmd command) {
    return of(map, command, map.title());
  }

  private static Failure of(KernelMap map, Cmd command, String title) {
    var shape = map.shape();
    boolean array = shape.type() == MapType.ARRAY || shape.type() == MapType.PERCPU_ARRAY;
    var failure =
        Failure.of(map.kernel(), command, title)
            .hint(Errno.ENOENT, "no such key")
            .hint(Errno.ENOTSUPP, shape.type().kernelName() + " does not know this operation")
            .hint(
                Errno.EPERM,
                "it is frozen, or its flags (0x%x) or its pin do not let this process do it"
                    .formatted(shape.flags()))
            .hint(
                Errno.E2BIG,
                array
                    ? "the key is outside 0 to " + Integer.toUnsignedLong(shape.maxEntries() - 1)
                    : "it is full, with " + shape.maxEntries() + " entries");
    if (array) {
      failure
          .hint(Errno.EINVAL, "the entries of an array cannot be removed")
          .hint(Errno.EEXIST, "the entries of an array always exist");
    }
    if (command == Cmd.MAP_LOOKUP_AND_DELETE_ELEM) {
      failure.feature(command.kernelName() + " of a hash table", HASH_LOOKUP_AND_DELETE);
    }
    if (map instanceof KeyedMap<?, ?> keyed && keyed.lock() != 0) {
      failure
          .feature("BPF_F_LOCK", LOCKS)
          .hint(
              Errno.EINVAL,
              "if it was made by somebody else, its values have no bpf_spin_lock for the kernel");
    }
    return failure;
  }
}
