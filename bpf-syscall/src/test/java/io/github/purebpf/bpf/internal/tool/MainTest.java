package io.github.purebpf.bpf.internal.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.features.Feature;
import io.github.purebpf.bpf.features.KernelRelease;
import io.github.purebpf.bpf.features.Outcome;
import io.github.purebpf.bpf.features.Report;
import io.github.purebpf.insn.KernelVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  private static final Report REPORT =
      new Report(
          new KernelRelease("6.18.0", new KernelVersion(6, 18), Optional.empty()),
          new Report.Machine("amd64", OptionalInt.of(4096), OptionalInt.of(2)),
          new Report.Jit(
              OptionalInt.of(1), OptionalInt.empty(), OptionalInt.empty(), OptionalLong.empty()),
          new Report.Security(
              Set.of(),
              true,
              false,
              OptionalInt.of(2),
              Optional.empty(),
              Optional.empty(),
              OptionalLong.of(65536),
              false),
          new Report.Mounts(List.of(), List.of(), List.of()),
          List.of(
              new Feature(
                  Feature.Kind.MAP_TYPE,
                  "BPF_MAP_TYPE_HASH",
                  new KernelVersion(3, 19),
                  new Outcome.Forbidden(Set.of(Capability.CAP_BPF), "needs CAP_BPF"))),
          List.of());

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private boolean withHelpers;

  private int run(OutputStream to, Main.Reporter reporter, String... words) {
    return Main.run(
        List.of(words), to, new PrintStream(err, true, StandardCharsets.UTF_8), reporter);
  }

  private int run(String... words) {
    return run(
        out,
        helpers -> {
          withHelpers = helpers;
          return REPORT;
        },
        words);
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void printsTheReportAsItIsInLines() {
    assertEquals(Main.OK, run());
    assertEquals(REPORT.toString(), out());
    assertEquals("", err());
    assertEquals(false, withHelpers);
    assertTrue(out().contains("map types: 0 of 1 available, 1 could not be probed\n"), out());
    assertTrue(out().contains("forbidden: needs CAP_BPF\n"), out());
  }

  @Test
  void printsJsonWithTheHelpersInAnyOrderOfOptions() {
    assertEquals(Main.OK, run("--helpers", "--json"));
    assertEquals(REPORT.toJson(), out());
    assertEquals(true, withHelpers);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "-h", "help"})
  void helpExplainsAndTriesNothing(String word) {
    int status =
        run(
            out,
            _ -> {
              throw new AssertionError("no report was asked for");
            },
            "--json",
            word);
    assertEquals(Main.OK, status);
    assertEquals(Main.HELP, out());
    assertEquals("", err());
    assertTrue(out().lines().allMatch(line -> line.length() <= 88), out());
  }

  @Test
  void aWrongCommandLineIsRefusedInOneLine() {
    assertEquals(Main.USAGE, run("--jsn"));
    assertEquals(Main.USAGE, run("maps"));
    assertEquals(Main.USAGE, run("--json", "--json"));
    assertEquals(
        """
        bpf-features: there is no option --jsn (see bpf-features --help)
        bpf-features: it takes options only, not maps (see bpf-features --help)
        bpf-features: --json is given twice (see bpf-features --help)
        """,
        err());
    assertEquals("", out());
  }

  @Test
  void whereThereIsNoBpfItSaysSo() {
    int status =
        run(
            out,
            _ -> {
              throw new UnsupportedOperationException("this is no Linux");
            });
    assertEquals(Main.ERRORS, status);
    assertEquals("bpf-features: this is no Linux\n", err());
  }

  @Test
  void anOutputThatIsFullIsAnErrorAndOneThatIsGoneIsNot() {
    assertEquals(Main.ERRORS, run(failing("No space left on device"), _ -> REPORT));
    assertEquals("bpf-features: cannot write the output: No space left on device\n", err());
    err.reset();
    assertEquals(Main.READER_GONE, run(failing("Broken pipe"), _ -> REPORT));
    assertEquals("", err());
  }

  private static OutputStream failing(String reason) {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        throw new IOException(reason);
      }
    };
  }
}
