package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.testkit.KernelCondition;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.BpfFlowKeys;
import io.github.purebpf.uapi.BpfSkLookup;
import io.github.purebpf.uapi.ProgramFlags;
import io.github.purebpf.uapi.ProgramType;
import io.github.purebpf.uapi.SkBuff;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.LifecycleContext;
import net.jqwik.api.lifecycle.SkipExecutionHook;

/**
 * Programs that are not ours: clang compiles them from C, for each version of the instruction set,
 * and what they do to any input is what the same in Java says.
 */
@AddLifecycleHook(ClangProgramsIT.RequiresKernelAndClang.class)
class ClangProgramsIT {
  /** As {@code @RequiresKernel} does for JUnit's own tests, and clang in addition. */
  static final class RequiresKernelAndClang implements SkipExecutionHook {
    @Override
    public SkipResult shouldBeSkipped(LifecycleContext context) {
      return KernelCondition.reasonToSkip()
          .or(Clang::missing)
          .map(SkipResult::skip)
          .orElse(SkipResult.doNotSkip());
    }
  }

  private static final int ETHERNET = 14;
  private static final int IP = 20;
  private static final int TTL = ETHERNET + 8;
  private static final int PROTOCOL = ETHERNET + 9;
  private static final int CHECKSUM = ETHERNET + 10;
  private static final int SOURCE = ETHERNET + 12;
  private static final int TCP_NUMBER = 6;
  private static final int UDP_NUMBER = 17;
  private static final int XDP_DROP = 1;
  private static final int XDP_PASS = 2;
  private static final int XDP_TX = 3;
  private static final MapRef SLOTS = new MapRef("slots");

  /** Loaded once: the program of each source for each version of the instruction set. */
  private static final Map<String, List<BpfProgram>> PROGRAMS = new TreeMap<>();

  private static final Map<String, BpfMap<Integer, Long>> MAPS = new TreeMap<>();

  /** Closes what the properties have loaded. */
  @AfterContainer
  static void close() {
    PROGRAMS.values().forEach(programs -> programs.forEach(BpfProgram::close));
    MAPS.values().forEach(BpfMap::close);
    PROGRAMS.clear();
    MAPS.clear();
  }

  /** Does the same with the program of each version. */
  private static void each(
      String source, Function<BpfCode, ProgramSpec> spec, Consumer<BpfProgram> action) {
    PROGRAMS
        .computeIfAbsent(
            source,
            _ ->
                Clang.CPUS.stream()
                    .map(cpu -> BpfProgram.load(spec.apply(Clang.program(source, cpu))))
                    .collect(Collectors.toList()))
        .forEach(action);
  }

  private static Function<BpfCode, ProgramSpec> spec(ProgramType type) {
    return code -> new ProgramSpec("it_clang", type, Optional.empty(), code, "GPL", 0);
  }

  /** An Ethernet frame with an IPv4 header of so many words. */
  private static byte[] frame(int protocol, int words, int ttl, byte[] addressesAndPorts) {
    int length = words * 4 + addressesAndPorts.length - 8;
    var frame = ByteBuffer.allocate(ETHERNET + length);
    for (int i = 0; i < 12; i++) {
      frame.put(i, (byte) (0xa0 + i));
    }
    frame.putShort(12, (short) 0x0800);
    frame.put(ETHERNET, (byte) (0x40 | words));
    frame.putShort(ETHERNET + 2, (short) length);
    frame.put(TTL, (byte) ttl);
    frame.put(PROTOCOL, (byte) protocol);
    frame.put(SOURCE, addressesAndPorts, 0, 8);
    frame.put(ETHERNET + words * 4, addressesAndPorts, 8, addressesAndPorts.length - 8);
    frame.putShort(CHECKSUM, (short) checksum(frame, ETHERNET, ETHERNET + words * 4));
    return frame.array();
  }

  /** The Internet checksum, RFC 1071, with a last byte alone as the upper half of a word. */
  private static int checksum(ByteBuffer bytes, int from, int to) {
    long sum = 0;
    for (int i = from; i < to; i++) {
      int value = Byte.toUnsignedInt(bytes.get(i));
      sum += (i - from) % 2 == 0 ? value << 8 : value;
    }
    return (int) (0xffff - (sum == 0 ? 0 : 1 + (sum - 1) % 0xffff));
  }

  /** Addresses, ports, the rest of a UDP header and what it carries. */
  @Provide
  Arbitrary<byte[]> payload() {
    return Arbitraries.bytes().array(byte[].class).ofMinSize(16).ofMaxSize(200);
  }

  @Provide
  Arbitrary<Integer> protocols() {
    return Arbitraries.frequencyOf(
        Tuple.of(6, Arbitraries.just(UDP_NUMBER)),
        Tuple.of(3, Arbitraries.just(TCP_NUMBER)),
        Tuple.of(1, Arbitraries.integers().between(0, 255)));
  }

