package io.github.purebpf.benchmarks;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.asm.SourceLines;
import io.github.purebpf.bpf.BpfLink;
import io.github.purebpf.bpf.BpfMap;
import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.Codec;
import io.github.purebpf.bpf.MapSpec;
import io.github.purebpf.bpf.ProgramSpec;
import io.github.purebpf.bpf.RunStatistics;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.redirect.dataplane.CgroupFilter;
import io.github.purebpf.redirect.dataplane.Dataplane;
import io.github.purebpf.redirect.dataplane.Head;
import io.github.purebpf.redirect.dataplane.Hook;
import io.github.purebpf.redirect.dataplane.ProgramOptions;
import io.github.purebpf.redirect.dataplane.ServerWord;
import io.github.purebpf.redirect.dataplane.ServiceImage;
import io.github.purebpf.redirect.dataplane.Table;
import io.github.purebpf.redirect.dataplane.VipKey;
import io.github.purebpf.testkit.ScratchCgroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * A client that connects all the time, in a cgroup of its own, and two connect4 programs for the
 * same maps, of which one is attached at a time. What a run costs is what the kernel counts ({@code
 * BPF_ENABLE_STATS}).
 *
 * <p>One link stays, and is given the other program while the client goes on: what else the machine
 * does falls on both.
 */
final class HookBed implements AutoCloseable {
  /** Who made a program. */
  enum Maker {
    OURS,
    CLANG
  }

  /** Where the client connects to, and through which program. */
  enum Path {
    SINGLE("single", Head.POLICY_SINGLE),
    LEAST("least connections", Head.POLICY_LEAST_CONNECTIONS),
    MISS("miss", Head.POLICY_SINGLE),
    /** Finds an address and writes another, and does not count: not the redirector. */
    PLAIN("rewrite only", Head.POLICY_SINGLE);

    final String title;
    private final int policy;

    Path(String title, int policy) {
      this.title = title;
      this.policy = policy;
    }
  }

  private static final MapRef PLAIN_MAP = new MapRef("plain");

  /** Where the kernel puts the code of one makes a few percent, so there are several. */
  private static final int COPIES = 5;

  private static final int MOST = 65_536;
  private static final int PORT = 8502;
  private static final int VIP = 0x7f4d0001;
  private static final int LOOPBACK = 0x7f000001;
  private static final String CLIENT =
      """
      for ((i = 0; i < 10000000; i++)); do exec 3<>/dev/tcp/%s/%d; exec 3<&-; done 2>/dev/null
      """;

  private static final Duration POLL = Duration.ofMillis(1);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final List<AutoCloseable> open = new ArrayList<>();
  private final ScratchCgroup cgroup;
  private final Dataplane dataplane;
  private final BpfMap<Integer, Integer> plain;
  private final List<ServerSocket> servers = new ArrayList<>();
  private final Map<Maker, List<BpfProgram>> redirects = new EnumMap<>(Maker.class);
  private final Map<Maker, List<BpfProgram>> rewrites = new EnumMap<>(Maker.class);
  private final BpfLink link;
  private int addresses;
  private Process client;
  private String clientOf = "";

