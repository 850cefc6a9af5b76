package io.github.purebpf.bpf;

import io.github.purebpf.bpf.internal.sys.Errno;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Where an XDP program may redirect packets: {@code struct bpf_devmap_val} and {@code struct
 * bpf_cpumap_val}.
 *
 * @param number of the interface, or the size of a CPU's queue
 * @param program 0 for none; a descriptor when it is written, an id when it is read
 */
record Redirection(int number, int program) {
  static final int SIZE = 2 * Integer.BYTES;

  private static final Codec<Redirection> CODEC =
      new Codec<>() {
        @Override
        public int size() {
          return SIZE;
        }

        @Override
        public void write(Redirection value, MemorySegment to) {
          to.set(ValueLayout.JAVA_INT_UNALIGNED, 0, value.number);
          to.set(ValueLayout.JAVA_INT_UNALIGNED, Integer.BYTES, value.program);
        }

        @Override
        public Redirection read(MemorySegment from) {
          return new Redirection(
              from.get(ValueLayout.JAVA_INT_UNALIGNED, 0),
              from.get(ValueLayout.JAVA_INT_UNALIGNED, Integer.BYTES));
        }
      };

  Redirection(int number) {
    this(number, 0);
  }

  static Elements<Integer, Redirection> elements(KernelMap map, String absent) {
    return new Elements<>(
        map,
        Codec.u32(),
        CODEC,
        words ->
            words
                .hint(Errno.ENODEV, absent)
                .hint(
                    Errno.EINVAL,
                    absent + ", or the program was not loaded for " + map.shape().type().name())
                .hint(
                    Errno.ENOMEM,
                    "the program was not loaded for %s, or there is no memory for the queue"
                        .formatted(map.shape().type().name()))
                .hint(
                    Errno.E2BIG,
                    "it is full, or the key is outside its "
                        + map.shape().maxEntries()
                        + " entries"));
  }

  static void put(
      Elements<Integer, Redirection> elements, int key, int number, BpfProgram program) {
    var _ =
        Objects.requireNonNull(program, "program")
            .withFd(
                fd -> {
                  elements.put(key, new Redirection(number, fd));
                  return fd;
                });
  }

  static OptionalInt number(Optional<Redirection> found) {
    return found.map(r -> OptionalInt.of(r.number)).orElseGet(OptionalInt::empty);
  }

  static OptionalInt program(Optional<Redirection> found) {
    return found
        .map(Redirection::program)
        .filter(id -> id != 0)
        .map(OptionalInt::of)
        .orElseGet(OptionalInt::empty);
  }
}