  @Property(tries = 200)
  void aMirrorOfUdpRewritesPacketsAndTheirChecksum(
      @ForAll("protocols") int protocol,
      @ForAll @IntRange(min = 5, max = 6) int words,
      @ForAll @IntRange(max = 255) int ttl,
      @ForAll("payload") byte[] payload) {
    var frame = frame(protocol, words, ttl, payload);
    var expected = frame.clone();
    int verdict = XDP_PASS;
    if (protocol == UDP_NUMBER && words == 5) {
      verdict = ttl > 1 ? XDP_TX : XDP_DROP;
    }
    if (verdict == XDP_TX) {
      var back = ByteBuffer.wrap(expected);
      swap(expected, 0, 6, 6);
      swap(expected, SOURCE, SOURCE + 4, 4);
      swap(expected, ETHERNET + IP, ETHERNET + IP + 2, 2);
      back.put(TTL, (byte) (ttl - 1));
      back.putShort(CHECKSUM, (short) 0);
      back.putShort(CHECKSUM, (short) checksum(back, ETHERNET, ETHERNET + IP));
    }
    int wanted = verdict;
    each(
        "mirror",
        spec(ProgramType.XDP),
        program -> {
          var result = program.testRun(TestRun.xdp(frame));
          assertEquals(wanted, result.returnValue());
          assertArrayEquals(expected, result.data());
        });
  }

  private static void swap(byte[] bytes, int a, int b, int length) {
    var kept = Arrays.copyOfRange(bytes, a, a + length);
    System.arraycopy(bytes, b, bytes, a, length);
    System.arraycopy(kept, 0, bytes, b, length);
  }

  /** An even number of times it is where it came from, two hops older each time. */
  @Property(tries = 20)
  void aRepeatedRunGoesOnWithThePacketOfTheOneBefore(
      @ForAll @IntRange(min = 1, max = 20) int pairs, @ForAll("payload") byte[] payload) {
    var frame = frame(UDP_NUMBER, 5, 64, payload);
    var expected = frame(UDP_NUMBER, 5, 64 - 2 * pairs, payload);
    each(
        "mirror",
        spec(ProgramType.XDP),
        program ->
            assertArrayEquals(
                expected, program.testRun(TestRun.xdp(frame).repeated(2 * pairs)).data()));
  }

  @Property(tries = 200)
  void aClassifierSumsUpAPacketOfAnyLength(
      @ForAll @Size(min = 1, max = 256) byte[] content, @ForAll @IntRange(max = 255) int mark) {
    var frame = ByteBuffer.allocate(ETHERNET + content.length).put(ETHERNET, content);
    int sum = checksum(frame, ETHERNET, frame.capacity());
    each(
        "sum",
        spec(ProgramType.SCHED_CLS),
        program -> {
          var result = program.testRun(TestRun.skb(frame.array()).with(SkBuff.MARK, mark));
          assertEquals(0, result.returnValue());
          assertEquals(sum, result.get(SkBuff.CB_0));
          assertEquals(frame.capacity(), result.get(SkBuff.CB_1));
          assertEquals(mark, result.get(SkBuff.MARK));
          assertArrayEquals(frame.array(), result.data());
        });
  }

  @Property(tries = 200)
  void aSocketFilterKeepsWhatItIsToldTo(
      @ForAll("protocols") int protocol,
      @ForAll @IntRange(min = 5, max = 15) int words,
      @ForAll boolean matching,
      @ForAll("payload") byte[] payload) {
    var frame = frame(protocol, words, 64, payload);
    var bytes = ByteBuffer.wrap(frame);
    int port = ETHERNET + words * 4 + 2;
    if (matching) {
      bytes.putShort(port, (short) 8502);
    }
    int kept =
        switch (protocol) {
          case TCP_NUMBER -> words * 4 + 20;
          case UDP_NUMBER -> bytes.getShort(port) == 8502 ? frame.length - ETHERNET : 0;
          default -> 0;
        };
    each(
        "filter",
        spec(ProgramType.SOCKET_FILTER),
        program -> assertEquals(kept, program.testRun(TestRun.skb(frame)).returnValue()));
  }

