package io.github.purebpf.rejected;

import static io.github.purebpf.check.Rule.ATTACH_TYPE;
import static io.github.purebpf.check.Rule.CONTEXT_ACCESS;
import static io.github.purebpf.check.Rule.GPL_ONLY_HELPER;
import static io.github.purebpf.check.Rule.HELPER_ARGUMENT;
import static io.github.purebpf.check.Rule.HELPER_NOT_ALLOWED;
import static io.github.purebpf.check.Rule.MAP_ACCESS;
import static io.github.purebpf.check.Rule.MAP_TYPE;
import static io.github.purebpf.check.Rule.MAP_VALUE_ADDRESS;
import static io.github.purebpf.check.Rule.MODIFIED_CONTEXT_POINTER;
import static io.github.purebpf.check.Rule.NULL_CHECK;
import static io.github.purebpf.check.Rule.PACKET_LOAD;
import static io.github.purebpf.check.Rule.POINTER_ACCESS;
import static io.github.purebpf.check.Rule.REFERENCE_LEAK;
import static io.github.purebpf.check.Rule.RETURN_RANGE;
import static io.github.purebpf.check.Rule.UNKNOWN_HELPER;
import static io.github.purebpf.insn.Reg.FP;
import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R3;
import static io.github.purebpf.insn.Reg.R4;
import static io.github.purebpf.insn.Reg.R5;
import static io.github.purebpf.insn.Reg.R6;
import static io.github.purebpf.rejected.Case.ARRAY;
import static io.github.purebpf.rejected.Case.CGROUP_SKB;
import static io.github.purebpf.rejected.Case.CONNECT4;
import static io.github.purebpf.rejected.Case.FILTER;
import static io.github.purebpf.rejected.Case.HASH;
import static io.github.purebpf.rejected.Case.ONE;
import static io.github.purebpf.rejected.Case.PROGRAMS;
import static io.github.purebpf.rejected.Case.QUEUE;
import static io.github.purebpf.rejected.Case.READ_ONLY;
import static io.github.purebpf.rejected.Case.RING;
import static io.github.purebpf.rejected.Case.TC;
import static io.github.purebpf.rejected.Case.WRITE_ONLY;
import static io.github.purebpf.rejected.Case.XDP;
import static io.github.purebpf.rejected.Case.error;
import static io.github.purebpf.rejected.Case.warning;

import io.github.purebpf.asm.BpfBuilder;
import io.github.purebpf.check.CheckOptions;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.Helper;
import io.github.purebpf.uapi.ProgramType;
import java.util.List;
import java.util.stream.Stream;

/** Programs that are wrong for their type, their license or their maps. */
public final class TableCases {
  private static final CheckOptions GETPEERNAME =
      CheckOptions.of(ProgramType.CGROUP_SOCK_ADDR, AttachType.CGROUP_INET4_GETPEERNAME);
  private static final CheckOptions NO_ATTACH_TYPE = CheckOptions.of(ProgramType.CGROUP_SOCK_ADDR);
  private static final CheckOptions WRONG_ATTACH_TYPE =
      CheckOptions.of(ProgramType.CGROUP_SOCK_ADDR, AttachType.CGROUP_SYSCTL);

  private TableCases() {}

  /** All of them. */
  public static Stream<Case> all() {
    return Stream.of(contexts(), helpers(), maps(), results()).flatMap(List::stream);
  }

