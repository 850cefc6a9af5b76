package io.github.purebpf.testkit;

import java.io.IOException;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;

/** Counts for {@link NoLeakedFds}. */
final class FdLeakCheck implements BeforeEachCallback, AfterEachCallback {
  @Override
  public void beforeEach(ExtensionContext context) throws IOException {
    store(context).put(OpenFds.class, OpenFds.now());
  }

  @Override
  public void afterEach(ExtensionContext context) throws IOException {
    check(store(context).remove(OpenFds.class, OpenFds.class), OpenFds.now());
  }

  static void check(OpenFds before, OpenFds after) {
    OpenFds leaked = after.since(before).bpf();
    if (!leaked.isEmpty()) {
      throw new AssertionError("the test left BPF file descriptors open: " + leaked);
    }
  }

  private static Store store(ExtensionContext context) {
    return context.getStore(Namespace.create(FdLeakCheck.class, context.getUniqueId()));
  }
}