  @Property(tries = 200)
  void aHistogramOfEventsCountsInItsMap(
      @ForAll @IntRange(max = 64) int bits, @ForAll long random, @ForAll int weight) {
    long value = bits == 0 ? 0 : random >>> (64 - bits) | 1L << (bits - 1);
    var map =
        MAPS.computeIfAbsent(
            "histogram", _ -> BpfMap.create(MapSpec.array(SLOTS, Codec.s64(), 65)));
    var programs =
        PROGRAMS.computeIfAbsent(
            "histogram",
            _ ->
                Clang.CPUS.stream()
                    .map(cpu -> Clang.bound(Clang.program("histogram", cpu), SLOTS))
                    .map(spec(ProgramType.RAW_TRACEPOINT))
                    .map(spec -> BpfProgram.load(spec, map))
                    .collect(Collectors.toList()));
    for (var program : programs) {
      long before = map.get(bits).orElseThrow();
      var result = program.testRun(TestRun.rawTracepoint(value, weight));
      assertEquals(bits, result.returnValue());
      assertEquals(before + weight, map.get(bits).orElseThrow());
    }
  }

  @Property(tries = 100)
  void aSystemCallProgramMakesTheChecksumOfTheJdk(@ForAll @Size(64) byte[] message) {
    var context = ByteBuffer.allocate(72).order(ByteOrder.nativeOrder());
    var words = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
    for (int i = 0; i < 8; i++) {
      context.putLong(8 * i, words.get(i));
    }
    var crc = new CRC32C();
    crc.update(message);
    each(
        "crc",
        code -> spec(ProgramType.SYSCALL).apply(code).withFlags(ProgramFlags.SLEEPABLE),
        program -> {
          var result = program.testRun(TestRun.syscall(context.array()));
          assertEquals(0, result.returnValue());
          var after = ByteBuffer.wrap(result.context()).order(ByteOrder.nativeOrder());
          assertEquals((int) crc.getValue(), after.getInt(64));
          assertEquals(context.slice(0, 64), after.slice(0, 64));
        });
  }

  @Property(tries = 200)
  void aFlowDissectorFindsAddressesAndPortsBehindOptions(
      @ForAll("protocols") int protocol,
      @ForAll @IntRange(min = 5, max = 15) int words,
      @ForAll short fragment,
      @ForAll("payload") byte[] payload) {
    var frame = frame(protocol, words, 64, payload);
    ByteBuffer.wrap(frame).putShort(ETHERNET + 6, fragment);
    var host = ByteBuffer.wrap(frame).order(ByteOrder.nativeOrder());
    each(
        "flow",
        spec(ProgramType.FLOW_DISSECTOR),
        program -> {
          var keys = program.testRun(TestRun.flowDissector(frame));
          assertEquals(0, keys.returnValue());
          assertEquals(ETHERNET, keys.get(BpfFlowKeys.NHOFF));
          assertEquals(ETHERNET + 4L * words, keys.get(BpfFlowKeys.THOFF));
          assertEquals(protocol, keys.get(BpfFlowKeys.IP_PROTO));
          assertEquals((fragment & 0x3fff) == 0 ? 0 : 1, keys.get(BpfFlowKeys.IS_FRAG));
          assertEquals(host.getInt(SOURCE), (int) keys.get(BpfFlowKeys.IPV4_SRC));
          assertEquals(host.getInt(SOURCE + 4), (int) keys.get(BpfFlowKeys.IPV4_DST));
          int ports = ETHERNET + 4 * words;
          assertEquals(host.getShort(ports), (short) keys.get(BpfFlowKeys.SPORT));
          assertEquals(host.getShort(ports + 2), (short) keys.get(BpfFlowKeys.DPORT));
        });
  }

  @Provide
  Arbitrary<Integer> ports() {
    return Arbitraries.oneOf(
        Arbitraries.integers().between(0, 65535),
        Arbitraries.integers().between(7990, 9010),
        Arbitraries.of(7999, 8000, 8999, 9000));
  }

  @Property(tries = 200)
  void aChoiceOfSocketsRefusesWhatItIsToldTo(
      @ForAll("ports") int port,
      @ForAll @From("protocols") int protocol,
      @ForAll @IntRange(min = 9, max = 11) int network) {
    int address =
        ByteBuffer.wrap(new byte[] {(byte) network, 1, 2, 3})
            .order(ByteOrder.nativeOrder())
            .getInt();
    boolean refused = protocol == TCP_NUMBER && network == 10 && port >= 8000 && port <= 8999;
    each(
        "steer",
        code ->
            new ProgramSpec(
                "it_clang",
                ProgramType.SK_LOOKUP,
                Optional.of(AttachType.SK_LOOKUP),
                code,
                "GPL",
                0),
        program ->
            assertEquals(
                refused ? 0 : 1,
                program
                    .testRun(
                        TestRun.skLookup()
                            .with(BpfSkLookup.FAMILY, 2)
                            .with(BpfSkLookup.PROTOCOL, protocol)
                            .with(BpfSkLookup.LOCAL_IP4, address)
                            .with(BpfSkLookup.LOCAL_PORT, port))
                    .returnValue()));
  }
}
