/** The eBPF instruction set as values: bytes in, bytes out, no operating system needed. */
module io.github.purebpf.asm {
  exports io.github.purebpf.btf;
  exports io.github.purebpf.insn;
  exports io.github.purebpf.uapi;
}
