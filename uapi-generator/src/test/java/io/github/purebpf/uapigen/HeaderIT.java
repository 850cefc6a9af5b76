package io.github.purebpf.uapigen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.purebpf.insn.KernelVersion;
import io.github.purebpf.testkit.Bpftool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/** Has clang say where the fields of the committed extract lie, and how large they are. */
class HeaderIT {
  /** The extract does not keep which of its types are unions. */
  private static final Set<String> UNIONS = Set.of("bpf_attr", "bpf_iter_link_info");

  private static final Path HEADER = Path.of("/usr/include/linux/bpf.h");
  private static final String REQUIRE = "PUREBPF_REQUIRE_KERNEL";

  /** With fewer fields in common the comparison would say nothing. */
  private static final int FEWEST = 200;

  private static final Pattern COMPLAINT = Pattern.compile("fields:(\\d+):\\d+: error: (.*)");

  /** C asks for the place of a field, and a bit has none. */
  private static final String BIT = "bit-field";

  @TempDir private Path folder;

  /** A field as C names it. */
  private record Field(String type, Uapi.Slot slot) {
    String path() {
      return slot.path().replaceFirst("^\\(\\w+\\)\\.", "");
    }

    String offset() {
      return "__builtin_offsetof(%s, %s) == %d".formatted(type, path(), slot.offset());
    }

    String size() {
      return "sizeof(((%s *)0)->%s) == %d".formatted(type, path(), slot.size());
    }

    @Override
    public String toString() {
      return type + " " + path();
    }
  }

  /** What clang says to the fields: where it knows no such field, and where it sees another. */
  private record Verdict(int asked, TreeSet<String> unknown, List<String> wrong) {}

  private static Uapi committed() throws IOException {
    return Uapi.parse(Files.readString(Path.of("src/main/data/uapi.txt")));
  }

  private static List<Field> fields() throws IOException {
    var fields = new ArrayList<Field>();
    committed()
        .structs()
        .forEach(
            (name, layout) ->
                layout.slots().stream()
                    .map(
                        slot ->
                            new Field((UNIONS.contains(name) ? "union " : "struct ") + name, slot))
                    .forEach(fields::add));
    return fields;
  }

  private Verdict ask(String header, List<Field> fields, boolean sizes) throws Exception {
    var source = new StringBuilder(header).append("\n#line 1 \"fields\"\n");
    for (var field : fields) {
      var claim = sizes ? field.offset() + " && " + field.size() : field.offset();
      source.append("_Static_assert(%s, \"\");\n".formatted(claim));
    }
    var unknown = new TreeSet<String>();
    var wrong = new ArrayList<String>();
    for (String line : clang(source.toString()).lines().toList()) {
      var complaint = COMPLAINT.matcher(line);
      if (!complaint.matches()) {
        assertTrue(!line.contains("error:"), line);
        continue;
      }
      var field = fields.get(Integer.parseInt(complaint.group(1)) - 1).toString();
      if (complaint.group(2).startsWith("static assertion failed")) {
        wrong.add(field + ": " + complaint.group(2));
      } else {
        unknown.add(field + (complaint.group(2).contains(BIT) ? " is a " + BIT : ""));
      }
    }
    return new Verdict(fields.size(), unknown, wrong);
  }

  private String clang(String source) throws Exception {
    var file = Files.writeString(folder.resolve("fields.c"), source);
    var output = folder.resolve("output");
    var command =
        List.of(
            "clang-22",
            "-target",
            "bpf",
            "-I/usr/include/"
                + System.getProperty("os.arch").replace("amd64", "x86_64")
                + "-linux-gnu",
            "-DBPF_NO_PRESERVE_ACCESS_INDEX",
            "-fsyntax-only",
            "-ferror-limit=0",
            "-fno-caret-diagnostics",
            "-fno-color-diagnostics",
            "-w",
            file.toString());
    try {
      int _ =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start()
              .waitFor();
    } catch (IOException e) {
      skip("clang-22 is not installed, so nothing is compared with it");
    }
    return Files.readString(output);
  }

  private static void skip(String reason) {
    if ("1".equals(System.getenv(REQUIRE))) {
      fail(reason + "; " + REQUIRE + "=1 forbids to skip");
    }
    Assumptions.abort(reason);
  }

  /** The header of the installed C library may be of an older kernel than the extract. */
  @Test
  void fieldsLieWhereTheInstalledHeaderHasThem(TestReporter reporter) throws Exception {
    if (!Files.exists(HEADER)) {
      skip(HEADER + " is not installed, so nothing is compared with it");
    }
    var headers =
        Stream.of("bpf", "netlink", "inet_diag").map("#include <linux/%s.h>\n"::formatted);
    var verdict = ask(headers.collect(Collectors.joining()), fields(), false);
    reporter.publishEntry("not compared", verdict.unknown.toString());
    assertEquals(List.of(), verdict.wrong);
    assertTrue(verdict.asked - verdict.unknown.size() >= FEWEST, verdict.unknown::toString);
  }

  @Test
  void fieldsAreWhereAndAsLargeAsInTheRunningKernel(TestReporter reporter) throws Exception {
    var types = Bpftool.run("btf", "dump", "file", "/sys/kernel/btf/vmlinux", "format", "c");
    var release = KernelVersion.parse(Files.readString(Path.of("/proc/sys/kernel/osrelease")));
    boolean same = release.equals(committed().kernel());
    var verdict = ask(types, fields(), same);
    reporter.publishEntry("not compared", verdict.unknown.toString());
    assertEquals(List.of(), verdict.wrong);
    if (same) {
      verdict.unknown.removeIf(field -> field.endsWith(BIT));
      assertEquals(List.of(), List.copyOf(verdict.unknown), "fields that clang does not know");
    }
    assertTrue(verdict.asked - verdict.unknown.size() >= FEWEST, verdict.unknown::toString);
  }
}
