package io.github.purebpf.redirect.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.redirect.pace.Ticker;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.constantpool.LoadableConstantEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.MethodHandleEntry;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.GregorianCalendar;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Clocks of hosts jump. What a controller decides goes by {@code System.nanoTime}, which does not;
 * so its classes must not ask what time of the day it is.
 */
class NoWallClockTest {
  /** Each asks for the time, or compares with it. */
  private static final Pattern ASKS =
      Pattern.compile(
          """
          java/lang/System\\.currentTimeMillis\
          |java/time/[A-Za-z]+\\.(now|instant|millis|system.*|tick.*|offset)\
          |java/time/chrono/[A-Za-z]+\\.dateNow\
          |java/util/(Date|GregorianCalendar)\\.<init>\
          |java/util/Calendar\\.getInstance\
          |java/util/Timer\\.<init>\
          |java/util/concurrent/locks/(LockSupport|.*Condition)\\.(parkUntil|awaitUntil)\
          |java/security/cert/X509Certificate\\.checkValidity""");

  /** Who may, and why. */
  private static final Map<String, String> ALLOWED =
      Map.of(
          "TlsMaterial.requireValid",
          "a certificate is valid by the wall clock, for the server as well",
          "Controller.note",
          "shown to people only");

  private static Stream<Path> classes() throws IOException, URISyntaxException {
    var place = Path.of(Controller.class.getResource("Controller.class").toURI());
    var redirect = place.getParent().getParent();
    return Stream.of("controller", "consul", "source", "pace")
        .map(redirect::resolve)
        .flatMap(NoWallClockTest::files)
        .filter(file -> file.toString().endsWith(".class"));
  }

  private static Stream<Path> files(Path folder) {
    try (var files = Files.list(folder)) {
      return files.toList().stream();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static ClassModel parse(Path file) {
    try {
      return ClassFile.of().parse(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** What it calls, and what it makes a reference of. */
  private static Stream<String> calls(MethodModel method) {
    return method.code().stream()
        .flatMap(code -> code.elementStream())
        .flatMap(
            element ->
                switch (element) {
                  case InvokeInstruction call -> Stream.of(name(call.method()));
                  case InvokeDynamicInstruction call ->
                      call.invokedynamic().bootstrap().arguments().stream()
                          .flatMap(NoWallClockTest::referred);
                  default -> Stream.of();
                });
  }

  private static Stream<String> referred(LoadableConstantEntry argument) {
    return argument instanceof MethodHandleEntry handle
        ? Stream.of(name(handle.reference()))
        : Stream.of();
  }

  private static String name(MemberRefEntry called) {
    return called.owner().asInternalName() + "." + called.name();
  }

  private static Set<String> who(Stream<ClassModel> classes) {
    var who = new TreeSet<String>();
    classes.forEach(
        one -> {
          var simple = one.thisClass().asInternalName().replaceFirst(".*/", "");
          for (var method : one.methods()) {
            if (calls(method).anyMatch(call -> ASKS.matcher(call).matches())) {
              who.add(simple + "." + method.methodName());
            }
          }
        });
    return who;
  }

  @Test
  void nobodyAsksForTheTimeOfTheDay() throws Exception {
    var all = classes().map(NoWallClockTest::parse).toList();
    var names = all.stream().map(one -> one.thisClass().asInternalName()).toList();
    for (var one : Set.of(Controller.class, Ticker.class)) {
      assertTrue(names.contains(one.getName().replace('.', '/')), "it looks in the right place");
    }
    var who = who(all.stream());
    who.removeAll(ALLOWED.keySet());
    assertEquals(Set.of(), who, "go by System.nanoTime, or say here why not");
  }

  /** Asks in each way. */
  static final class Asking {
    static long call() {
      return System.currentTimeMillis();
    }

    static Object reference() {
      Supplier<Instant> now = Instant::now;
      return now;
    }

    static Object lambda() {
      Supplier<Object> now = () -> new GregorianCalendar();
      return now;
    }

    static Object clock() {
      return Clock.systemUTC();
    }

    static long not() {
      return System.nanoTime();
    }
  }

  @Test
  void whoAsksIsFound() throws Exception {
    var place = Path.of(Asking.class.getResource("NoWallClockTest$Asking.class").toURI());
    var prefix = "NoWallClockTest$Asking.";
    assertEquals(
        Set.of(prefix + "call", prefix + "reference", prefix + "lambda$lambda$0", prefix + "clock"),
        who(Stream.of(parse(place))));
  }
}
