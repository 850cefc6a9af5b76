package io.github.purebpf.bpf.inspect;

import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.RawInsn;
import io.github.purebpf.insn.Slot;
import io.github.purebpf.insn.SourceLine;
import io.github.purebpf.text.KernelText;
import java.util.Objects;
import java.util.Optional;

/**
 * An instruction of a loaded program.
 *
 * <p>The kernel tells the id of a map in the place of its descriptor. A helper or kernel function
 * is called by the name of what is really called, which for {@code bpf_map_lookup_elem} may be
 * {@code __htab_map_lookup_elem}; where the kernel does not tell addresses, its number is the
 * distance to it, or 0.
 *
 * @param slot its place, counted in slots of eight bytes
 * @param insn what it is; a {@code RawInsn} for those that only the kernel itself writes
 * @param line the source line that it was made from, if the program was loaded with lines
 */
public record XlatedInsn(int slot, Insn insn, Optional<SourceLine> line) {
  /** {@code BPF_ST | BPF_NOSPEC}. */
  private static final int NOSPEC = 0xc2;

  /** {@code BPF_ALU64 | BPF_MOV | BPF_X}, with the offset {@code BPF_ADDR_PERCPU}. */
  private static final int MOV = 0xbf;

  private static final int ADDR_PERCPU = -1;

  /** Refuses nulls. */
  public XlatedInsn {
    Objects.requireNonNull(insn, "insn");
    Objects.requireNonNull(line, "line");
  }

  /** As bpftool prints it: {@code r1 = map[id:17]}. */
  public String text() {
    return switch (insn) {
      case RawInsn(Slot raw) when raw.opcode() == NOSPEC -> "nospec";
      case RawInsn(Slot raw) when raw.opcode() == MOV && raw.offset() == ADDR_PERCPU ->
          "r%d = &(void __percpu *)(r%d)".formatted(raw.dst(), raw.src());
      default -> KernelText.print(insn).replace("map[fd:", "map[id:");
    };
  }

  /** The place and the text. */
  @Override
  public String toString() {
    return slot + ": " + text();
  }
}
