package io.github.purebpf.asm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.InsnEncoder;
import io.github.purebpf.insn.LoadImm64;
import io.github.purebpf.text.AsmText;
import io.github.purebpf.text.Dialect;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The page docs/instruction-set.md, made from the model: {@code mvn test -pl bpf-asm
 * -Dtest=InstructionSetPageTest -Dpurebpf.write.docs=true} writes it anew.
 */
class InstructionSetPageTest {
  private static final Path PAGE = Path.of("../docs/instruction-set.md");
  private static final Path FORMS = Path.of("src/test/java/io/github/purebpf/asm/Forms.java");
  private static final Pattern FORM =
      Pattern.compile(
          "form\\(\\s*\"([^\"]+)\",\\s*\\(b, \\w+\\) -> b\\.(.*?)\\);\\s*\\n", Pattern.DOTALL);

  @Test
  void thePageIsWhatTheModelSays() throws IOException {
    var page = page();
    if (Boolean.getBoolean("purebpf.write.docs")) {
      Files.writeString(PAGE, page);
    }
    assertEquals(page, Files.readString(PAGE), "write it anew with -Dpurebpf.write.docs=true");
  }

  private static String page() throws IOException {
    var calls = calls();
    var out =
        new StringBuilder(
            """
            # The instruction set at a glance

            Every form that the DSL builds, one call each, with its text in both dialects, its bytes
            on a little-endian machine and the kernel that brought it. `to` is a label one
            instruction ahead. This page is made from the instruction model by a test.

            | DSL | kernel dialect | LLVM dialect | bytes | Linux |
            |---|---|---|---|---|
            """);
    for (var form : Forms.all()) {
      var insn = form.insn();
      out.append(
          "| `%s` | `%s` | `%s` | `%s` | %s |\n"
              .formatted(
                  cell(calls.get(form.text())),
                  cell(AsmText.print(insn, Dialect.KERNEL)),
                  cell(AsmText.print(insn, Dialect.LLVM)),
                  bytes(insn),
                  insn.since().map(Object::toString).orElse("none yet")));
    }
    return out.toString();
  }

  /** The DSL call of each form, as the table of forms spells it. */
  private static Map<String, String> calls() throws IOException {
    var calls = new HashMap<String, String>();
    var matcher = FORM.matcher(Files.readString(FORMS));
    while (matcher.find()) {
      calls.put(matcher.group(1), matcher.group(2).replaceAll("\\s+", " "));
    }
    return calls;
  }

  private static String bytes(Insn insn) {
    var slots =
        new StringBuilder(hex(InsnEncoder.encode(List.of(insn), java.nio.ByteOrder.LITTLE_ENDIAN)));
    if (insn instanceof LoadImm64) {
      slots.insert(16, ' ');
    }
    return slots.toString();
  }

  private static String hex(byte[] bytes) {
    return java.util.HexFormat.of().formatHex(bytes);
  }

  private static String cell(String text) {
    return text.replace("|", "\\|");
  }
}
