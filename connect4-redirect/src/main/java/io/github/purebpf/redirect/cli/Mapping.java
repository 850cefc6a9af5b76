package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.redirect.WeightedServer;
import io.github.purebpf.redirect.cli.text.ServerText;
import java.util.List;

/** {@code VIP:PORT=SERVER:PORT*WEIGHT,SERVER:PORT} on the command line. */
record Mapping(VirtualAddress vip, List<WeightedServer> servers) {
  static final String SYNTAX = "VIP:PORT=" + ServerText.SYNTAX;

  Mapping {
    servers = List.copyOf(servers);
  }

  /**
   * Reads one; there may be no server behind the sign.
   *
   * @throws CommandException with {@link ExitCode#USAGE}
   */
  static Mapping parse(String text) {
    int equals = text.indexOf('=');
    if (equals < 0) {
      throw new CommandException(
          ExitCode.USAGE,
          "\"%s\" names no server; write %s, such as 10.0.0.1:80=10.1.2.3:8080"
              .formatted(text, SYNTAX));
    }
    var vip = parseVip(text.substring(0, equals));
    try {
      var servers = ServerText.parseAll(text.substring(equals + 1));
      return new Mapping(vip, Service.of(vip).withServers(servers).servers());
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.USAGE, e.getMessage(), e);
    }
  }

  /** With the policy and the rest that a service has if nobody says otherwise. */
  Service service() {
    return Service.of(vip).withServers(servers);
  }

  /**
   * Reads a virtual address that stands alone.
   *
   * @throws CommandException with {@link ExitCode#USAGE}
   */
  static VirtualAddress parseVip(String text) {
    try {
      return VirtualAddress.parse(text);
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.USAGE, e.getMessage(), e);
    }
  }
}
