package io.github.purebpf.bpf.inspect;

import io.github.purebpf.insn.InsnEncoder;
import io.github.purebpf.insn.KfuncCall;
import io.github.purebpf.insn.SourceLine;
import java.util.Optional;

/** Prints code that runs, as bpftool does. */
final class XlatedListing {
  private static final int CALL = 0x85;

  private final XlatedCode code;
  private final StringBuilder out = new StringBuilder();
  private Optional<SourceLine> line = Optional.empty();

  XlatedListing(XlatedCode code) {
    this.code = code;
  }

  String text() {
    for (var insn : code.insns()) {
      var function = code.nameAt(insn.slot());
      if (function != null) {
        out.append(function).append(":\n");
        line = Optional.empty();
      }
      if (!insn.line().equals(line)) {
        line = insn.line();
        line.ifPresent(this::append);
      }
      out.append("%4d: (%02x) %s\n".formatted(insn.slot(), opcode(insn), insn.text()));
    }
    return out.toString();
  }

  private void append(SourceLine source) {
    out.append("; ").append(source.text());
    out.append(" [file:%s line_num:%d".formatted(source.file(), source.line()));
    out.append(" line_col:%d]\n".formatted(source.column()));
  }

  private static int opcode(XlatedInsn insn) {
    // One that is called by its name has no number to encode.
    return insn.insn() instanceof KfuncCall ? CALL : InsnEncoder.slot(insn.insn()).opcode();
  }
}
