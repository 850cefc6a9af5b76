/** Typed kernel objects over {@code bpf(2)}. */
module io.github.purebpf.syscall {
  requires transitive io.github.purebpf.asm;
}
