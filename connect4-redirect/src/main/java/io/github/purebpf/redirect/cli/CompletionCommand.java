package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.cli.text.Words;
import java.io.PrintStream;
import java.util.List;

/** Prints what makes a shell complete the words of this command. */
record CompletionCommand() implements Command {
  /** The shells that there is a script for. */
  enum Shell {
    BASH,
    ZSH,
    FISH
  }

  private static final Syntax SYNTAX =
      new Syntax(
          "completion",
          "Print what makes a shell complete the words of this command",
          List.of(),
          List.of("bash|zsh|fish"),
          """
          For this shell only, in bash:  . <(connect4-redirect completion bash)
          in zsh:   . <(connect4-redirect completion zsh)
          in fish:  connect4-redirect completion fish | source
          For good, write it to a file where the shell looks for completions.
          """);

  @Override
  public Syntax syntax() {
    return SYNTAX;
  }

  @Override
  public void run(Arguments arguments, PrintStream out) {
    Shell shell;
    try {
      shell = Words.parse(Shell.class, "completion for", arguments.operand(0));
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.USAGE, "completion: " + e.getMessage(), e);
    }
    var syntaxes = Command.ALL.stream().map(Command::syntax).toList();
    out.print(
        switch (shell) {
          case BASH -> Completion.bash(syntaxes);
          case ZSH -> Completion.zsh(syntaxes);
          case FISH -> Completion.fish(syntaxes);
        });
  }
}
