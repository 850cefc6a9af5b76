package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.VirtualAddress;
import java.io.PrintStream;
import java.util.List;

/** Takes a virtual address out of the table. */
record UnsetCommand() implements Command {
  private static final Syntax SYNTAX =
      new Syntax(
          "unset",
          "Take a virtual address out of a redirector that runs",
          List.of(PinOption.PIN),
          List.of("VIP:PORT"),
          """
          Connects to the address that begin from now on are left alone; those that are
          made stay where they are.
          """);

  @Override
  public Syntax syntax() {
    return SYNTAX;
  }

  @Override
  public void run(Arguments arguments, PrintStream out) {
    var vip = Mapping.parseVip(arguments.operand(0));
    try (var table = PinOption.open(arguments)) {
      if (!table.remove(vip)) {
        throw notMapped(vip);
      }
      out.println(vip + " is not mapped any more");
    }
  }

  /** The end of a command that is about an address in the table. */
  static CommandException notMapped(VirtualAddress vip) {
    return new CommandException(
        ExitCode.NOT_MAPPED, vip + " is not mapped; see what is: " + Main.NAME + " list --pin DIR");
  }
}
