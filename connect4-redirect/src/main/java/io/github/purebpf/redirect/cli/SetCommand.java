package io.github.purebpf.redirect.cli;

import java.io.PrintStream;
import java.util.List;

/** Maps a virtual address to a server. */
record SetCommand() implements Command {
  private static final Syntax SYNTAX =
      new Syntax(
          "set",
          "Map a virtual address to a server, in a redirector that runs",
          List.of(PinOption.PIN),
          List.of(Mapping.SYNTAX),
          """
          Adds the virtual address, or maps it to another server. Connects that begin from
          now on go to the server; those that are made stay where they are.
          """);

  @Override
  public Syntax syntax() {
    return SYNTAX;
  }

  @Override
  public void run(Arguments arguments, PrintStream out) {
    var mapping = Mapping.parse(arguments.operand(0));
    try (var table = PinOption.open(arguments)) {
      var before = table.get(mapping.vip());
      table.put(mapping.vip(), mapping.server());
      out.println(
          mapping.vip()
              + " is mapped to "
              + mapping.server()
              + before
                  .map(service -> ", it was to " + ListCommand.servers(service.servers()))
                  .orElse(", it was not mapped"));
    }
  }
}
