package io.github.purebpf.redirect.dataplane;

import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.RunStatistics;
import io.github.purebpf.redirect.Tool;
import io.github.purebpf.redirect.cli.demo.NamedServer;
import io.github.purebpf.testkit.ScratchCgroup;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * What a connect costs in the connect4 program and in its twin by clang, by the run statistics of
 * the kernel: {@code HookCost [ROUNDS [CONNECTS]]}, as root. Both are run in turn in each round, on
 * one table and by the same client, a shell in a cgroup that this makes and removes.
 */
final class HookCost {
  private static final int PORT = 8502;

  private HookCost() {}

  public static void main(String[] args) throws Exception {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 41;
    int connects = args.length > 1 ? Integer.parseInt(args[1]) : 500;
    Tool.require("clang-22");
    var options = new ProgramOptions(CgroupFilter.ALL, true, true);
    var folder = Files.createTempDirectory("hook-cost");
    try (var cgroup = ScratchCgroup.create();
        var dataplane = Dataplane.create();
        var _ = RunStatistics.enable();
        var ours = dataplane.load(Hook.CONNECT4, options);
        var theirs = dataplane.load(ClangTwin.spec(ClangTwin.compile(folder)));
        var operations = dataplane.load(Hook.OPERATIONS, options);
        var release = dataplane.load(Hook.RELEASE, options);
        var _ = operations.attachToCgroup(cgroup.path());
        var _ = release.attachToCgroup(cgroup.path());
        var a = NamedServer.start("A");
        var b = NamedServer.start("B");
        var c = NamedServer.start("C")) {
      var table = dataplane.table();
      var members = new ArrayList<ServiceImage.MemberImage>();
      for (var server : List.of(a, b, c)) {
        members.add(
            new ServiceImage.MemberImage(ServerWord.of(0x7f000001, server.server().port()), 1));
      }
      var cases = List.of("single", "least-connections", "miss");
      for (var name : cases) {
        int policy = name.equals("single") ? Head.POLICY_SINGLE : Head.POLICY_LEAST_CONNECTIONS;
        long vip = VipKey.tcp(0x7f4d0001, PORT).word();
        Change.put(table, new ServiceImage(vip, policy, 111, 0, members));
        String to = name.equals("miss") ? "127.77.0.2" : "127.77.0.1";
        var ratios = new double[rounds];
        var nanosOfOurs = new double[rounds];
        var nanosOfTheirs = new double[rounds];
        for (int i = -1; i < rounds; i++) { // one to warm up
          boolean oursFirst = i % 2 == 0;
          double first = cost(oursFirst ? ours : theirs, cgroup, to, connects);
          double second = cost(oursFirst ? theirs : ours, cgroup, to, connects);
          if (i >= 0) {
            nanosOfOurs[i] = oursFirst ? first : second;
            nanosOfTheirs[i] = oursFirst ? second : first;
            ratios[i] = nanosOfOurs[i] / nanosOfTheirs[i];
          }
        }
        System.out.printf(
            Locale.ROOT,
            "%-18s ours %s ns, clang %s ns, ratio %s%n",
            name,
            spread("%.0f", nanosOfOurs),
            spread("%.0f", nanosOfTheirs),
            spread("%.2f", ratios));
      }
    }
  }

  /** Nanoseconds for each run. */
  private static double cost(BpfProgram program, ScratchCgroup cgroup, String to, int connects)
      throws IOException, InterruptedException {
    try (var _ = program.attachToCgroup(cgroup.path())) {
      var before = program.statistics();
      var script =
          "for ((i = 0; i < %d; i++)); do exec 3<>/dev/tcp/%s/%d; exec 3<&-; done 2>/dev/null"
              .formatted(connects, to, PORT);
      var shell = cgroup.exec(List.of("bash", "-c", script));
      if (!shell.waitFor(5, TimeUnit.MINUTES)) {
        throw new IllegalStateException("the client does not end");
      }
      var after = program.statistics();
      long runs = after.runs() - before.runs();
      return (double) (after.nanos() - before.nanos()) / runs;
    }
  }

  /** The median, and the quartiles around it. */
  private static String spread(String format, double[] values) {
    Arrays.sort(values);
    return (format + " (" + format + " to " + format + ")")
        .formatted(
            values[values.length / 2], values[values.length / 4], values[values.length * 3 / 4]);
  }
}
