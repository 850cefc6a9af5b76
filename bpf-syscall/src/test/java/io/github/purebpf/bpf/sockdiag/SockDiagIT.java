package io.github.purebpf.bpf.sockdiag;

import static java.net.StandardProtocolFamily.INET;
import static java.net.StandardProtocolFamily.INET6;
import static java.util.stream.Collectors.toCollection;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.Codec;
import io.github.purebpf.bpf.SocketStorage;
import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.error.MissingPrivilegeException;
import io.github.purebpf.bpf.error.UnsupportedKernelException;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Privileges;
import io.github.purebpf.insn.KernelVersion;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.testkit.Await;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.testkit.ScratchCgroup;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RequiresKernel
@NoLeakedFds
class SockDiagIT {
  private static final MapRef MARKS = new MapRef("it_marks");

  /** A line of {@code ss -tae}: state, local port, remote port, and the cookie in hex. */
  private static final Pattern SS_LINE =
      Pattern.compile("(\\S+) +\\d+ +\\d+ +\\S*:(\\d+) +\\S*:(\\d+|\\*) .*\\bsk:([0-9a-f]+).*");

  private static final Map<String, TcpState> SS_STATES =
      Map.of(
          "ESTAB", TcpState.ESTABLISHED,
          "SYN-SENT", TcpState.SYN_SENT,
          "FIN-WAIT-2", TcpState.FIN_WAIT2,
          "TIME-WAIT", TcpState.TIME_WAIT,
          "CLOSE-WAIT", TcpState.CLOSE_WAIT,
          "LISTEN", TcpState.LISTEN);

  private LoopbackNet net;
  private SockDiag sockets;

  @BeforeEach
  void open() throws Exception {
    net = new LoopbackNet();
    sockets = net.sockets;
  }

  @AfterEach
  void close() throws Exception {
    net.close();
  }

  private boolean hasState(SocketChannel channel, TcpState state) {
    return net.of(channel).state() == state;
  }

  /** A socket whose connection nobody answers: the queue of the server is full. */
  private TcpSocket connecting() throws Exception {
    var server = net.listen("127.0.0.1", 1);
    int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
    for (int i = 0; i < 2; i++) { // the queue takes one more than it is told
      net.client(INET6).connect(server.getLocalAddress());
    }
    var connected = SocketFilter.in(TcpState.ESTABLISHED);
    Await.until(
        "a full queue",
        () ->
            sockets.tcp(connected).stream().filter(s -> s.local().getPort() == port).count() == 2);
    var client = net.client(INET6);
    client.configureBlocking(false);
    assertFalse(client.connect(server.getLocalAddress()));
    return sockets.tcp(SocketFilter.in(TcpState.SYN_SENT).toPort(port)).getFirst();
  }

  @Test
  void socketsOfBothFamiliesAreListedWithWhoseTheyAre() throws Exception {
    var ipv4 = net.connect(INET, "127.0.0.1");
    var mapped = net.connect(INET6, "127.0.0.1");
    var ipv6 = net.connect(INET6, "::1");
    for (var channel : List.of(ipv4.client(), mapped.client(), ipv6.client())) {
      var socket = net.of(channel);
      assertEquals(TcpState.ESTABLISHED, socket.state());
      assertEquals(channel.equals(ipv4.client()) ? INET : INET6, socket.family());
      assertEquals(channel.equals(mapped.client()), socket.isMapped());
      assertEquals(0, socket.interfaceIndex());
      assertEquals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"), socket.uid());
      assertTrue(LoopbackNet.fd(socket) > 2);
      assertTrue(socket.cgroupId().isPresent());
    }
    assertEquals(6, sockets.tcp(SocketFilter.ALL).size());
  }

  @Test
  void aSocketTellsTheCgroupThatItWasMadeIn() throws Exception {
    var server = net.listen("127.0.0.1", 1);
    int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
    try (var cgroup = ScratchCgroup.create()) {
      var script = "exec 3<>/dev/tcp/127.0.0.1/" + port + " && read -r _";
      var process = net.namespace().call(() -> cgroup.exec(List.of("bash", "-c", script)));
      try {
        var accepted = net.keep(server.accept());
        var client = sockets.tcp(SocketFilter.ALL.toPort(port)).stream().findFirst().orElseThrow();
        assertEquals(accepted.getRemoteAddress(), client.local());
        long inode = (long) Files.getAttribute(cgroup.path(), "unix:ino");
        assertEquals(OptionalLong.of(inode), client.cgroupId());
        assertFalse(net.of(accepted).cgroupId().equals(client.cgroupId()));
      } finally {
        process.destroyForcibly().waitFor();
      }
    }
  }