  private static List<Case> contexts() {
    return List.of(
        error(
            CONNECT4, CONTEXT_ACCESS, 0, "no such field", b -> b.ldxw(R0, R1.at(72)).returning(1)),
        error(CONNECT4, CONTEXT_ACCESS, 0, "wrong size", b -> b.ldxdw(R0, R1.at(4)).returning(1)),
        error(CONNECT4, CONTEXT_ACCESS, 0, "misaligned", b -> b.ldxw(R0, R1.at(6)).returning(1)),
        error(
            CONNECT4, CONTEXT_ACCESS, 0, "a read-only field", b -> b.stw(R1.at(0), 2).returning(1)),
        error(
            CONNECT4, CONTEXT_ACCESS, 0, "a field of IPv6", b -> b.ldxw(R0, R1.at(8)).returning(1)),
        error(
            CONNECT4,
            CONTEXT_ACCESS,
            1,
            "in a copy",
            b -> b.mov(R6, R1).ldxh(R0, R6.at(3)).returning(1)),
        error(XDP, CONTEXT_ACCESS, 0, "a negative offset", b -> b.ldxw(R0, R1.at(-4)).returning(0)),
        error(
            FILTER,
            CONTEXT_ACCESS,
            0,
            "the packet in a filter",
            b -> b.ldxw(R0, R1.at(76)).returning(0)),
        error(
            CONNECT4,
            MODIFIED_CONTEXT_POINTER,
            1,
            "read",
            b -> b.add(R1, 4).ldxw(R0, R1.at(0)).returning(1)),
        error(
            TC,
            MODIFIED_CONTEXT_POINTER,
            1,
            "as an argument",
            b -> b.add(R1, 8).call(Helper.GET_HASH_RECALC).returning(0)),
        error(
            CONNECT4,
            POINTER_ACCESS,
            1,
            "a socket written",
            b -> b.ldxdw(R2, R1.at(64)).stw(R2.at(0), 1).returning(1)),
        error(
            CGROUP_SKB,
            NULL_CHECK,
            1,
            "a socket not checked",
            b -> b.ldxdw(R2, R1.at(168)).ldxw(R0, R2.at(4)).returning(1)));
  }

  private static List<Case> helpers() {
    return List.of(
        error(
            CONNECT4,
            HELPER_NOT_ALLOWED,
            4,
            "of XDP",
            b -> b.lddw(R1, HASH).mov(R2, 0).mov(R3, 0).call(Helper.REDIRECT_MAP).returning(1)),
        error(
            GETPEERNAME,
            HELPER_NOT_ALLOWED,
            3,
            "of another attach type",
            b -> b.mov(R2, FP).add(R2, -16).mov(R3, 16).call(Helper.BIND).returning(1)),
        error(
            CONNECT4,
            GPL_ONLY_HELPER,
            3,
            "without a license",
            b -> b.mov(R1, FP).add(R1, -8).mov(R2, 8).call(Helper.TRACE_PRINTK).returning(1)),
        error(UNKNOWN_HELPER, 0, "0", b -> b.call(0).returning(0)),
        error(
            HELPER_ARGUMENT,
            3,
            "a number for a map",
            b -> b.mov(R1, 1).mov(R2, FP).add(R2, -4).call(1).returning(0)),
        error(
            HELPER_ARGUMENT,
            1,
            "a number for the context",
            b -> b.mov(R1, 1).call(Helper.GET_SOCKET_UID).returning(0)),
        error(
            HELPER_ARGUMENT,
            3,
            "a stack address for a size",
            b -> b.mov(R1, FP).add(R1, -16).mov(R2, FP).call(16).returning(0)),
        error(
            HELPER_ARGUMENT,
            3,
            "a number for memory",
            b -> b.lddw(R1, HASH).mov(R2, 1).call(1).returning(0)),
        error(
            TC,
            HELPER_ARGUMENT,
            1,
            "a record for a socket",
            b -> b.mov(R1, FP).call(Helper.SK_RELEASE).returning(0)),
        error(XDP, PACKET_LOAD, 1, "in XDP", b -> b.mov(R6, R1).ldabsw(0).returning(0)),
        warning(UNKNOWN_HELPER, 0, "9999", b -> b.call(9999).returning(0)));
  }

