/** Redirects the {@code connect(2)} calls of a cgroup. */
module io.github.purebpf.redirect {
  requires transitive io.github.purebpf.syscall;
  requires java.net.http;
  requires jdk.httpserver;

  exports io.github.purebpf.redirect;
  exports io.github.purebpf.redirect.consul;
  exports io.github.purebpf.redirect.controller;
  exports io.github.purebpf.redirect.source;
}