  /**
   * Loads all.
   *
   * @param redirect clang's redirector
   * @param rewrite clang's rewriting alone
   */
  HookBed(BpfCode redirect, BpfCode rewrite) throws IOException {
    try {
      cgroup = opened(ScratchCgroup.create());
      dataplane = opened(Dataplane.create());
      plain = opened(BpfMap.create(MapSpec.hash(PLAIN_MAP, Codec.u32(), Codec.u32(), MOST)));
      opened(RunStatistics.enable());
      var options = ProgramOptions.ofKernel(CgroupFilter.ALL);
      var own = Hook.CONNECT4.code(options);
      var ownRewrite = Programs.connect4(SourceLines.OMITTED, PLAIN_MAP);
      for (int i = 0; i < COPIES; i++) {
        add(redirects, Maker.OURS, dataplane.load(spec(own)));
        add(redirects, Maker.CLANG, dataplane.load(spec(redirect)));
        add(rewrites, Maker.OURS, BpfProgram.load(spec(ownRewrite), plain));
        add(rewrites, Maker.CLANG, BpfProgram.load(spec(rewrite), plain));
      }
      for (var hook : List.of(Hook.OPERATIONS, Hook.RELEASE)) {
        opened(opened(dataplane.load(hook, options)).attachToCgroup(cgroup.path()));
      }
      for (int i = 0; i < 3; i++) {
        servers.add(serve());
      }
      link = opened(redirects.get(Maker.OURS).getFirst().attachToCgroup(cgroup.path()));
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private <T extends AutoCloseable> T opened(T resource) {
    open.add(resource);
    return resource;
  }

  private void add(Map<Maker, List<BpfProgram>> to, Maker maker, BpfProgram program) {
    to.computeIfAbsent(maker, _ -> new ArrayList<>()).add(opened(program));
  }

  private static ProgramSpec spec(BpfCode code) {
    return ProgramSpec.connect4("bench_hook", code).withLicense("GPL");
  }

  private ServerSocket serve() throws IOException {
    var socket = opened(new ServerSocket(0, 128, InetAddress.ofLiteral("127.0.0.1")));
    Thread.ofPlatform().daemon().start(() -> accept(socket));
    return socket;
  }

  private static void accept(ServerSocket server) {
    while (!server.isClosed()) {
      try (var _ = server.accept()) {
        // Closed at once.
      } catch (IOException closedOrGone) {
        // The client has gone, or this ends.
      }
    }
  }

  /** Fills the table with so many addresses, of which the client uses the first. */
  void fill(int count) {
    var table = dataplane.table();
    for (; addresses < count; addresses++) {
      put(table, VIP + addresses, Head.POLICY_SINGLE);
      plain.put(reversed(VIP + addresses), reversed(LOOPBACK));
    }
  }

  private void put(Table table, int vip, int policy) {
    var members = new ArrayList<ServiceImage.MemberImage>();
    for (var server : servers) {
      long word = ServerWord.of(LOOPBACK, port(server));
      members.add(new ServiceImage.MemberImage(word, 1));
    }
    table.begin();
    boolean done = false;
    try {
      table.put(new ServiceImage(VipKey.tcp(vip, PORT).word(), policy, 111, 0, members));
      done = true;
    } finally {
      table.end(done);
    }
  }

  private static int port(ServerSocket server) {
    return ((InetSocketAddress) server.getLocalSocketAddress()).getPort();
  }

  private static int reversed(int address) {
    return Integer.reverseBytes(address);
  }

  /** Has the client go a way from now on. */
  void go(Path path) throws IOException {
    stopClient();
    put(dataplane.table(), VIP, path.policy);
    int port = path == Path.PLAIN ? port(servers.getFirst()) : PORT;
    String to = path == Path.MISS ? "127.76.0.1" : "127.77.0.1";
    client = cgroup.exec(List.of("bash", "-c", CLIENT.formatted(to, port)));
    clientOf = path.title;
  }

  /**
   * Nanoseconds of so many runs or a few more, behind as many that warm up.
   *
   * @throws IOException if the client does not connect
   */
  Measurement measure(Path path, Maker maker, int copy, int runs) throws IOException {
    var programs = path == Path.PLAIN ? rewrites : redirects;
    var program = programs.get(maker).get(copy % COPIES);
    link.update(program);
    var begin = await(program, program.statistics().runs() + runs / 4);
    var end = await(program, begin.runs() + runs);
    return new Measurement(
        end.runs() - begin.runs(),
        end.nanos() - begin.nanos(),
        java.util.OptionalLong.empty(),
        "-");
  }

  private io.github.purebpf.bpf.ProgramStatistics await(BpfProgram program, long runs)
      throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      var now = program.statistics();
      if (now.runs() >= runs) {
        return now;
      }
      if (System.nanoTime() - deadline > 0) {
        throw new IOException("the client of " + clientOf + " does not connect");
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
  }

  private void stopClient() {
    if (client != null) {
      client.destroyForcibly().onExit().join();
      client = null;
    }
  }

  @Override
  public void close() throws IOException {
    stopClient();
    for (var resource : open.reversed()) {
      try {
        resource.close();
      } catch (IOException | RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
    open.clear();
  }
}
