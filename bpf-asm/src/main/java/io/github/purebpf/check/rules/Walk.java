package io.github.purebpf.check.rules;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.check.CheckOptions;
import io.github.purebpf.check.flow.Program;
import io.github.purebpf.check.flow.Stack;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.LoadImm64;
import java.util.Optional;
import java.util.stream.IntStream;

/** What the rules along paths share: the program, what is known of it, and what was seen. */
final class Walk {
  private final Program program;
  private final CheckOptions options;
  private final Findings findings;
  private final boolean[] visited;
  private final int[] certainStack;
  private final int[] possibleStack;
  private final boolean callbacks;

  Walk(Program program, CheckOptions options, Findings findings) {
    this.program = program;
    this.options = options;
    this.findings = findings;
    visited = new boolean[program.size()];
    certainStack = new int[program.functions()];
    possibleStack = new int[program.functions()];
    callbacks =
        IntStream.range(0, program.size())
            .anyMatch(i -> program.insn(i) instanceof LoadImm64(var _, Imm64.Function _));
  }

  Program program() {
    return program;
  }

  CheckOptions options() {
    return options;
  }

  Findings findings() {
    return findings;
  }

  /** What is known of the map that a constant refers to. */
  Optional<MapShape> map(Imm64 constant) {
    return switch (constant) {
      case Imm64.NamedMap(var name) -> Optional.ofNullable(options.maps().get(name));
      case Imm64.NamedMapValue(var name, int _) -> Optional.ofNullable(options.maps().get(name));
      default -> Optional.empty();
    };
  }

  /** Whether helpers may call functions of the program, and those change what they can reach. */
  boolean hasCallbacks() {
    return callbacks;
  }

  void visit(int index, boolean certain) {
    visited[index] |= certain;
  }

  /** Whether the verifier comes to an instruction for sure. */
  boolean isVisited(int index) {
    return visited[index];
  }

  /** Takes note of stack used by a function, down to an offset from its r10. */
  void useStack(int function, int offset, boolean certain) {
    int bytes = Math.clamp(-(long) offset, 0, Stack.BYTES);
    possibleStack[function] = Math.max(possibleStack[function], bytes);
    if (certain) {
      certainStack[function] = Math.max(certainStack[function], bytes);
    }
  }

  int[] certainStack() {
    return certainStack;
  }

  int[] possibleStack() {
    return possibleStack;
  }
}
