package io.github.purebpf.text;

/**
 * A way of writing BPF instructions. Both dialects have nearly all forms in common, and each is
 * read with the forms of the other; they differ in what is printed, in comments, and in a few
 * numbers.
 */
public enum Dialect {
  /**
   * What the verifier's log and {@code bpftool prog dump xlated} print: {@code if r1 > 0x5 goto
   * pc+3}, {@code r1 = *(u64 *)(r10 -8)}, {@code call bpf_ktime_get_ns#5}. A semicolon begins a
   * comment. Lines may begin with the listing's {@code 12: (b7)}, and what else stands in a log is
   * passed over.
   */
  KERNEL,
  /**
   * What {@code llvm-mc}, {@code llvm-objdump} and {@code clang -S} print: {@code if r1 > 5 goto
   * +3}, {@code w1 = *(u32 *)(r10 - 8)}, {@code call 5}. A semicolon separates instructions, and
   * {@code #} begins a comment.
   */
  LLVM
}
