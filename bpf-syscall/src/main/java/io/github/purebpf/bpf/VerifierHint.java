package io.github.purebpf.bpf;

import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * What to do about a reason of the verifier, in words of this library. Reasons of old and new
 * kernels that mean the same have the same hint.
 *
 * @param reason a part of the reason; its first group is a register or another name
 * @param words the hint, with the group in place of {@code %s}
 */
record VerifierHint(Pattern reason, String words) {
  /** The special ones come before the general ones. */
  private static final List<VerifierHint> KNOWN =
      List.of(
          hint(
              "(R\\d) (?:invalid mem access '\\w+_or_null'|pointer arithmetic on \\w+_or_null)",
              "%s may be null: use it inside ifNonNull(%s, …) only"),
          hint(
              "(R\\d) invalid mem access '(?:scalar|inv|imm)'",
              "%s holds a number here, not a pointer: load the pointer again, or keep it in r6 to"
                  + " r9 or on the stack; what is no memory of the program's own takes"
                  + " bpf_probe_read_kernel"),
          hint("R0 !read_ok", "r0 is the result: set it on every path to exit(), as returning(…)"),
          hint(
              "(R[1-5]) !read_ok",
              "%s has no value here: calls destroy r1 to r5, so keep what is needed later in r6 to"
                  + " r9 or spill(…) it"),
          hint("(R[6-9]) !read_ok", "%s is read before anything was put into it on this path"),
          hint(
              "invalid access to packet",
              "compare with the end of the packet first: access it inside ifPacketHas(data, dataEnd,"
                  + " scratch, bytes, …) of enough bytes"),
          hint(
              "back-edge from insn",
              "loops need Linux 5.3 and CAP_BPF: unrolled(…) writes the rounds out instead"),
          hint(
              "infinite loop detected",
              "nothing in the loop comes closer to its end: counted(counter, limit, …) counts"),
          hint(
              "unreachable insn",
              "no path leads there: remove it, jump there, or call the function that it begins"),
          hint(
              "(?:program of this type cannot use helper|unknown func) (\\w+)|invalid func unknown",
              "this type of program may not call %s, or the kernel is older than it"),
          hint(
              "cannot call GPL-restricted function",
              "the function is reserved for programs under the GPL: withLicense(\"GPL\"), if it is"),
          hint(
              "invalid bpf_context access",
              "the context has no such field for this type of program, or not in this size and"
                  + " direction: load(…, ctx.get(field)) takes the field's own size"),
          hint(
              "program is too large|too many states|too complex|too much memory",
              "the verifier walks each round and each combination of branches: loop(…) or"
                  + " whileMayGoto(…) is walked once; split the rest with tailCall(…)"),
          hint(
              "Unreleased reference|reference has not been released|reference leak",
              "what a helper acquired, such as a socket or a record of a ring buffer, is to be"
                  + " released on every path to exit()"),
          hint(
              "invalid access to map value",
              "the access may go beyond the value, whose size is in the map's spec: bound an offset"
                  + " that varies first, with and(…, mask) or inside ifThen(…, Cond.ULT, limit, …)"),
          hint(
              "(R\\d) (?:(?:min|max) value is |unbounded memory access)",
              "the verifier does not know that the offset is in range: bound %s first, with"
                  + " and(%s, mask) or inside ifThen(%s, Cond.ULT, limit, …)"),
          hint(
              "At program exit the register (R0)|R0 is not a known value",
              "this type of program may only return certain values: returning(…) one of them"),
          hint(
              "last insn is not an? exit",
              "the program runs off its end: exit() or returning(…) ends it"),
          hint(
              "invalid (?:indirect )?read from stack|invalid read from stack",
              "a part of the stack is read that was not written on this path: store(slot, …) first"),
          hint(
              "invalid (?:indirect |variable-offset )?(?:write|access) to (?:variable-offset )?stack"
                  + "|invalid stack off=|combined stack size|stack exceeds",
              "there are 512 bytes of stack for a function and those that it calls: keep larger"
                  + " things in an array map of one entry"),
          hint("misaligned .*access", "an address is to be a multiple of the size of the access"),
          hint(
              "(R\\d) type=\\w* expected=",
              "the call expects something else in %s: Arg.map(…), Arg.addressOf(slot) and"
                  + " Arg.reg(…) of the context are different things"),
          hint(
              "(R\\d) (?:pointer [-+*/|&^%<>]+= pointer|bitwise operator|pointer arithmetic)"
                  + "|math between",
              "pointers only take additions and subtractions of bounded numbers"),
          hint(
              "missing btf func_info",
              "callbacks need source info: load without withoutSourceInfo()"),
          hint(
              "can only be sleepable|might sleep|sleepable program",
              "whether it may sleep is said at load: withFlags(ProgramFlags.SLEEPABLE), where the"
                  + " type and its hook allow it"));

  private static VerifierHint hint(String reason, String words) {
    return new VerifierHint(Pattern.compile(reason), words);
  }

  /** What to do about a reason, where that is known. */
  static Optional<String> of(String reason) {
    return KNOWN.stream().map(hint -> hint.match(reason)).flatMap(Optional::stream).findFirst();
  }

  private Optional<String> match(String text) {
    return reason.matcher(text).results().reduce((first, second) -> second).map(this::words);
  }

  private String words(MatchResult match) {
    String name = match.groupCount() == 0 ? null : match.group(1);
    if (name == null) {
      name = "it";
    } else if (name.matches("R\\d")) {
      name = name.replace('R', 'r');
    }
    return words.replace("%s", name);
  }
}