  @Test
  void eachStateIsListedAsAnotherToolListsIt() throws Exception {
    var connecting = connecting();
    var open = net.connect(INET6, "127.0.0.1");
    var half = net.connect(INET6, "::1");
    half.server().shutdownOutput();
    Await.until("CLOSE_WAIT", () -> hasState(half.client(), TcpState.CLOSE_WAIT));
    Await.until("FIN_WAIT2", () -> hasState(half.server(), TcpState.FIN_WAIT2));
    var closed = net.connect(INET, "127.0.0.1");
    closed.client().shutdownOutput();
    Await.until("CLOSE_WAIT", () -> hasState(closed.server(), TcpState.CLOSE_WAIT));
    closed.server().close();
    var late = SocketFilter.in(TcpState.TIME_WAIT);
    Await.until("TIME_WAIT", () -> !sockets.tcp(late).isEmpty());
    var dead = sockets.tcp(late).getFirst();
    assertEquals(0, dead.inode());
    assertEquals(OptionalLong.empty(), dead.cgroupId());
    assertEquals(List.of(connecting), sockets.tcp(SocketFilter.in(TcpState.SYN_SENT)));
    assertTrue(hasState(open.client(), TcpState.ESTABLISHED));

    var expected = new TreeSet<String>();
    for (var line : net.run("ss", "-H", "-t", "-a", "-n", "-e").lines().toList()) {
      var match = SS_LINE.matcher(line);
      assertTrue(match.matches(), line);
      expected.add(
          line(
              SS_STATES.get(match.group(1)),
              Integer.parseInt(match.group(2)),
              match.group(3).equals("*") ? 0 : Integer.parseInt(match.group(3)),
              Long.parseUnsignedLong(match.group(4), 16)));
    }
    var listed =
        sockets.tcp(SocketFilter.ALL).stream()
            .map(s -> line(s.state(), s.local().getPort(), s.remote().getPort(), s.cookie()))
            .collect(toCollection(TreeSet::new));
    assertEquals(expected, listed);
    assertEquals(Set.copyOf(SS_STATES.values()), states());
  }

  private static String line(TcpState state, int local, int remote, long cookie) {
    return state + " " + local + " " + remote + " " + Long.toHexString(cookie);
  }

  private Set<TcpState> states() {
    var states = new HashSet<TcpState>();
    sockets.tcp(SocketFilter.ALL).forEach(socket -> states.add(socket.state()));
    return states;
  }

  @Test
  void theKernelLeavesOutWhatAFilterDoes() throws Exception {
    for (var ip : List.of("127.0.0.1", "127.0.0.2", "::1")) {
      net.connect(INET6, ip);
      if (!ip.contains(":")) {
        net.connect(INET, ip);
      }
      net.listen(ip, 1);
    }
    var all = sockets.tcp(SocketFilter.ALL);
    assertEquals(13, all.size());
    for (var ip : List.of("127.0.0.1", "127.0.0.2", "::1", "127.0.0.3", "::")) {
      var address = InetAddress.ofLiteral(ip);
      assertFiltered(all, SocketFilter.ALL.to(address));
      for (var socket : all) {
        int port = socket.remote().getPort();
        assertFiltered(all, SocketFilter.ALL.toPort(port));
        assertFiltered(all, SocketFilter.in(TcpState.ESTABLISHED).to(address).toPort(port));
        assertFiltered(all, SocketFilter.in(TcpState.LISTEN, TcpState.SYN_SENT).to(address));
      }
    }
  }

  private void assertFiltered(List<TcpSocket> all, SocketFilter filter) {
    var expected =
        all.stream()
            .filter(s -> filter.states().contains(s.state()))
            .filter(s -> filter.remoteAddress().map(s.remote().getAddress()::equals).orElse(true))
            .filter(s -> s.remote().getPort() == filter.remotePort().orElse(s.remote().getPort()))
            .toList();
    assertEquals(Set.copyOf(expected), Set.copyOf(sockets.tcp(filter)), filter::toString);
  }

