package io.github.purebpf.redirect;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.BpfMap;
import io.github.purebpf.redirect.cli.demo.OwnJvm;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Starts classes of the tests that make system calls in a JVM of their own. */
final class ChildJvm {
  private static final Set<PosixFilePermission> EVERYBODY =
      PosixFilePermissions.fromString("rwxr-xr-x");

  private ChildJvm() {}

  static List<String> command(Class<?> main, String... arguments) {
    return command(places(main), main, arguments);
  }

  /**
   * The same from copies of the classes that every user may read.
   *
   * @param folder where they are put
   */
  static List<String> commandForEverybody(Path folder, Class<?> main, String... arguments)
      throws IOException {
    Files.setPosixFilePermissions(folder, EVERYBODY);
    var copies = new ArrayList<Path>();
    for (var from : places(main).distinct().toList()) {
      var to = folder.resolve(copies.size() + "-" + from.getFileName());
      try (var files = Files.walk(from)) {
        for (var file : (Iterable<Path>) files::iterator) {
          var copy = to.resolve(from.relativize(file).toString());
          Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
          Files.setPosixFilePermissions(copy, EVERYBODY);
        }
      }
      copies.add(to);
    }
    return command(copies.stream(), main, arguments);
  }

  private static List<String> command(Stream<Path> places, Class<?> main, String... arguments) {
    var classPath = places.map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    var command = new ArrayList<>(OwnJvm.of(classPath, main, "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of(arguments));
    return command;
  }

  private static Stream<Path> places(Class<?> main) {
    return Stream.concat(
        Stream.of(Path.of("target", "test-classes")),
        Stream.of(main, RedirectTable.class, BpfMap.class, BpfCode.class).map(ChildJvm::place));
  }

  private static Path place(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("where " + type + " was loaded from is no file", e);
    }
  }
}
