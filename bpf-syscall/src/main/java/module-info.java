/**
 * Typed kernel objects over {@code bpf(2)}: maps, programs and links, opened through the Foreign
 * Function and Memory API of the JDK and nothing else.
 *
 * <p>The module makes native calls: start the JVM with {@code
 * --enable-native-access=io.github.purebpf.syscall} (or {@code ALL-UNNAMED} on the class path).
 */
module io.github.purebpf.syscall {
  requires transitive io.github.purebpf.asm;

  exports io.github.purebpf.bpf;
  exports io.github.purebpf.bpf.error;
  exports io.github.purebpf.bpf.inspect;
  exports io.github.purebpf.bpf.reader;
  exports io.github.purebpf.bpf.features;
  exports io.github.purebpf.bpf.sockdiag;
}
