package io.github.purebpf.bpf;

import static java.util.stream.Collectors.toCollection;
import static java.util.stream.Collectors.toMap;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.error.UnsupportedKernelException;
import io.github.purebpf.bpf.internal.failure.Needs;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.insn.KernelVersion;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.BpfSkLookup;
import io.github.purebpf.uapi.ProgramType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of test runs in the manual says what this library and the kernel do. */
class ProgramsPageTest {
  private static final Path PAGE = Path.of("..", "docs", "programs.md");
  private static final Pattern TYPE = Pattern.compile("\\b[A-Z][A-Z0-9_]{2,}\\b");
  private static final Pattern RUN = Pattern.compile("`TestRun\\.(\\w+)`");
  private static final Pattern VERSION = Pattern.compile("^(\\d+)\\.(\\d+)\\b.*");

  private static final Map<String, TestRun<?>> RUNS =
      Map.of(
          "xdp", TestRun.xdp(new byte[14]),
          "skb", TestRun.skb(new byte[14]),
          "flowDissector", TestRun.flowDissector(new byte[14]),
          "tracing", TestRun.tracing(),
          "rawTracepoint", TestRun.rawTracepoint(),
          "skLookup", TestRun.skLookup().with(BpfSkLookup.FAMILY, 2),
          "syscall", TestRun.syscall(),
          "netfilter", TestRun.netfilter(new byte[34]));

  /** What a row says of a type of program. */
  private record Row(String run, KernelVersion since, Set<Capability> needed) {}

  private static Map<ProgramType, Row> rows() throws IOException {
    return Files.readAllLines(PAGE).stream()
        .map(line -> line.split("\\|", -1))
        .filter(cells -> cells.length == 6 && RUN.matcher(cells[2]).find())
        .flatMap(ProgramsPageTest::row)
        .collect(toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  private static Stream<Map.Entry<ProgramType, Row>> row(String[] cells) {
    var run = RUN.matcher(cells[2]);
    var version = VERSION.matcher(cells[3].strip());
    if (!run.find() || !version.matches()) {
      throw new AssertionError(String.join("|", cells));
    }
    var since =
        new KernelVersion(Integer.parseInt(version.group(1)), Integer.parseInt(version.group(2)));
    var needed =
        TYPE.matcher(cells[4])
            .results()
            .map(result -> Capability.valueOf(result.group()))
            .collect(toCollection(() -> EnumSet.noneOf(Capability.class)));
    var row = new Row(run.group(1), since, needed);
    return TYPE.matcher(cells[1])
        .results()
        .map(result -> Map.entry(ProgramType.valueOf(result.group()), row));
  }

  private static BpfProgram program(FakeKernel kernel, ProgramType type) {
    var hook =
        switch (type) {
          case SK_LOOKUP -> Optional.of(AttachType.SK_LOOKUP);
          case NETFILTER -> Optional.of(AttachType.NETFILTER);
          case TRACING -> Optional.of(AttachType.MODIFY_RETURN);
          default -> Optional.<AttachType>empty();
        };
    return BpfProgram.load(kernel, new ProgramSpec("p", type, hook, Fixtures.PASS, "GPL", 0));
  }

  @Test
  void eachTypeTakesTheRunOfItsRowAndNoOther() throws IOException {
    var rows = rows();
    for (var type : ProgramType.values()) {
      var kernel = new FakeKernel();
      var program = program(kernel, type);
      kernel.answer = (_, _) -> 0;
      for (var run : RUNS.entrySet()) {
        kernel.calls.clear();
        var row = rows.get(type);
        if (row != null && row.run.equals(run.getKey())) {
          program.testRun(run.getValue());
          assertEquals(1, kernel.calls(Cmd.PROG_TEST_RUN).size());
        } else {
          assertThrows(
              IllegalArgumentException.class,
              () -> program.testRun(run.getValue()),
              () -> run.getKey() + " of " + type);
          assertEquals(List.of(), kernel.calls, "refused before the kernel is asked");
        }
      }
    }
    assertEquals(RUNS.keySet(), Set.copyOf(rows.values().stream().map(Row::run).toList()));
  }

  @Test
  void anOlderKernelIsToldTheReleaseOfItsRow() throws IOException {
    rows()
        .forEach(
            (type, row) -> {
              var kernel = new FakeKernel();
              var program = program(kernel, type);
              kernel.release = new KernelVersion(row.since.major(), row.since.minor() - 1);
              kernel.answer = (_, _) -> -Errno.EINVAL;
              var e =
                  assertThrows(
                      UnsupportedKernelException.class, () -> program.testRun(RUNS.get(row.run)));
              assertEquals(row.since, e.since(), type.kernelName());
            });
  }

  @Test
  void whatLoadingTakesIsWhatTheKernelAsksFor() throws IOException {
    rows().forEach((type, row) -> assertEquals(Needs.of(type), row.needed, type.kernelName()));
  }
}
