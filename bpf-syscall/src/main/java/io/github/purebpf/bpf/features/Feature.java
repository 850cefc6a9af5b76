package io.github.purebpf.bpf.features;

import io.github.purebpf.insn.KernelVersion;
import java.util.Objects;

/**
 * A feature of the kernel and what trying it came to.
 *
 * @param kind what sort of thing it is
 * @param name the kernel's constant for it, such as {@code BPF_MAP_TYPE_ARENA}, or its usual name
 * @param since the first release of Linux that has it
 * @param outcome what trying it came to
 */
public record Feature(Kind kind, String name, KernelVersion since, Outcome outcome) {
  /** The sorts of feature. */
  public enum Kind {
    /** Kinds of program, {@code enum bpf_prog_type}. */
    PROGRAM_TYPE("program types"),
    /** Kinds of map, {@code enum bpf_map_type}. */
    MAP_TYPE("map types"),
    /** Places programs are attached to, {@code enum bpf_attach_type}. */
    ATTACH_TYPE("attach types"),
    /** Kinds of link, {@code enum bpf_link_type}. */
    LINK_TYPE("link types"),
    /** Commands of {@code bpf(2)}, {@code enum bpf_cmd}. */
    COMMAND("commands"),
    /** Flags of commands. */
    FLAG("flags"),
    /** Instructions, and what the verifier lets programs do with them. */
    INSTRUCTION("instructions"),
    /** Kinds of type information, and what goes with it. */
    BTF("type information"),
    /** What else of the kernel programs depend on. */
    MECHANISM("mechanisms");

    private final String title;

    Kind(String title) {
      this.title = title;
    }

    /** How a heading calls them. */
    String title() {
      return title;
    }
  }

  /** Refuses nulls. */
  public Feature {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(since, "since");
    Objects.requireNonNull(outcome, "outcome");
  }

  @Override
  public String toString() {
    return "%s (Linux %s): %s".formatted(name, since, outcome);
  }
}