  @Test
  void aLongListIsComplete() throws Exception {
    var server = net.listen("127.0.0.1", 50);
    var expected = new HashSet<InetSocketAddress>();
    for (int i = 0; i < 400; i++) {
      var pair = net.connect(i % 2 == 0 ? INET : INET6, server);
      expected.add((InetSocketAddress) pair.client().getLocalAddress());
    }
    int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
    var clients = sockets.tcp(SocketFilter.in(TcpState.ESTABLISHED).toPort(port));
    assertEquals(400, clients.size());
    assertEquals(expected, Set.copyOf(clients.stream().map(TcpSocket::local).toList()));
    assertEquals(801, sockets.tcp(SocketFilter.ALL).size());
  }

  @Test
  void valuesOfAMapComeWithTheSocketsThatHaveOne() throws Exception {
    var ipv4 = net.connect(INET, "127.0.0.1");
    var mapped = net.connect(INET6, "127.0.0.1");
    net.connect(INET6, "::1");
    try (var marks = SocketStorage.create(MARKS, Codec.u64());
        var others = SocketStorage.create(MARKS, Codec.u64())) {
      assertEquals(Map.of(), sockets.tcp(SocketFilter.ALL, marks));
      var one = net.of(ipv4.client());
      var two = net.of(mapped.client());
      marks.put(LoopbackNet.fd(one), 0x0102030405060708L);
      marks.put(LoopbackNet.fd(two), 2L);
      others.put(LoopbackNet.fd(two), 3L);
      assertEquals(Map.of(one, 0x0102030405060708L, two, 2L), sockets.tcp(SocketFilter.ALL, marks));
      assertEquals(Map.of(two, 3L), sockets.tcp(SocketFilter.ALL, others));
      var toMapped = SocketFilter.ALL.to(two.remote());
      assertEquals(Map.of(two, 2L), sockets.tcp(toMapped, marks));
    }
  }

  @Test
  void valuesLongerThanAUsualMessageComeWhole() throws Exception {
    var codec = Codec.bytes(40_000);
    try (var storage = SocketStorage.create(MARKS, codec)) {
      var expected = new ArrayList<byte[]>();
      for (int i = 0; i < 3; i++) {
        byte[] value = new byte[codec.size()];
        Arrays.fill(value, (byte) (i + 1));
        expected.add(value);
        storage.put(LoopbackNet.fd(net.of(net.connect(INET6, "127.0.0.1").client())), value);
      }
      var found = new ArrayList<>(sockets.tcp(SocketFilter.ALL, storage).values());
      found.sort(Comparator.comparingInt(value -> value[0]));
      assertArrayEquals(expected.toArray(), found.toArray());
    }
  }

  @Test
  void whatACodecThrowsComesOutAndTheNextListIsWhole() throws Exception {
    var client = net.connect(INET6, "127.0.0.1").client();
    try (var marks = SocketStorage.create(MARKS, new FailingCodec())) {
      marks.put(LoopbackNet.fd(net.of(client)), 1L);
      assertThrows(UnsupportedOperationException.class, () -> sockets.tcp(SocketFilter.ALL, marks));
      assertEquals(2, sockets.tcp(SocketFilter.ALL).size());
    }
  }

  private static final class FailingCodec implements Codec<Long> {
    @Override
    public int size() {
      return Long.BYTES;
    }

    @Override
    public void write(Long value, MemorySegment to) {}

    @Override
    public Long read(MemorySegment from) {
      throw new UnsupportedOperationException("as the test wants");
    }
  }

  @Test
  void oldKernelsWouldLeaveOutTheValues() {
    var script = new ScriptedNetlink();
    script.release = new KernelVersion(5, 6);
    try (var marks = SocketStorage.create(MARKS, Codec.u64());
        var old = SockDiag.open(script.kernel())) {
      var e =
          assertThrows(UnsupportedKernelException.class, () -> old.tcp(SocketFilter.ALL, marks));
      assertEquals(
          "SOCK_DIAG_BY_FAMILY of the sockets of a network namespace needs Linux 5.7 for"
              + " INET_DIAG_REQ_SK_BPF_STORAGES; this is Linux 5.6",
          e.getMessage());
    }
  }

