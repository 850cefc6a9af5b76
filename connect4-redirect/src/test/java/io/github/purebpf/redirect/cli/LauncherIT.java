package io.github.purebpf.redirect.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.testkit.Await;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The launcher in a checkout of empty files, with a JDK and a Maven that are shell scripts. */
@EnabledOnOs(OS.LINUX)
class LauncherIT {
  private static final Path BIN = Path.of("..", "bin");
  private static final String LAUNCHER = "connect4-redirect";
  private static final String COMMON_PART = "launch.sh";
  private static final List<String> MODULES =
      List.of("bpf-asm", "bpf-syscall", "connect4-redirect");

  /** What the launcher may use, and a Maven is not among it. */
  private static final List<String> TOOLS =
      List.of(
          "sed",
          "stat",
          "id",
          "env",
          "test",
          "find",
          "head",
          "dirname",
          "readlink",
          "mkdir",
          "touch",
          "cut",
          "getent",
          "flock",
          "nice",
          "timeout",
          "rm",
          "mv",
          "cat");

  private static final String FAKE_JAVA =
      """
      #!/bin/sh
      [ "$1" = -version ] && echo 'openjdk version "25.0.1" 2025-10-21' >&2 && exit
      case $1 in
        -XX:AOTCacheOutput=*) echo trained >"${1#*=}" && exit ;;
      esac
      for argument in "$@"; do echo "<$argument>"; done
      """;

  private static final String RELEASE =
      "JAVA_VERSION=\"25.0.1\"\nJAVA_RUNTIME_VERSION=\"25.0.1+8\"\n";

  private static final String FAKE_MAVEN =
      """
      #!/bin/sh
      echo "maven: $*"
      for module in bpf-asm bpf-syscall connect4-redirect; do
        touch "$module/target/$module-1.2.3.jar"
      done
      """;

  @TempDir private Path folder;
  private Path root;
  private Path jdk;
  private final Map<String, String> environment = new HashMap<>();

  /** How the launcher ended. */
  private record Run(int status, String out, String err) {}

  @BeforeEach
  void checkOut() throws IOException {
    root = Files.createDirectory(folder.resolve("check out")).toRealPath();
    Files.createDirectory(root.resolve("bin"));
    for (var script : List.of(LAUNCHER, COMMON_PART)) {
      Files.copy(BIN.resolve(script), root.resolve("bin").resolve(script));
    }
    executable(root.resolve("bin").resolve(LAUNCHER));
    Files.writeString(
        root.resolve("pom.xml"), "<project>\n  <version>1.2.3</version>\n  <version>9</version>\n");
    for (var module : MODULES) {
      Files.createDirectories(root.resolve(module).resolve("src/main"));
      Files.createDirectories(root.resolve(module).resolve("target"));
      Files.createFile(root.resolve(module).resolve("pom.xml"));
      Files.createFile(root.resolve(module).resolve("src/main/Source.java"));
    }
    age();
    MODULES.forEach(this::createJar);
    jdk = fakeJdk("jdk", "JAVA_VERSION=\"25.0.1\"\n");
    var tools = Files.createDirectory(folder.resolve("tools"));
    for (var tool : TOOLS) {
      script(tools.resolve(tool), "#!/bin/sh\nexec /usr/bin/" + tool + " \"$@\"\n");
    }
    environment.put("PATH", tools.toString());
    environment.put("PUREBPF_JAVA_HOME", jdk.toString());
  }

  /** Makes everything older than what is made from now on. */
  private void age() throws IOException {
    var past = FileTime.from(Instant.parse("2020-01-01T00:00:00Z"));
    try (var files = Files.walk(root)) {
      for (var file : files.toList()) {
        Files.setLastModifiedTime(file, past);
      }
    }
  }

  private Path jar(String module) {
    return root.resolve(module).resolve("target").resolve(module + "-1.2.3.jar");
  }

