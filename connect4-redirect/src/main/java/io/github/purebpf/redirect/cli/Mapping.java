package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.VirtualAddress;

/** {@code VIP:PORT=SERVER:PORT} on the command line. */
record Mapping(VirtualAddress vip, Server server) {
  static final String SYNTAX = "VIP:PORT=SERVER:PORT";

  /**
   * Reads one.
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
    try {
      return new Mapping(
          VirtualAddress.parse(text.substring(0, equals)),
          Server.parse(text.substring(equals + 1)));
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.USAGE, e.getMessage(), e);
    }
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
