package io.github.purebpf.junit;

import io.github.purebpf.bpf.OpenObjects;
import io.github.purebpf.bpf.OpenObjects.Opened;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.TestInstanceFactoryContext;
import org.junit.jupiter.api.extension.TestInstancePreConstructCallback;

/**
 * Looks for {@link NoLeakedBpfObjects}. It begins with each test and each class of tests, and looks
 * when JUnit closes what was stored with them, which comes after all callbacks of their ends.
 */
final class LeakCheck
    implements BeforeAllCallback, TestInstancePreConstructCallback, BeforeEachCallback {
  @Override
  public void beforeAll(ExtensionContext context) {
    begin(context);
  }

  /** With the test, and not with its class, unless the instance is one for all tests of it. */
  @Override
  public ExtensionContextScope getTestInstantiationExtensionContextScope(ExtensionContext root) {
    return ExtensionContextScope.TEST_METHOD;
  }

  @Override
  public void preConstructTestInstance(
      TestInstanceFactoryContext factory, ExtensionContext context) {
    begin(context);
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    begin(context);
  }

  private static void begin(ExtensionContext context) {
    var reported =
        context
            .getRoot()
            .getStore(Namespace.create(LeakCheck.class))
            .getOrComputeIfAbsent(Reported.class, _ -> new Reported(), Reported.class);
    var _ =
        context
            .getStore(Namespace.create(LeakCheck.class, context.getUniqueId()))
            .getOrComputeIfAbsent(
                Look.class,
                _ -> new Look(context.getDisplayName(), OpenObjects.track(), reported),
                Look.class);
  }

  /** What tests have been failed for, so that their class is not failed for it again. */
  private record Reported(Set<Opened> objects) {
    Reported() {
      this(ConcurrentHashMap.newKeySet());
    }
  }

  /** Closed by JUnit when the test, or the class of tests, has ended. */
  private record Look(String name, OpenObjects objects, Reported reported)
      implements AutoCloseable {
    @Override
    public void close() {
      try (objects) {
        var leaked = objects.list().stream().filter(reported.objects::add).toList();
        if (!leaked.isEmpty()) {
          throw leak(name, leaked);
        }
      }
    }
  }

  private static AssertionError leak(String test, Collection<Opened> leaked) {
    var error =
        new AssertionError(
            leaked.stream()
                .map(object -> "\n  " + object)
                .collect(Collectors.joining("", test + " left BPF objects open:", "")));
    // The place where the check looked tells nothing.
    error.setStackTrace(new StackTraceElement[0]);
    for (var object : leaked) {
      error.addSuppressed(new Leaked(object.title(), object.thread(), object.stack()));
    }
    return error;
  }

  /** Nothing that was thrown: it shows the stack of an opening as IDEs and reports show stacks. */
  private static final class Leaked extends Throwable {
    private static final long serialVersionUID = 1;

    Leaked(String title, String thread, List<StackTraceElement> stack) {
      super("%s, opened by thread %s".formatted(title, thread), null, false, true);
      setStackTrace(stack.toArray(StackTraceElement[]::new));
    }

    @Override
    @SuppressWarnings("OverrideThrowableToString") // its class would only be noise above the stack
    public String toString() {
      return getMessage();
    }
  }
}
