/** For tests of code that opens BPF objects: JUnit finds those that a test leaves open. */
module io.github.purebpf.junit {
  requires transitive io.github.purebpf.syscall;
  requires transitive org.junit.jupiter.api;

  exports io.github.purebpf.junit;

  opens io.github.purebpf.junit to
      org.junit.platform.commons;
}