  @Test
  void valuesNeedAPrivilege() {
    var script = new ScriptedNetlink();
    script.privileges = new Privileges(0, true, false, 2);
    script.answer =
        (request, queue) ->
            queue.add(Messages.error(ScriptedNetlink.sequence(request), -Errno.EPERM));
    try (var marks = SocketStorage.create(MARKS, Codec.u64());
        var poor = SockDiag.open(script.kernel())) {
      var e =
          assertThrows(MissingPrivilegeException.class, () -> poor.tcp(SocketFilter.ALL, marks));
      assertEquals(Set.of(Capability.CAP_BPF), e.needed());
    }
  }

  /** Reads in a thread of its own until something comes, and tells when it sleeps in there. */
  private static FutureTask<Integer> reading(SocketChannel channel) throws Exception {
    var task = new FutureTask<>(() -> channel.read(ByteBuffer.allocate(8)));
    var thread = new CompletableFuture<Path>();
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                thread.complete(Path.of("/proc/thread-self/stat").toRealPath());
              } catch (IOException e) {
                thread.completeExceptionally(e);
              }
              task.run();
            });
    var stat = thread.get();
    Await.until("the read to sleep", () -> sleeps(stat));
    return task;
  }

  private static boolean sleeps(Path stat) {
    try {
      return Files.readString(stat).replaceFirst("^.*\\) ", "").startsWith("S");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void exactlyOneSocketIsEnded() throws Exception {
    var server = net.listen("127.0.0.1", 5);
    for (var family : List.of(INET, INET6)) {
      var one = net.connect(family, server);
      var other = net.connect(family, server);
      var ended = reading(one.client());
      var stays = reading(other.client());
      var socket = net.of(one.client());
      assertTrue(sockets.destroy(socket));
      var e = assertThrows(ExecutionException.class, ended::get);
      assertEquals("Software caused connection abort", e.getCause().getMessage());
      var reset = assertThrows(IOException.class, () -> one.server().read(ByteBuffer.allocate(8)));
      assertTrue(reset.getMessage().contains("reset"), reset.getMessage());
      assertFalse(sockets.destroy(socket), "it is gone already");
      assertEquals(2, other.server().write(ByteBuffer.wrap(new byte[2])));
      assertEquals(2, stays.get());
    }
  }

  @Test
  void socketsInAllStatesCanBeEnded() throws Exception {
    var half = net.connect(INET6, "::1");
    half.server().shutdownOutput();
    Await.until("CLOSE_WAIT", () -> hasState(half.client(), TcpState.CLOSE_WAIT));
    assertTrue(sockets.destroy(net.of(half.client())));
    assertTrue(sockets.destroy(connecting()));
    for (var socket : sockets.tcp(SocketFilter.in(TcpState.LISTEN))) {
      assertTrue(sockets.destroy(socket), socket::toString);
    }
    for (var socket : sockets.tcp(SocketFilter.ALL)) {
      boolean _ = sockets.destroy(socket);
    }
    Await.until("the end of all", () -> sockets.tcp(SocketFilter.ALL).isEmpty());
  }

  @Test
  void anotherSocketWithTheSameAddressesStays() throws Exception {
    var pair = net.connect(INET6, "127.0.0.1");
    var socket = net.of(pair.client());
    var former =
        new TcpSocket(
            socket.family(),
            socket.state(),
            socket.local(),
            socket.remote(),
            socket.interfaceIndex(),
            socket.cookie() + 1_000_000,
            socket.inode(),
            socket.uid(),
            socket.cgroupId());
    assertFalse(sockets.destroy(former));
    assertTrue(hasState(pair.client(), TcpState.ESTABLISHED));
  }

  @Test
  void anotherNamespaceIsNotSeenFromHere() throws Exception {
    var socket = net.of(net.connect(INET6, "127.0.0.1").client());
    try (var here = SockDiag.open()) {
      var cookies = here.tcp(SocketFilter.ALL).stream().map(TcpSocket::cookie).toList();
      assertFalse(cookies.contains(socket.cookie()));
      assertFalse(here.destroy(socket));
    }
    assertTrue(sockets.tcp(SocketFilter.ALL).contains(socket));
  }
}
