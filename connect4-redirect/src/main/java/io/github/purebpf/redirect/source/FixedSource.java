package io.github.purebpf.redirect.source;

import io.github.purebpf.redirect.WeightedServer;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Tells the same servers once. */
record FixedSource(List<WeightedServer> servers) implements ServerSource {
  @Override
  public String description() {
    return "a fixed list";
  }

  @Override
  public void start(Consumer<Finding> told) {
    told.accept(new Finding.Servers(servers, Set.of()));
  }

  @Override
  public void close() {}
}
