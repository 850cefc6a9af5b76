/** The program {@code bpf-asm}: assembles, disassembles and checks, from files and pipes. */
package io.github.purebpf.tool;
