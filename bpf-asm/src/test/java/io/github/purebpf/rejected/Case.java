package io.github.purebpf.rejected;

import io.github.purebpf.asm.BpfBuilder;
import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.asm.MapShape;
import io.github.purebpf.check.CheckOptions;
import io.github.purebpf.check.Finding.Severity;
import io.github.purebpf.check.Rule;
import io.github.purebpf.insn.InsnDecoder;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.Slot;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.MapFlags;
import io.github.purebpf.uapi.MapType;
import io.github.purebpf.uapi.ProgramType;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A program and what the checker is to find in it.
 *
 * @param name what is wrong with it
 * @param code the program
 * @param options what the checker is told
 * @param severity how bad the finding is; an ERROR is rejected by the kernel of this machine, too
 * @param rule which finding
 * @param slot where
 */
public record Case(
    String name, BpfCode code, CheckOptions options, Severity severity, Rule rule, int slot) {
  /** A hash table of 8-byte values. */
  public static final MapRef HASH = new MapRef("hash");

  /** An array of four 8-byte values. */
  public static final MapRef ARRAY = new MapRef("array");

  /** An array of one 8-byte value. */
  public static final MapRef ONE = new MapRef("one");

  /** A hash table that programs cannot write. */
  public static final MapRef READ_ONLY = new MapRef("read_only");

  /** A hash table that programs cannot read. */
  public static final MapRef WRITE_ONLY = new MapRef("write_only");

  /** A queue of 8-byte values. */
  public static final MapRef QUEUE = new MapRef("queue");

  /** An array of programs. */
  public static final MapRef PROGRAMS = new MapRef("programs");

  /** A ring buffer. */
  public static final MapRef RING = new MapRef("ring");

  /** All maps that cases use. */
  public static final Map<MapRef, MapShape> MAPS =
      Map.of(
          HASH, MapShape.of(MapType.HASH, 4, 8, 4),
          ARRAY, MapShape.of(MapType.ARRAY, 4, 8, 4),
          ONE, MapShape.of(MapType.ARRAY, 4, 8, 1),
          READ_ONLY, new MapShape(MapType.HASH, 4, 8, 4, MapFlags.RDONLY_PROG),
          WRITE_ONLY, new MapShape(MapType.HASH, 4, 8, 4, MapFlags.WRONLY_PROG),
          PROGRAMS, MapShape.of(MapType.PROG_ARRAY, 4, 4, 4),
          QUEUE, MapShape.of(MapType.QUEUE, 0, 8, 4),
          RING, MapShape.of(MapType.RINGBUF, 0, 0, 4096));

  /** A program that may return anything. */
  static final CheckOptions FILTER = withMaps(CheckOptions.of(ProgramType.SOCKET_FILTER));

  static final CheckOptions CONNECT4 =
      withMaps(
          CheckOptions.of(ProgramType.CGROUP_SOCK_ADDR, AttachType.CGROUP_INET4_CONNECT)
              .withLicense(CheckOptions.License.OTHER));
  static final CheckOptions XDP = withMaps(CheckOptions.of(ProgramType.XDP));
  static final CheckOptions TC = withMaps(CheckOptions.of(ProgramType.SCHED_CLS));
  static final CheckOptions CGROUP_SKB =
      withMaps(CheckOptions.of(ProgramType.CGROUP_SKB, AttachType.CGROUP_INET_INGRESS));

  static CheckOptions withMaps(CheckOptions options) {
    return new CheckOptions(
        options.type(), options.attachType(), options.license(), MAPS, options.off());
  }

  /** A program that is built. */
  static Case error(Rule rule, int slot, String name, Consumer<? super BpfBuilder> body) {
    return error(FILTER, rule, slot, name, body);
  }

  /** A program that is built, of another type. */
  static Case error(
      CheckOptions options, Rule rule, int slot, String name, Consumer<? super BpfBuilder> body) {
    return new Case(name, BpfCode.build(body), options, Severity.ERROR, rule, slot);
  }

  /** A program that is built, and that a kernel may accept. */
  static Case warning(Rule rule, int slot, String name, Consumer<? super BpfBuilder> body) {
    return new Case(name, BpfCode.build(body), FILTER, Severity.WARNING, rule, slot);
  }

  /** A program of raw slots, which a builder refuses. */
  static Case raw(Rule rule, int slot, String name, Slot... slots) {
    var code = BpfCode.of(InsnDecoder.decode(List.of(slots)));
    return new Case(name, code, FILTER, Severity.ERROR, rule, slot);
  }

  static Slot slot(int opcode, int dst, int src, int offset, int imm) {
    return new Slot(opcode, dst, src, offset, imm);
  }

  @Override
  public String toString() {
    return rule + ": " + name;
  }
}
