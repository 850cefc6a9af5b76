package io.github.purebpf.bpf;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.Mem;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.ProgramType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Programs of socket maps, between two sockets of this process; each appends its digit. */
@RequiresKernel
@NoLeakedFds
class SocketMapLinkIT {
  private static final MapRef NAME = new MapRef("it_links");
  private static final int SK_PASS = 1;

  /** Takes all that is there as one message: {@code len} of {@code struct __sk_buff}. */
  private static final BpfCode PARSER = BpfCode.build(b -> b.ldxw(R0, new Mem(R1, 0)).exit());

  private final Traces traces = new Traces();
  private final SockMap map = SockMap.create(NAME, 1);
  private final AttachPoint.SocketMap point = new AttachPoint.SocketMap(map);

  @AfterEach
  void close() {
    map.close();
    traces.close();
  }

  private BpfProgram verdict(int digit, AttachType hook) {
    return traces.load("p" + digit, ProgramType.SK_SKB, hook, Traces.appending(digit, SK_PASS));
  }

  private BpfProgram verdict(int digit) {
    return verdict(digit, AttachType.SK_SKB_VERDICT);
  }

  private BpfProgram message(int digit) {
    return traces.load(
        "p" + digit,
        ProgramType.SK_MSG,
        AttachType.SK_MSG_VERDICT,
        Traces.appending(digit, SK_PASS));
  }

  /** The digits that one byte leaves which goes in and out of a connection of the map. */
  private long exchange() throws IOException {
    traces.take();
    var loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    try (var server =
            ServerSocketChannel.open(StandardProtocolFamily.INET)
                .bind(new InetSocketAddress(loopback, 0));
        var client = SocketChannel.open(StandardProtocolFamily.INET)) {
      client.connect(server.getLocalAddress());
      map.put(0, SocketFds.of("tcp", client, (InetSocketAddress) client.getRemoteAddress()));
      try (var accepted = server.accept()) {
        var one = ByteBuffer.allocate(1);
        assertEquals(1, client.write(one.clear()));
        assertEquals(1, accepted.read(one.clear()));
        assertEquals(1, accepted.write(one.clear()));
        assertEquals(1, client.read(one.clear()));
        // Before the end of the stream, which programs see, too.
        return traces.take();
      }
    }
  }

  @Test
  void whatASocketReceivesRunsTheVerdict() throws IOException {
    try (var one = verdict(1)) {
      try (var link = one.attach(point)) {
        assertEquals(1, exchange());
        assertEquals(
            new LinkInfo.SocketMap(
                link.id(),
                one.id(),
                OptionalInt.of(map.id()),
                Optional.of(AttachType.SK_SKB_VERDICT)),
            link.info());
        LinkOracle.agrees(link, one);
        assertEquals(Integer.toString(map.id()), LinkOracle.fdInfo(link).get("map_id"));
      }
      assertEquals(0, exchange());
    }
  }

  @Test
  void aParserMayComeBeforeTheVerdictOfAStream() throws IOException {
    try (var parser =
            traces.load("parser", ProgramType.SK_SKB, AttachType.SK_SKB_STREAM_PARSER, PARSER);
        var one = verdict(1, AttachType.SK_SKB_STREAM_VERDICT);
        var rival = verdict(2);
        var _ = parser.attach(point);
        var _ = one.attach(point)) {
      assertEquals(1, exchange());
      LinkOracle.refused(
          "EBUSY", "a program for this or a rival hook is attached", () -> rival.attach(point));
    }
  }

  @Test
  void whatASocketSendsRunsTheProgramOfMessages() throws IOException {
    try (var one = message(1);
        var two = verdict(2);
        var _ = one.attach(point);
        var _ = two.attach(point)) {
      assertEquals(12, exchange());
    }
  }

  @Test
  void anUpdateReplacesTheProgramForSocketsThatCome() throws IOException {
    try (var one = verdict(1);
        var two = verdict(2);
        var link = one.attach(point)) {
      link.update(two, one);
      assertEquals(2, exchange());
      LinkOracle.refused("EPERM", "is not attached any more", () -> link.update(one, one));
      link.detach();
      link.detach();
      assertEquals(0, exchange());
      assertEquals(
          new LinkInfo.SocketMap(
              link.id(), two.id(), OptionalInt.empty(), Optional.of(AttachType.SK_SKB_VERDICT)),
          link.info());
      LinkOracle.refused("ENOLINK", "it is detached", () -> link.update(one));
    }
  }

  @Test
  void whatCannotBeIsExplained() {
    try (var one = verdict(1);
        var two = verdict(2);
        var _ = one.attach(point);
        var plain = BpfMap.create(Fixtures.SERVICES_SPEC);
        var other =
            traces.load("x", ProgramType.XDP, AttachType.XDP, Traces.appending(1, SK_PASS))) {
      LinkOracle.refused(
          "EBUSY", "a program for this or a rival hook is attached", () -> two.attach(point));
      LinkOracle.refused(
          "EINVAL", "it is no map of sockets", () -> one.attach(new AttachPoint.SocketMap(plain)));
      assertThrows(IllegalArgumentException.class, () -> other.attach(point));
    }
  }

  @Test
  void withoutALinkTheProgramStaysUntilItIsDetached() throws IOException {
    var legacy = new LegacyPoint.SocketMap(map);
    try (var one = verdict(1);
        var two = verdict(2)) {
      one.attachLegacy(legacy);
      assertEquals(1, exchange());
      var attachment = two.attachLegacy(legacy);
      assertEquals(2, exchange());
      LinkOracle.refused(
          "ENOENT", "it is not attached there", () -> new LegacyAttachment(one, legacy).detach());
      attachment.detach();
      assertEquals(0, exchange());
    }
  }
}
