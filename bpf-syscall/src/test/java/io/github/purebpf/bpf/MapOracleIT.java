package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.insn.MapRef;
import io.github.purebpf.layout.NetworkOrder;
import io.github.purebpf.layout.Struct;
import io.github.purebpf.testkit.Bpftool;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.MapType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Bytes that this library writes are read by bpftool, and the other way round. */
@RequiresKernel
@NoLeakedFds
class MapOracleIT {
  private static final MapRef NAME = new MapRef("it_oracle");
  private static final HexFormat HEX = HexFormat.of();
  private static final Pattern ENTRY =
      Pattern.compile("\"key\":\\[([^\\]]*)\\],\"value\":\\[([^\\]]*)\\]");

  record Flow(
      long bytes, @NetworkOrder int address, @NetworkOrder short port, byte protocol, byte zero) {
    static final Codec<Flow> CODEC = Codec.of(Struct.of(Flow.class), MethodHandles.lookup());

    static Flow random(Random random) {
      return new Flow(
          random.nextLong(),
          random.nextInt(),
          (short) random.nextInt(),
          (byte) random.nextInt(),
          (byte) 0);
    }
  }

  private static <T> String hex(Codec<T> codec, T value) {
    var bytes = new byte[codec.size()];
    codec.write(value, MemorySegment.ofArray(bytes));
    return HEX.formatHex(bytes);
  }

  /** The entries by the hexadecimal digits of their keys. */
  private static Map<String, String> dump(BpfMap<?, ?> map) {
    var dump = new HashMap<String, String>();
    var json = Bpftool.run("-j", "map", "dump", "id", Integer.toString(map.id())).replace(" ", "");
    ENTRY.matcher(json).results().forEach(r -> dump.put(digits(r.group(1)), digits(r.group(2))));
    return dump;
  }

  private static String digits(String list) {
    return list.replace("\"0x", "").replace("\"", "").replace(",", "");
  }

  @ParameterizedTest
  @EnumSource(names = {"HASH", "LRU_HASH"})
  void bpftoolDumpsWhatWasPutOneByOneAndAtOnce(MapType type) {
    var random = new Random(type.value());
    var spec = new MapSpec<>(NAME, type, Flow.CODEC, Flow.CODEC, 1000, 0);
    try (var map = BpfMap.create(spec)) {
      var entries = new HashMap<Flow, Flow>();
      for (int i = 0; i < 100; i++) {
        entries.put(Flow.random(random), Flow.random(random));
      }
      map.putAll(entries);
      for (int i = 0; i < 20; i++) {
        var key = Flow.random(random);
        entries.put(key, Flow.random(random));
        map.put(key, entries.get(key));
      }
      assertEquals(
          entries.entrySet().stream()
              .collect(
                  Collectors.toMap(
                      e -> hex(Flow.CODEC, e.getKey()), e -> hex(Flow.CODEC, e.getValue()))),
          dump(map));
      assertEquals(entries, map.toMap());
    }
  }

  @Test
  void bpftoolDumpsAnArray() {
    try (var map = BpfMap.create(MapSpec.array(NAME, Codec.be64(), 20))) {
      var expected = new HashMap<String, String>();
      for (int i = 0; i < 20; i++) {
        map.put(i, 0x0102030405060708L * i);
        expected.put(hex(Codec.u32(), i), "%016x".formatted(0x0102030405060708L * i));
      }
      assertEquals(expected, dump(map));
    }
  }

  @Test
  void whatBpftoolWritesIsRead() {
    var random = new Random(3);
    try (var map = BpfMap.create(MapSpec.hash(NAME, Flow.CODEC, Flow.CODEC, 8))) {
      var key = Flow.random(random);
      var value = Flow.random(random);
      update(map, hex(Flow.CODEC, key), hex(Flow.CODEC, value));
      assertEquals(Optional.of(value), map.get(key));
      assertEquals(Map.of(key, value), map.toMap());
      var element = map.element();
      assertTrue(element.key(key).get());
      assertEquals(value.bytes(), element.valueMemory().get(ValueLayout.JAVA_LONG, 0));
    }
  }

  @Test
  void whatBpftoolDeletesIsGone() {
    try (var map = BpfMap.create(MapSpec.hash(NAME, Codec.be32(), Codec.u16(), 8))) {
      map.putAll(Map.of(0x01020304, 1, 0x05060708, 2));
      run(map, "delete", "key", "hex", "01", "02", "03", "04");
      assertEquals(Map.of(0x05060708, 2), map.toMap());
    }
  }

  private static void update(BpfMap<?, ?> map, String key, String value) {
    var words = new ArrayList<>(List.of("key", "hex"));
    words.addAll(bytes(key));
    words.addAll(List.of("value", "hex"));
    words.addAll(bytes(value));
    run(map, "update", words.toArray(String[]::new));
  }

  private static List<String> bytes(String digits) {
    var bytes = new ArrayList<String>();
    for (int i = 0; i < digits.length(); i += 2) {
      bytes.add(digits.substring(i, i + 2));
    }
    return bytes;
  }

  private static void run(BpfMap<?, ?> map, String command, String... arguments) {
    var words = new ArrayList<>(List.of("map", command, "id", Integer.toString(map.id())));
    words.addAll(List.of(arguments));
    assertEquals("", Bpftool.run(words.toArray(String[]::new)).strip());
  }
}
