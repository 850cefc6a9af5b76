package io.github.purebpf.redirect.cli;

import java.io.PrintStream;
import java.util.List;

/** Prints the manual page. */
record ManCommand() implements Command {
  private static final Syntax SYNTAX =
      new Syntax(
          "man",
          "Print the manual page, as roff",
          List.of(),
          List.of(),
          """
          To read it:     connect4-redirect man | man -l -
          To install it:
          connect4-redirect man >/usr/local/share/man/man8/connect4-redirect.8
          """);

  @Override
  public Syntax syntax() {
    return SYNTAX;
  }

  @Override
  public void run(Arguments arguments, PrintStream out) {
    out.print(ManPage.of(Command.ALL.stream().map(Command::syntax).toList()));
  }
}
