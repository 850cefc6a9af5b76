package io.github.purebpf.redirect;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.BpfMap;
import io.github.purebpf.redirect.cli.demo.OwnJvm;
import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Starts classes of the tests that make system calls in a JVM of their own. */
final class ChildJvm {
  private ChildJvm() {}

  static List<String> command(Class<?> main, String... arguments) {
    var places =
        Stream.of(main, RedirectTable.class, BpfMap.class, BpfCode.class)
            .map(ChildJvm::place)
            .collect(Collectors.joining(File.pathSeparator));
    var classPath = Path.of("target", "test-classes") + File.pathSeparator + places;
    var command = new ArrayList<>(OwnJvm.of(classPath, main, "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of(arguments));
    return command;
  }

  private static String place(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException("where " + type + " was loaded from is no file", e);
    }
  }
}
