package io.github.purebpf.check.rules;

import static io.github.purebpf.check.flow.Value.Anything.ANYTHING;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.check.Rule;
import io.github.purebpf.check.flow.Loops;
import io.github.purebpf.check.flow.Pointer;
import io.github.purebpf.check.flow.Pointer.Kind;
import io.github.purebpf.check.flow.Pointer.Nullness;
import io.github.purebpf.check.flow.Program;
import io.github.purebpf.check.flow.Value;
import io.github.purebpf.insn.HelperCall;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.KfuncCall;
import io.github.purebpf.insn.LoadImm64;
import io.github.purebpf.insn.MayGoto;
import io.github.purebpf.insn.PacketLoad;
import io.github.purebpf.uapi.Helper;
import io.github.purebpf.uapi.MapType;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** What is wrong for sure only where the verifier comes, known when all paths were followed. */
final class VisitRules {
  private VisitRules() {}

  static void check(Walk walk) {
    var program = walk.program();
    for (int i = 0; i < program.size(); i++) {
      int index = i;
      RawRules.diagnose(program.insn(i))
          .ifPresent(
              diagnosis ->
                  walk.findings()
                      .add(program.slot(index), walk.isVisited(index), diagnosis.flaw()));
      if (program.insn(i) instanceof LoadImm64(var _, Imm64.NamedMapValue value)) {
        mapValueAddress(index, value, walk);
      }
    }
    endlessLoops(walk);
    stack(walk);
  }

  private static void endlessLoops(Walk walk) {
    var program = walk.program();
    // With these the kernel may find an end that is not in the instructions.
    boolean opaque =
        any(
            program,
            insn ->
                insn instanceof KfuncCall
                    || insn instanceof MayGoto
                    || insn instanceof PacketLoad
                    || insn instanceof LoadImm64(var _, Imm64.Function _));
    for (var loop : Loops.endless(program)) {
      boolean certain = !opaque && loop.stream().anyMatch(walk::isVisited);
      walk.findings()
          .add(
              program.slot(loop.getFirst()),
              certain,
              new Flaw(
                  Rule.ENDLESS_LOOP,
                  loop.size() == 1
                      ? "it jumps to itself for ever"
                      : "nothing leaves the loop of slots %d to %d"
                          .formatted(program.slot(loop.getFirst()), program.slot(loop.getLast())),
                  "add a branch out of the loop that is taken after a known number of rounds"));
    }
  }

  private static boolean any(Program program, Predicate<Insn> test) {
    return IntStream.range(0, program.size()).mapToObj(program::insn).anyMatch(test);
  }

  private static void stack(Walk walk) {
    // Stack in programs of these types is not shared, or the kernel saves some of it.
    var type = walk.options().type();
    boolean shared =
        type.isPresent()
            && switch (type.orElseThrow()) {
              case KPROBE, TRACEPOINT, PERF_EVENT, RAW_TRACEPOINT, RAW_TRACEPOINT_WRITABLE -> false;
              case TRACING, LSM, STRUCT_OPS, EXT -> false;
              default -> true;
            };
    boolean spillsRemoved = any(walk.program(), VisitRules::savesSpills);
    CallRules.stack(
        walk.program(),
        walk.certainStack(),
        walk.possibleStack(),
        shared && !spillsRemoved,
        walk.findings());
  }

  /** Around these calls the kernel may take spills out, and the stack that they use. */
  private static boolean savesSpills(Insn insn) {
    return insn instanceof KfuncCall
        || (insn instanceof HelperCall(int id)
            && (id == Helper.GET_SMP_PROCESSOR_ID.id()
                || id == Helper.GET_CURRENT_TASK.id()
                || id == Helper.GET_CURRENT_TASK_BTF.id()));
  }

  /** The address of a map's value that a 64-bit constant loads. */
  static Value mapValue(Imm64 constant, int offset, Walk walk) {
    var map = walk.map(constant);
    return map.isEmpty()
        ? ANYTHING
        : new Pointer(Kind.MAP_VALUE, offset, true, Nullness.NEVER, 0, map, 0, false);
  }

  private static void mapValueAddress(int index, Imm64.NamedMapValue constant, Walk walk) {
    walk.map(constant)
        .flatMap(map -> Optional.ofNullable(whyNoAddress(map, constant.offset())))
        .ifPresent(
            why ->
                walk.findings()
                    .error(
                        walk.program().slot(index),
                        new Flaw(
                            Rule.MAP_VALUE_ADDRESS,
                            why,
                            "look the value up by its key, or use an array of one entry")));
  }

  private static String whyNoAddress(MapShape map, int offset) {
    if (map.type() == MapType.ARRAY) {
      if (map.maxEntries() != 1) {
        return "an array of %d entries has no address of its value".formatted(map.maxEntries());
      }
      return offset < 0 || offset >= map.valueSize()
          ? "offset %d is not in the map's value of %d bytes".formatted(offset, map.valueSize())
          : null;
    }
    return switch (map.type()) {
      case HASH, LRU_HASH, PERCPU_HASH, LRU_PERCPU_HASH, LPM_TRIE, QUEUE, STACK, RINGBUF ->
          map.type().kernelName() + " has no address of its values";
      default -> null;
    };
  }
}
