package io.github.purebpf.redirect.cli.demo;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Command lines that start classes of this module in a JVM of their own, like the one we are. */
public final class OwnJvm {
  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();

  /** What lets a JVM start and end fast. */
  private static final List<String> BRIEF =
      List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Xmx64m");

  private OwnJvm() {}

  /** Starts a class that needs nothing but the JDK. */
  static List<String> of(Class<?> main, String... options) {
    return of(locationOf(main), main, options);
  }

  /** The same from a class path, for a class that lies where its module does not. */
  public static List<String> of(String classPath, Class<?> main, String... options) {
    var command = start();
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", classPath, main.getName()));
    return command;
  }

  /** Starts a class that makes system calls, with this JVM's module path or class path. */
  public static List<String> withNativeAccess(Class<?> main, List<String> arguments) {
    var command = start();
    var module = main.getModule();
    if (module.isNamed()) {
      command.addAll(
          List.of(
              "--enable-native-access=io.github.purebpf.syscall",
              "--module-path",
              System.getProperty("jdk.module.path"),
              "--module",
              module.getName() + "/" + main.getName()));
    } else {
      command.addAll(
          List.of(
              "--enable-native-access=ALL-UNNAMED",
              "-cp",
              System.getProperty("java.class.path"),
              main.getName()));
    }
    command.addAll(arguments);
    return command;
  }

  private static List<String> start() {
    var command = new ArrayList<String>();
    command.add(JAVA);
    command.addAll(BRIEF);
    return command;
  }

  private static String locationOf(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException("where " + type + " was loaded from is no file", e);
    }
  }
}
