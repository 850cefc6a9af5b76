package io.github.purebpf.asm;

import io.github.purebpf.insn.AsmException;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.InsnDecoder;
import io.github.purebpf.insn.InsnEncoder;
import io.github.purebpf.insn.Kfunc;
import io.github.purebpf.insn.KfuncCall;
import io.github.purebpf.insn.LoadImm64;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.SourceLine;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.function.UnaryOperator;

/**
 * A BPF program's code: instructions with their jumps resolved, and the source line of each. It is
 * immutable, and the same on every machine until {@link #encode} gives it a byte order.
 *
 * <p>Two codes are equal if their instructions are; where they came from does not count.
 */
public final class BpfCode {
  /** The name of the function that the kernel calls, at slot 0. */
  public static final String ENTRY = "main";

  private final List<Insn> insns;
  private final List<SourceLine> lines;
  private final List<BpfFunction> functions;

  /**
   * All lists are immutable. Lines are parallel to the instructions, null where unknown; none if
   * all are unknown.
   */
  BpfCode(List<Insn> insns, List<SourceLine> lines, List<BpfFunction> functions) {
    this.insns = insns;
    this.lines = lines;
    this.functions = functions;
  }

  /**
   * Builds a program.
   *
   * @param body appends the instructions; it may be called more than once, so it should do nothing
   *     else
   * @throws AsmException if an operand is out of range or a label is bound never or twice; it names
   *     the Java line
   */
  public static BpfCode build(Consumer<? super BpfBuilder> body) {
    return build(SourceLines.CAPTURED, body);
  }

  /**
   * Builds a program with or without the Java lines of its instructions.
   *
   * @param body appends the instructions; it may be called more than once, so it should do nothing
   *     else
   * @throws AsmException if an operand is out of range or a label is bound never or twice; it names
   *     the Java line
   */
  public static BpfCode build(SourceLines lines, Consumer<? super BpfBuilder> body) {
    var program = new ProgramBuffer(lines);
    body.accept(program.entry());
    return JumpResolver.resolve(program);
  }

  /**
   * A program of ready instructions, whose jumps hold their final offsets. Functions start where
   * calls and callbacks point, and are named after their slot.
   */
  public static BpfCode of(List<? extends Insn> insns) {
    return new BpfCode(List.copyOf(insns), List.of(), FunctionFinder.functionsOf(insns, Map.of()));
  }

  /**
   * Decodes a program; what is no valid instruction survives as {@code RawInsn}.
   *
   * @throws AsmException if the length is not a multiple of eight
   */
  public static BpfCode decode(byte[] code, ByteOrder order) {
    return of(InsnDecoder.decode(code, order));
  }

  /** The instructions. */
  public List<Insn> insns() {
    return insns;
  }

  /** The number of slots of eight bytes, as the kernel counts a program's length. */
  public int slots() {
    int slots = 0;
    for (var insn : insns) {
      slots += insn.slots();
    }
    return slots;
  }

  /** The functions in the order of their slots; the first is the entry, at slot 0. */
  public List<BpfFunction> functions() {
    return functions;
  }

  /** The maps that the program refers to by name, in the order of their first use. */
  public Set<MapRef> maps() {
    var maps = new LinkedHashSet<MapRef>();
    for (var insn : insns) {
      if (insn instanceof LoadImm64(var _, Imm64.NamedMap(var map))) {
        maps.add(map);
      } else if (insn instanceof LoadImm64(var _, Imm64.NamedMapValue(var map, int _))) {
        maps.add(map);
      }
    }
    return Collections.unmodifiableSet(maps);
  }

  /** The kernel functions that the program refers to by name, in the order of their first call. */
  public Set<Kfunc.Named> kfuncs() {
    var kfuncs = new LinkedHashSet<Kfunc.Named>();
    for (var insn : insns) {
      if (insn instanceof KfuncCall(Kfunc.Named kfunc)) {
        kfuncs.add(kfunc);
      }
    }
    return Collections.unmodifiableSet(kfuncs);
  }

  /** The same program with the names of its kernel functions replaced by BTF ids. */
  public BpfCode bindKfuncs(Function<? super Kfunc.Named, Kfunc.ById> idOf) {
    return replace(
        insn ->
            insn instanceof KfuncCall(Kfunc.Named kfunc) ? new KfuncCall(idOf.apply(kfunc)) : null);
  }

  /** The same program with its maps' names replaced by file descriptors. */
  public BpfCode bind(ToIntFunction<MapRef> fdOf) {
    return replace(
        insn ->
            switch (insn) {
              case LoadImm64(var dst, Imm64.NamedMap(var map)) ->
                  new LoadImm64(dst, new Imm64.MapFd(fdOf.applyAsInt(map)));
              case LoadImm64(var dst, Imm64.NamedMapValue(var map, int offset)) ->
                  new LoadImm64(dst, new Imm64.MapValueFd(fdOf.applyAsInt(map), offset));
              default -> null;
            });
  }

  /**
   * @param replacement of an instruction; null if it stays
   */
  private BpfCode replace(UnaryOperator<Insn> replacement) {
    Insn[] changed = null;
    for (int i = 0; i < insns.size(); i++) {
      var insn = replacement.apply(insns.get(i));
      if (insn != null) {
        if (changed == null) {
          changed = insns.toArray(new Insn[0]);
        }
        changed[i] = insn;
      }
    }
    return changed == null ? this : new BpfCode(List.of(changed), lines, functions);
  }

  /**
   * The bytes, eight for each slot.
   *
   * @param order the byte order of the machine that will run it
   * @throws AsmException if a map or a kernel function is still referred to by name; {@link #bind}
   *     and {@link #bindKfuncs} come first
   */
  public byte[] encode(ByteOrder order) {
    return InsnEncoder.encode(insns, order);
  }

  /**
   * The line that appended the instruction at a slot, where it is known.
   *
   * @param slot the instruction's place as the verifier numbers it; the second slot of a 64-bit
   *     constant belongs to the first
   * @throws IndexOutOfBoundsException if the program has no such slot
   */
  public Optional<SourceLine> sourceLine(int slot) {
    Objects.checkIndex(slot, slots());
    int next = 0;
    for (int i = 0; i < insns.size(); i++) {
      next += insns.get(i).slots();
      if (slot < next) {
        return lines.isEmpty() ? Optional.empty() : Optional.ofNullable(lines.get(i));
      }
    }
    throw new AssertionError("checked above");
  }

  /** The line of each of the {@link #insns}, where it is known. */
  public List<Optional<SourceLine>> sourceLines() {
    return lines.isEmpty()
        ? Collections.nCopies(insns.size(), Optional.empty())
        : lines.stream().map(Optional::ofNullable).toList();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BpfCode code && insns.equals(code.insns);
  }

  @Override
  public int hashCode() {
    return insns.hashCode();
  }

  /** The number of slots; the listing is in the {@code text} package. */
  @Override
  public String toString() {
    return "BpfCode (" + slots() + " slots)";
  }
}
