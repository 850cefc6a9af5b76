package io.github.purebpf.tool;

/** What a command line can say besides the command and its files. */
enum Option {
  DIALECT("--dialect", "kernel|llvm", "how texts are written (default: kernel)"),
  ENDIAN("--endian", "little|big", "the byte order of the code (default: little)"),
  FORMAT("--format", "FORMAT", "see above"),
  EACH("--each", "", "many programs at once, see above"),
  TYPE("--type", "TYPE[/ATTACH]", "what the program is loaded as, see above"),
  SECTION("--section", "NAME", "the program's section, such as cgroup/connect4"),
  LICENSE("--license", "TEXT", "the program's license, such as GPL"),
  MAP("--map", "NAME=TYPE:KEY:VALUE:ENTRIES[:FLAG|...]", "defines a map; once for each"),
  WITHOUT("--without", "RULE", "does not look for this; once for each rule"),
  STRICT("--strict", "", "warnings count as errors"),
  HELP("--help", "", "explain and do nothing");

  final String word;

  /** What stands for its value in the help; empty if it takes none. */
  final String value;

  final String help;

  Option(String word, String value, String help) {
    this.word = word;
    this.value = value;
    this.help = help;
  }

  boolean takesValue() {
    return !value.isEmpty();
  }

  boolean isRepeatable() {
    return this == MAP || this == WITHOUT;
  }

  /** {@code --endian little|big}. */
  String spelled() {
    return takesValue() ? word + " " + value : word;
  }
}
