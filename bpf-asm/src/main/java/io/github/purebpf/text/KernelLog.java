package io.github.purebpf.text;

import java.util.regex.Pattern;

/** What stands in the verifier's log and in bpftool's dumps besides instructions. */
final class KernelLog {
  /** {@code 12: (b7)}, with the live registers in between in one of the verifier's listings. */
  private static final Pattern PREFIX =
      Pattern.compile("[ \t]*+(\\d{1,9}):[ \t]++(?:[.0-9]{10}[ \t]++)?\\(([0-9a-f]{2})\\)");

  /** {@code 0: R1=ctx() R10=fp0}, the state in front of an instruction. */
  private static final Pattern STATE = Pattern.compile("[ \t]*+\\d{1,9}: R\\d{1,2}[a-z_]*+=.*");

  /** {@code int sock4_connect(struct bpf_sock_addr * ctx):}, the head of a function. */
  private static final Pattern HEAD =
      Pattern.compile("[A-Za-z_][\\w *]*[ *]\\w+\\([^;]*\\):[ \t\r]*");

  /** {@code processed 13 insns (limit 1000000) ...}, {@code func#0 @0}. */
  private static final Pattern REMARK =
      Pattern.compile(
          "(?:Live regs before insn:|processed \\d++ insns |func#\\d++ @\\d|verification time \\d"
              + "|stack depth \\d|mark_precise: |-- BEGIN PROG|-- END PROG|from \\d++ to \\d).*+");

  private KernelLog() {}

  /** How many characters at the start of a line are a listing's prefix; 0 if there is none. */
  static int prefixLength(String line) {
    var matcher = PREFIX.matcher(line);
    return matcher.lookingAt() ? matcher.end() : 0;
  }

  /** Whether a line holds no instruction. */
  static boolean isPassedOver(String line) {
    return STATE.matcher(line).matches()
        || REMARK.matcher(line).matches()
        || HEAD.matcher(line).matches();
  }

  /** The slot's number in a prefix. */
  static int slot(Token prefix) {
    return Integer.parseInt(group(prefix, 1));
  }

  /** The opcode in a prefix. */
  static int opcode(Token prefix) {
    return Integer.parseInt(group(prefix, 2), 16);
  }

  private static String group(Token prefix, int number) {
    var matcher = PREFIX.matcher(prefix.text());
    if (!matcher.lookingAt()) {
      throw new AssertionError("the lexer matched it: " + prefix);
    }
    return matcher.group(number);
  }
}
