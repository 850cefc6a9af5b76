package io.github.purebpf.redirect.cli;

import java.util.List;

/** The manual page, made from what the commands say they take. */
final class ManPage {
  private final StringBuilder out = new StringBuilder();

  private ManPage() {}

  static String of(List<Syntax> syntaxes) {
    var page = new ManPage();
    page.head();
    syntaxes.forEach(page::command);
    page.tail();
    return page.out.toString();
  }

  /** Text that roff leaves as it is. */
  static String escape(String text) {
    var escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("\"", "\\(dq");
    return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
  }

  private void line(String request) {
    out.append(request).append('\n');
  }

  private void section(String title) {
    line(".SH \"" + title + "\"");
  }

  private void head() {
    line(".TH CONNECT4\\-REDIRECT 8");
    section("NAME");
    line("connect4\\-redirect \\- redirect the TCP connects of the programs in a cgroup");
    section("SYNOPSIS");
    line(".B connect4\\-redirect");
    line(".I COMMAND");
    line("[OPTION ...]");
    section("DESCRIPTION");
    line("A connect to a virtual address (VIP:PORT) lands on the server that a table names.");
    line("IPv4 only, IPv4\\-mapped addresses on IPv6 sockets included.");
    line("Options are written \\-\\-option VALUE or \\-\\-option=VALUE, in any order; behind");
    line("\\-\\- everything is an operand.");
    section("COMMANDS");
  }

  private void command(Syntax syntax) {
    line(".SS " + escape(syntax.command()));
    line(escape(syntax.summary()) + ".");
    line(".PP");
    line(".nf");
    line(escape(syntax.usage()));
    line("");
    syntax.description().lines().forEach(text -> line(escape(text)));
    line(".fi");
    for (var option : syntax.allOptions()) {
      line(".TP");
      line(".B " + escape(option.spelled()));
      line(escape(option.help()));
    }
  }

  private void tail() {
    section("EXIT STATUS");
    for (var code : ExitCode.values()) {
      line(".TP");
      line(".B " + code.status());
      line(escape(code.meaning()));
    }
    section("SEE ALSO");
    line(".BR bpf (2),");
    line(".BR cgroups (7),");
    line(".BR bpftool (8)");
  }
}