  private static List<Case> maps() {
    return List.of(
        error(MAP_TYPE, 6, "push to an array", b -> push(b, ARRAY)),
        error(
            MAP_TYPE,
            5,
            "a lookup in a queue",
            b -> b.stdw(FP.at(-8), 0).mapLookup(QUEUE, FP.at(-8)).returning(0)),
        error(
            MAP_TYPE,
            5,
            "a lookup in a program array",
            b -> b.stw(FP.at(-4), 0).mapLookup(PROGRAMS, FP.at(-4)).returning(0)),
        error(
            MAP_TYPE,
            4,
            "a tail call by a hash table",
            b -> b.lddw(R2, HASH).mov(R3, 0).mov(R4, 0).call(Helper.TAIL_CALL).returning(0)),
        error(MAP_TYPE, 6, "a record in a hash table", b -> output(b)),
        error(MAP_VALUE_ADDRESS, 0, "a hash table", b -> valueOf(b, HASH, 0)),
        error(MAP_VALUE_ADDRESS, 0, "an array of four", b -> valueOf(b, ARRAY, 0)),
        error(MAP_VALUE_ADDRESS, 0, "behind the value", b -> valueOf(b, ONE, 8)),
        error(
            MAP_ACCESS,
            8,
            "a write to a read-only map",
            b -> found(b, READ_ONLY).stw(R0.at(0), 1).exit()),
        error(
            MAP_ACCESS,
            8,
            "a read from a write-only map",
            b -> found(b, WRITE_ONLY).ldxw(R0, R0.at(0)).exit()));
  }

  private static List<Case> results() {
    return List.of(
        error(CONNECT4, RETURN_RANGE, 1, "2", b -> b.mov(R0, 2).exit()),
        error(GETPEERNAME, RETURN_RANGE, 1, "0 where only 1 is allowed", b -> b.mov(R0, 0).exit()),
        error(CONNECT4, RETURN_RANGE, 1, "-1", b -> b.mov(R0, -1).exit()),
        error(CONNECT4, RETURN_RANGE, 1, "any number", b -> b.ldxw(R0, R1.at(4)).exit()),
        error(CONNECT4, RETURN_RANGE, 1, "an address", b -> b.mov(R0, R1).exit()),
        error(CGROUP_SKB, RETURN_RANGE, 4, "2 on one path", b -> twoOnOnePath(b)),
        error(NO_ATTACH_TYPE, ATTACH_TYPE, 0, "none", b -> b.returning(1)),
        error(WRONG_ATTACH_TYPE, ATTACH_TYPE, 0, "of another type", b -> b.returning(1)),
        error(REFERENCE_LEAK, 6, "a record", b -> reserve(b).returning(0)),
        error(TC, REFERENCE_LEAK, 9, "a socket", b -> lookup(b).returning(0)),
        error(
            TC,
            NULL_CHECK,
            9,
            "a socket that may be null released",
            b -> lookup(b).mov(R1, R0).call(Helper.SK_RELEASE).returning(0)));
  }

  private static void push(BpfBuilder b, MapRef map) {
    b.stdw(FP.at(-8), 1).mov(R2, FP).add(R2, -8).lddw(R1, map).mov(R3, 0);
    b.call(Helper.MAP_PUSH_ELEM).returning(0);
  }

  private static void twoOnOnePath(BpfBuilder b) {
    var end = b.newLabel();
    b.ldxw(R2, R1.at(0)).mov(R0, 2).jeq(R2, 7, end).mov(R0, 1).labelBinding(end).exit();
  }

  private static void output(BpfBuilder b) {
    b.mov(R2, FP).add(R2, -8).lddw(R1, HASH).mov(R3, 8).mov(R4, 0);
    b.call(Helper.RINGBUF_OUTPUT).returning(0);
  }

  private static void valueOf(BpfBuilder b, MapRef map, int offset) {
    b.lddw(R1, new Imm64.NamedMapValue(map, offset)).returning(0);
  }

  private static BpfBuilder found(BpfBuilder b, MapRef map) {
    var found = b.newLabel();
    return b.stw(FP.at(-4), 1)
        .mapLookup(map, FP.at(-4))
        .jne(R0, 0, found)
        .exit()
        .labelBinding(found);
  }

  private static BpfBuilder reserve(BpfBuilder b) {
    return b.lddw(R1, RING).mov(R2, 8).mov(R3, 0).call(Helper.RINGBUF_RESERVE);
  }

  /** Looks a socket up by an address of zeros. */
  private static BpfBuilder lookup(BpfBuilder b) {
    b.stdw(FP.at(-8), 0).stdw(FP.at(-16), 0).mov(R2, FP).add(R2, -16);
    return b.mov(R3, 12).mov(R4, -1).mov(R5, 0).call(Helper.SK_LOOKUP_TCP);
  }
}
