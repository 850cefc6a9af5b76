/**
 * Typed kernel objects over {@code bpf(2)}: maps, programs and links, opened through the Foreign
 * Function and Memory API of the JDK and nothing else.
 *
 * <p>The module makes native calls: start the JVM with {@code
 * --enable-native-access=io.github.purebpf.syscall} (or {@code ALL-UNNAMED} on the class path).
 *
 * <p>Where the module {@code jdk.jfr} is, the Flight Recorder gets events. It works without, too:
 * an application of modules that does not require it is started with {@code --add-modules jdk.jfr}
 * for them.
 */
module io.github.purebpf.syscall {
  requires transitive io.github.purebpf.asm;
  requires static jdk.jfr;

  exports io.github.purebpf.bpf;
  exports io.github.purebpf.bpf.error;
  exports io.github.purebpf.bpf.inspect;
  exports io.github.purebpf.bpf.reader;
  exports io.github.purebpf.bpf.features;
  exports io.github.purebpf.bpf.sockdiag;
}
