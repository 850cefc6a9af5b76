package io.github.purebpf.redirect.dataplane;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.purebpf.asm.BpfBuilder;
import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.ProgramSpec;
import io.github.purebpf.bpf.TestRun;
import io.github.purebpf.bpf.features.Features;
import io.github.purebpf.bpf.features.KernelFeature;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.ProgramType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Which server is chosen, with loops that are counted, which every kernel takes, and with those
 * that the kernel ends: from none to as many servers as there may be.
 */
@RequiresKernel
@NoLeakedFds
class SelectionLoopsIT {
  private static final long VIP = VipKey.tcp(0x7f4d0001, 80).word();

  /** What a sticky policy sticks to. */
  private static final int CLIENT = 4711;

  /** What the program returns without a server. */
  private static final int NONE = -1;

  /** Returns the index of the server that it chooses, which then has one connection more. */
  private static BpfCode chooser(boolean mayGoto) {
    return BpfCode.build(
        b -> {
          var missing = b.newLabel();
          var selection = new Selection(b, mayGoto, new SameClient(b));
          b.lddw(R1, VIP).stxdw(selection.key().mem(), R1);
          selection.find(missing);
          var none = selection.choose();
          b.load(R0, selection.chosen()).exit().labelBinding(none).returning(NONE);
        });
  }

  private record SameClient(BpfBuilder b) implements Selection.Context {
    @Override
    public void withoutService() {
      b.returning(NONE);
    }

    @Override
    public void container() {
      b.mov(R0, CLIENT);
    }

    @Override
    public void socket() {
      b.mov(R0, CLIENT);
    }
  }

  static Stream<Arguments> loopsAndSizes() {
    var loops =
        Features.of(KernelFeature.MAY_GOTO).isAvailable() ? List.of(false, true) : List.of(false);
    return loops.stream()
        .flatMap(
            mayGoto ->
                Stream.of(0, 1, 2, 7, Head.MOST_MEMBERS - 1, Head.MOST_MEMBERS)
                    .map(size -> Arguments.of(mayGoto, size)));
  }

  private static ServiceImage image(int policy, int size) {
    var members = new ArrayList<ServiceImage.MemberImage>();
    for (int i = 0; i < size; i++) {
      members.add(new ServiceImage.MemberImage(ServerWord.of(0x0a000001 + i, 80), 1 + i % 5));
    }
    return new ServiceImage(VIP, policy, 111, 0, members);
  }

  @ParameterizedTest(name = "may_goto: {0}, {1} servers")
  @MethodSource("loopsAndSizes")
  void theSameServersAreChosen(boolean mayGoto, int size) {
    var spec =
        new ProgramSpec(
            "rd_chooser", ProgramType.XDP, Optional.empty(), chooser(mayGoto), "GPL", 0);
    try (var dataplane = Dataplane.create();
        var program = dataplane.load(spec)) {
      assertEquals(List.of(NONE), run(program, 1), "without the address");
      var table = dataplane.table();
      for (int policy = Head.POLICY_SINGLE; policy <= Head.POLICY_STICKY_SOCKET; policy++) {
        Change.put(table, image(policy, size));
        assertChosen(table, program, policy);
        Change.remove(table, VIP);
      }
    }
  }

  private static void assertChosen(Table table, BpfProgram program, int policy) {
    var servers = table.figures(VIP).orElseThrow().backends();
    var weights = table.get(VIP).orElseThrow().members();
    if (servers.isEmpty()) {
      assertEquals(List.of(NONE), run(program, 1));
      return;
    }
    // By weight: each server as often as its weight says.
    var byWeight =
        IntStream.range(0, servers.size())
            .boxed()
            .flatMap(
                i -> Stream.generate(() -> servers.get(i).index()).limit(weights.get(i).weight()))
            .toList();
    var chosen = run(program, byWeight.size());
    switch (policy) {
      case Head.POLICY_SINGLE -> assertAll(servers.getFirst().index(), chosen);
      case Head.POLICY_ROUND_ROBIN -> assertEquals(byWeight, chosen);
      case Head.POLICY_LEAST_CONNECTIONS ->
          assertEquals(byWeight.stream().sorted().toList(), chosen.stream().sorted().toList());
      case Head.POLICY_STICKY_CONTAINER, Head.POLICY_STICKY_SOCKET ->
          assertAll(
              servers.stream()
                  .min(Comparator.comparingLong(server -> Score.ofClient(CLIENT, server.server())))
                  .orElseThrow()
                  .index(),
              chosen);
      default ->
          assertEquals(List.of(), chosen.stream().filter(i -> !byWeight.contains(i)).toList());
    }
  }

  private static void assertAll(int expected, List<Integer> chosen) {
    assertEquals(chosen.stream().map(_ -> expected).toList(), chosen);
  }

  private static List<Integer> run(BpfProgram program, int times) {
    return IntStream.range(0, times)
        .mapToObj(_ -> program.testRun(TestRun.xdp(new byte[64])).returnValue())
        .toList();
  }
}
