/**
 * BPF programs as values: the instruction set, an assembler with a Java DSL, and BTF. Bytes in,
 * bytes out; it calls no operating system.
 */
module io.github.purebpf.asm {
  exports io.github.purebpf.asm;
  exports io.github.purebpf.btf;
  exports io.github.purebpf.check;
  exports io.github.purebpf.elf;
  exports io.github.purebpf.insn;
  exports io.github.purebpf.layout;
  exports io.github.purebpf.text;
  exports io.github.purebpf.uapi;
}
