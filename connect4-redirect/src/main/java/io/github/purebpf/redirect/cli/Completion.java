package io.github.purebpf.redirect.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Scripts for shells, made from what the commands say they take. */
final class Completion {
  private Completion() {}

  /** What a value is, as far as a shell can complete it. */
  private enum Kind {
    FOLDER,
    FILE,
    CHOICE,
    OTHER;

    static Kind of(String value, List<String> choices) {
      if (!choices.isEmpty()) {
        return CHOICE;
      }
      return switch (value) {
        case "DIR" -> FOLDER;
        case "FILE", "PATH" -> FILE;
        default -> OTHER;
      };
    }
  }

  private static String commands(List<Syntax> syntaxes) {
    return syntaxes.stream().map(Syntax::command).collect(Collectors.joining(" "));
  }

  static String bash(List<Syntax> syntaxes) {
    var out = new StringBuilder();
    out.append("# bash completion for ").append(Main.NAME).append('\n');
    out.append(
        """
        _connect4_redirect() {
          local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words= files=
          COMPREPLY=()
          # The sign between an option and its value is a word of its own.
          if [ "$word" = = ]; then
            word=
          elif [ "$before" = = ]; then
            before=${COMP_WORDS[COMP_CWORD-2]}
          fi
          if [ "$COMP_CWORD" -eq 1 ]; then
            words='%s --help --version'
          else
            case "${COMP_WORDS[1]} $before" in
        """
            .formatted(commands(syntaxes)));
    for (var syntax : syntaxes) {
      for (var option : syntax.options()) {
        if (option.takesValue()) {
          out.append("      '%s %s') ".formatted(syntax.command(), option.name()))
              .append(bash(Kind.of(option.value(), option.choices()), option.choices()))
              .append(" ;;\n");
        }
      }
    }
    out.append("      *)\n        case ${COMP_WORDS[1]} in\n");
    for (var syntax : syntaxes) {
      out.append("          %s) words='%s'".formatted(syntax.command(), words(syntax)));
      for (var operand : syntax.operands()) {
        if (Kind.of(operand, Syntax.choices(operand)) == Kind.FILE) {
          out.append(" files=-f");
        }
      }
      out.append(" ;;\n");
    }
    out.append(
        """
                esac
                ;;
            esac
          fi
          # shellcheck disable=SC2207,SC2086
          COMPREPLY=($(compgen $files -W "$words" -- "$word"))
          [ -n "$files" ] && compopt -o filenames 2>/dev/null
          return 0
        }
        complete -F _connect4_redirect connect4-redirect
        """);
    return out.toString();
  }

  private static String bash(Kind kind, List<String> choices) {
    return switch (kind) {
      case FOLDER -> "files=-d";
      case FILE -> "files=-f";
      case CHOICE -> "words='" + String.join(" ", choices) + "'";
      case OTHER -> ":";
    };
  }

  /** All words that may follow a command. */
  private static String words(Syntax syntax) {
    var words = new ArrayList<String>();
    syntax.operands().forEach(operand -> words.addAll(Syntax.choices(operand)));
    syntax.allOptions().forEach(option -> words.add(option.name()));
    return String.join(" ", words);
  }

  static String zsh(List<Syntax> syntaxes) {
    var out = new StringBuilder("#compdef " + Main.NAME + "\n");
    out.append("_connect4_redirect() {\n  local -a commands\n  commands=(\n");
    for (var syntax : syntaxes) {
      out.append("    %s\n".formatted(quote(syntax.command() + ":" + colons(syntax.summary()))));
    }
    out.append(
        """
          )
          if (( CURRENT == 2 )); then
            _describe command commands
            _arguments '--help[explain and do nothing]' '--version[print the version]'
            return
          fi
          local command=$words[2]
          shift words
          (( CURRENT-- ))
          case $command in
        """);
    for (var syntax : syntaxes) {
      out.append("    %s)\n      _arguments".formatted(syntax.command()));
      for (var option : syntax.allOptions()) {
        out.append(" \\\n        ").append(quote(zsh(option)));
      }
      for (var operand : syntax.operands()) {
        out.append(" \\\n        ").append(quote(zsh(operand)));
      }
      out.append("\n      ;;\n");
    }
    out.append("  esac\n}\n");
    out.append("compdef _connect4_redirect ").append(Main.NAME).append('\n');
    return out.toString();
  }

  private static String zsh(Option option) {
    var repeat = option.occurs().isRepeatable() ? "*" : "";
    var help = "[" + option.help().replace("[", "\\[").replace("]", "\\]") + "]";
    return option.takesValue()
        ? "%s%s=%s:%s:%s"
            .formatted(
                repeat,
                option.name(),
                help,
                colons(option.value()),
                zsh(option.value(), option.choices()))
        : repeat + option.name() + help;
  }

  private static String zsh(String operand) {
    var choices = Syntax.choices(operand);
    var colons = Syntax.mayBeLeftOut(operand) ? "::" : ":";
    var name = choices.isEmpty() ? colons(operand) : String.join("|", choices);
    return colons + name + ":" + zsh(operand, choices);
  }

  private static String zsh(String value, List<String> choices) {
    return switch (Kind.of(value, choices)) {
      case FOLDER -> "_files -/";
      case FILE -> "_files";
      case CHOICE -> "(" + String.join(" ", choices) + ")";
      case OTHER -> " ";
    };
  }

  private static String colons(String text) {
    return text.replace(":", "\\:");
  }

  static String fish(List<Syntax> syntaxes) {
    var out = new StringBuilder("# fish completion for " + Main.NAME + "\n");
    var complete = "complete -c " + Main.NAME;
    out.append(complete).append(" -f\n");
    out.append(complete).append(" -n __fish_use_subcommand -l help -d 'explain and do nothing'\n");
    out.append(complete).append(" -n __fish_use_subcommand -l version -d 'print the version'\n");
    for (var syntax : syntaxes) {
      out.append(complete)
          .append(" -n __fish_use_subcommand -a %s".formatted(syntax.command()))
          .append(" -d %s\n".formatted(quote(syntax.summary())));
      var here =
          complete + " -n %s".formatted(quote("__fish_seen_subcommand_from " + syntax.command()));
      for (var option : syntax.allOptions()) {
        out.append(here).append(" -l ").append(option.name().substring(2));
        if (option.takesValue()) {
          out.append(fish(Kind.of(option.value(), option.choices()), option.choices()));
        }
        out.append(" -d ").append(quote(option.help())).append('\n');
      }
      for (var operand : syntax.operands()) {
        var choices = Syntax.choices(operand);
        var kind = Kind.of(operand, choices);
        if (kind == Kind.FILE) {
          out.append(here).append(" -F\n");
        } else if (kind == Kind.CHOICE) {
          out.append(here).append(" -a ").append(quote(String.join(" ", choices))).append('\n');
        }
      }
    }
    return out.toString();
  }

  private static String fish(Kind kind, List<String> choices) {
    return switch (kind) {
      case FOLDER -> " -x -a '(__fish_complete_directories)'";
      case FILE -> " -r -F";
      case CHOICE -> " -x -a " + quote(String.join(" ", choices));
      case OTHER -> " -x";
    };
  }

  /** For all three shells. */
  private static String quote(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }
}
