package io.github.purebpf.redirect.cli.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A program that the demo lets connect.
 *
 * @param name for the reader
 * @param socket what kind of socket it opens, which decides the hook that its connects run
 * @param command how to start it
 */
public record ClientProgram(String name, String socket, List<String> command) {
  private static final String INET = "AF_INET socket, hook connect4";
  private static final String INET6 = "AF_INET6 socket, hook connect6";
  private static final Path BASH = Path.of("/bin/bash");

  /** What {@link ConnectClient} does, with the sockets of bash. */
  private static final String BASH_SCRIPT =
      """
      echo ready
      while read -r address port; do
        answer=$( (exec 3<>"/dev/tcp/$address/$port" && read -r name <&3 && echo "served $name") 2>&1)
        case $answer in
          served*) echo "$answer" ;;
          *refused*) echo refused ;;
          *) echo "failed" $answer ;;
        esac
      done
      """;

  /** Those that this machine has: two JVMs, and bash if it is there. */
  public static List<ClientProgram> available() throws IOException {
    var programs = new ArrayList<>(jvms(ConnectClient.class));
    if (Files.isExecutable(BASH)) {
      programs.add(bash());
    }
    return programs;
  }

  /** Two JVMs, with sockets of both kinds. */
  static List<ClientProgram> jvms(Class<?> main) throws IOException {
    return List.of(
        new ClientProgram("Java, default flags", jvmUsesIpv6() ? INET6 : INET, OwnJvm.of(main)),
        new ClientProgram(
            "Java, preferIPv4Stack", INET, OwnJvm.of(main, "-Djava.net.preferIPv4Stack=true")));
  }

  /** Bash, whose sockets are of the family of the address, as those of C programs mostly are. */
  public static ClientProgram bash() {
    return new ClientProgram("bash, /dev/tcp", INET, List.of(BASH.toString(), "-c", BASH_SCRIPT));
  }

  /** The JVM falls back to AF_INET where no interface has an IPv6 address. */
  private static boolean jvmUsesIpv6() throws IOException {
    var addresses = Path.of("/proc/net/if_inet6");
    return Files.exists(addresses) && !Files.readString(addresses).isBlank();
  }
}