  private void createJar(String module) {
    try {
      Files.createFile(jar(module));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private Path fakeJdk(String name, String release) throws IOException {
    var home = folder.resolve(name);
    Files.createDirectories(home.resolve("bin"));
    script(home.resolve("bin/java"), FAKE_JAVA);
    script(home.resolve("bin/javac"), "#!/bin/sh\n");
    if (!release.isEmpty()) {
      Files.writeString(home.resolve("release"), release);
    }
    return home;
  }

  private void installMaven(String text) throws IOException {
    script(folder.resolve("tools/mvn"), text);
  }

  private static void script(Path path, String text) throws IOException {
    Files.writeString(path, text);
    executable(path);
  }

  private static void executable(Path path) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Run run(String... arguments) throws IOException, InterruptedException {
    return run(root.resolve("bin/connect4-redirect"), arguments);
  }

  private Run run(Path launcher, String... arguments) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(arguments));
    var errors = folder.resolve("errors");
    var builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectError(errors.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    var process = builder.start();
    var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Run(process.waitFor(), out, Files.readString(errors));
  }

  private String modulePath() {
    return "%s:%s:%s".formatted(MODULES.stream().map(this::jar).toArray());
  }

  private void assertStarts(Run run, String... arguments) {
    assertEquals(0, run.status(), run.err());
    var expected =
        new StringBuilder(
            "<--enable-native-access=io.github.purebpf.syscall>\n<--module-path>\n<"
                + modulePath()
                + ">\n<--module>\n<io.github.purebpf.redirect/io.github.purebpf.redirect.cli.Main>\n");
    for (var argument : arguments) {
      expected.append("<").append(argument).append(">\n");
    }
    assertTrue(run.out().endsWith(expected.toString()), run.out());
  }

  @Test
  void startsTheModuleWithTheArgumentsAsTheyAre() throws IOException, InterruptedException {
    var run = run("list", "--pin", "a folder", "*", "");
    assertStarts(run, "list", "--pin", "a folder", "*", "");
    assertEquals("", run.err());
  }

  @Test
  void isFoundThroughLinks() throws IOException, InterruptedException {
    var one = folder.resolve("one");
    var two = Files.createDirectory(folder.resolve("sub")).resolve("two");
    Files.createSymbolicLink(one, root.resolve("bin/connect4-redirect"));
    Files.createSymbolicLink(two, Path.of("../one"));
    assertStarts(run(two, "demo"), "demo");
  }

  @Test
  void asksJavaWhereTheJdkHasNoReleaseFile() throws IOException, InterruptedException {
    environment.put("PUREBPF_JAVA_HOME", fakeJdk("bare", "").toString());
    assertStarts(run("demo"), "demo");
  }

  @Test
  void takesTheJdkOfJavaHome() throws IOException, InterruptedException {
    environment.remove("PUREBPF_JAVA_HOME");
    environment.put("JAVA_HOME", jdk.toString());
    assertStarts(run("demo"), "demo");
  }

  @Test
  void passesOverAJdkThatIsTooOldAndTakesThatOfThePath() throws IOException, InterruptedException {
    environment.remove("PUREBPF_JAVA_HOME");
    environment.put("JAVA_HOME", fakeJdk("old", "JAVA_VERSION=\"1.8.0_402\"\n").toString());
    // Behind two links, as Debian has it.
    Files.createSymbolicLink(folder.resolve("java"), jdk.resolve("bin/java"));
    Files.createSymbolicLink(folder.resolve("tools/java"), folder.resolve("java"));
    assertStarts(run("demo"), "demo");
  }

  @Test
  void refusesAJdkThatWasNamedAndIsTooOld() throws IOException, InterruptedException {
    var old = fakeJdk("old", "JAVA_VERSION=\"21.0.2\"\n");
    environment.put("PUREBPF_JAVA_HOME", old.toString());
    var run = run("demo");
    assertEquals(1, run.status());
    assertEquals(
        "connect4-redirect: PUREBPF_JAVA_HOME=" + old + " is no JDK 25 or later\n", run.err());
  }

  @Test
  void buildsWhatIsMissingAndSaysSoOnTheStandardError() throws IOException, InterruptedException {
    installMaven(FAKE_MAVEN);
    Files.delete(jar("bpf-syscall"));
    var run = run("demo");
    assertStarts(run, "demo");
    assertEquals(
        """
        connect4-redirect: building it first, which takes up to a minute
        maven: -q -B -Dstyle.color=never -Dquick -pl connect4-redirect -am package
        """,
        run.err());
    assertFalse(run.out().contains("maven"));
    assertEquals("", run("demo").err(), "the second time there is nothing to build");
  }

  /** What root builds in somebody's checkout, its owner could neither build again nor remove. */
  @Test
  @RequiresKernel
  void buildsAsTheOwnerOfTheCheckoutWhenRootStartsIt() throws IOException, InterruptedException {
    installMaven(FAKE_MAVEN);
    script(folder.resolve("tools/runuser"), "#!/bin/sh\nexec /usr/sbin/runuser \"$@\"\n");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.delete(jar("bpf-syscall"));
    Files.delete(root.resolve("bpf-syscall/target"));
    var nobody =
        root.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
    try (var files = Files.walk(root)) {
      for (var file : files.toList()) {
        Files.setOwner(file, nobody);
      }
    }
    assertStarts(run("demo"), "demo");
    assertEquals(nobody, Files.getOwner(jar("bpf-syscall")));
    assertEquals(nobody, Files.getOwner(root.resolve("bpf-syscall/target")));
  }

  @Test
  void buildsAnewWhenASourceIsNewer() throws IOException, InterruptedException {
    installMaven(FAKE_MAVEN);
    var future = FileTime.from(Instant.now().plusSeconds(60));
    Files.setLastModifiedTime(root.resolve("bpf-asm/src/main/Source.java"), future);
    assertTrue(run("demo").err().contains("maven: "));
  }

  @Test
  void withoutMavenItSaysWhatToInstall() throws IOException, InterruptedException {
    Files.delete(jar("bpf-asm"));
    var run = run("demo");
    assertEquals(1, run.status());
    assertTrue(run.err().contains("install Maven 3.8.7 or later"), run.err());
    assertEquals("", run.out());
  }

  @Test
  void whereItCannotWriteItSaysWhoCan() throws IOException, InterruptedException {
    installMaven(FAKE_MAVEN);
    Files.delete(jar("bpf-asm"));
    Files.delete(root.resolve("bpf-asm/target"));
    Files.createFile(root.resolve("bpf-asm/target")); // root may write everywhere, but not there
    var run = run("demo");
    assertEquals(1, run.status());
    assertTrue(run.err().contains("cannot write to " + root.resolve("bpf-asm")), run.err());
  }

  @Test
  void aBuildThatFailsIsNotStarted() throws IOException, InterruptedException {
    installMaven("#!/bin/sh\necho broken\nexit 1\n");
    Files.delete(jar("bpf-asm"));
    var run = run("demo");
    assertEquals(1, run.status());
    assertTrue(run.err().contains("broken\nconnect4-redirect: the build failed"), run.err());
    assertEquals("", run.out());
  }

  /** The cache that the JDK's first training has made. */
  private Path trained() throws IOException, InterruptedException {
    jdk = fakeJdk("trained jdk", RELEASE);
    environment.put("PUREBPF_JAVA_HOME", jdk.toString());
    assertFalse(run("demo").out().contains("AOTCache"));
    var folder = root.resolve("connect4-redirect/target/start" + jdk);
    Await.until("a cache", () -> !caches(folder).isEmpty());
    return caches(folder).getFirst();
  }

  private static List<Path> caches(Path folder) {
    try (var files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".aot")).toList();
    } catch (IOException e) {
      return List.of(); // it is not there yet
    }
  }

  @Test
  void aSecondStartTakesTheCacheThatTheFirstHasMade() throws IOException, InterruptedException {
    var cache = trained();
    var run = run("demo");
    assertStarts(run, "demo");
    assertEquals("", run.err());
    assertTrue(run.out().contains("<-XX:AOTCache=" + cache + ">\n<-Xlog:aot=off>"), run.out());
  }

  @Test
  void aCacheOfOtherJarsIsMadeAnew() throws IOException, InterruptedException {
    var cache = trained();
    Files.writeString(cache, "old");
    Files.setLastModifiedTime(cache, FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
    var run = run("demo");
    assertStarts(run, "demo");
    assertFalse(run.out().contains("AOTCache"), run.out());
    Await.until("a new cache", () -> cache.toFile().length() == "trained\n".length());
  }

  @Test
  void aCacheThatCouldNotBeMadeIsNotTriedAgain() throws IOException, InterruptedException {
    var cache = trained();
    Files.writeString(cache, "");
    var run = run("demo");
    assertStarts(run, "demo");
    assertFalse(run.out().contains("AOTCache"), run.out());
    assertEquals("", Files.readString(cache));
  }
}
