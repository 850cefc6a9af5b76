package io.github.purebpf.redirect.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.layout.Struct;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Tables of several processes over the same arrays, which are here memory of this one. */
class SharedTableTest {
  private static final int POLICY = Head.POLICY_WEIGHTED;

  private final Map<Long, Integer> vips = new HashMap<>();
  private Records<ServiceEntry> services;
  private Records<MemberEntry> members;
  private Records<BackendEntry> backends;
  private Records<MetaEntry> meta;

  private final List<MemorySegment> memories = new ArrayList<>();

  /** Makes all as it was when the process was killed. */
  private Runnable afterTheEnd = () -> {};

  /** How many calls are made until the process is killed; negative if it is not. */
  private int callsToLive = -1;

  /** A process ends in the middle of a change. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1;
  }

  private void size(int slots, int inSets, int servers) {
    memories.clear();
    services = records(ServiceEntry.STRUCT, slots);
    members = records(MemberEntry.STRUCT, inSets);
    backends = records(BackendEntry.STRUCT, servers);
    meta = records(MetaEntry.STRUCT, 1);
    vips.clear();
  }

  private <S extends Record> Records<S> records(Struct<S> struct, int size) {
    var memory = MemorySegment.ofArray(new long[size * struct.size() / Long.BYTES]);
    memories.add(memory);
    return new Records<>(memory, struct);
  }

  private void mayBeKilled() {
    if (callsToLive >= 0 && callsToLive-- == 0) {
      // What its finally blocks do after that is done by no process that was killed.
      var left = memories.stream().map(memory -> memory.toArray(ValueLayout.JAVA_LONG)).toList();
      var leftVips = Map.copyOf(vips);
      afterTheEnd =
          () -> {
            for (int i = 0; i < left.size(); i++) {
              memories.get(i).copyFrom(MemorySegment.ofArray(left.get(i)));
            }
            vips.clear();
            vips.putAll(leftVips);
          };
      throw new Killed();
    }
  }

  /** As another process has it, which knows nothing. */
  private Table table() {
    return new Table(
        new Table.Vips() {
          @Override
          public OptionalInt slot(long vip) {
            var slot = vips.get(vip);
            return slot == null ? OptionalInt.empty() : OptionalInt.of(slot);
          }

          @Override
          public boolean add(long vip, int slot) {
            mayBeKilled();
            vips.put(vip, slot);
            mayBeKilled();
            return true;
          }

          @Override
          public void remove(long vip) {
            mayBeKilled();
            vips.remove(vip);
            mayBeKilled();
          }

          @Override
          public Map<Long, Integer> all() {
            return Map.copyOf(vips);
          }
        },
        services,
        members,
        backends,
        new Meta(meta),
        this::mayBeKilled,
        _ -> mayBeKilled());
  }

  private static ServiceImage image(long vip, long... servers) {
    return new ServiceImage(
        vip,
        POLICY,
        0,
        0,
        java.util.Arrays.stream(servers)
            .mapToObj(server -> new ServiceImage.MemberImage(server, 1))
            .toList());
  }

  private static void put(Table table, ServiceImage image) {
    change(table, () -> table.put(image));
  }

  private static void change(Table table, Runnable change) {
    boolean done = false;
    try {
      table.begin();
      change.run();
      done = true;
    } catch (NoRoomException e) {
      done = true;
      throw e;
    } finally {
      table.end(done);
    }
  }

  private static <T> T read(Table table, java.util.function.Supplier<T> something) {
    return table.read(something).orElseThrow();
  }

  @Test
  void aServerThatStillHasConnectionsIsNotOfTheNextAddressInItsSlot() {
    size(1, 8, 4);
    var one = table();
    put(one, image(1, 70));
    backends.publish(0, BackendEntry.LOAD, 1);
    backends.publish(0, BackendEntry.ATTEMPTED, 1);
    change(one, () -> assertTrue(one.remove(1)));
    put(one, image(2, 71));
    var other = table();
    assertEquals(1, read(other, () -> other.figures(2).orElseThrow()).backends().size());
    put(other, image(2, 70));
    var figures = read(other, () -> other.figures(2).orElseThrow());
    assertEquals(
        List.of(0L), figures.backends().stream().map(backend -> backend.attempted()).toList());
  }

  @Test
  void nothingIsReadWhileSomebodyChangesIt() {
    size(4, 8, 8);
    var writer = table();
    var reader = table();
    put(writer, image(1, 70));
    assertEquals(Optional.of(image(1, 70)), read(reader, () -> reader.get(1)));
    writer.begin();
    assertEquals(Optional.empty(), reader.read(() -> reader.get(1)));
    assertEquals(Optional.of(image(1, 70)), reader.readAlone(() -> reader.get(1)));
    writer.put(image(1, 71));
    writer.end(true);
    assertEquals(Optional.of(image(1, 71)), read(reader, () -> reader.get(1)));
    assertEquals(
        Optional.empty(),
        reader.read(
            () -> {
              put(writer, image(1, 72));
              throw new IndexOutOfBoundsException("because of what was changed");
            }));
    assertThrows(
        IndexOutOfBoundsException.class,
        () ->
            reader.read(
                () -> {
                  throw new IndexOutOfBoundsException("because of nothing");
                }));
  }

  /** Three that take turns, of which some are killed in the middle and followed by others. */
  @Property(tries = 300)
  void nothingIsMixedOrLostWhoeverChangesItAndIsKilled(@ForAll long seed) {
    var random = new Random(seed);
    size(6, 40, 40);
    var tables = new ArrayList<>(List.of(table(), table(), table()));
    var expected = new HashMap<Long, ServiceImage>();
    for (int i = 0; i < 60; i++) {
      int who = random.nextInt(tables.size());
      var table = tables.get(who);
      long vip = 1L + random.nextInt(7);
      callsToLive = random.nextInt(5) == 0 ? random.nextInt(4) : -1;
      var before = Optional.ofNullable(expected.get(vip));
      boolean remove = random.nextInt(3) == 0;
      var image =
          image(
              vip,
              IntStream.range(0, random.nextInt(6))
                  .mapToLong(_ -> vip * 100 + random.nextInt(8))
                  .distinct()
                  .toArray());
      try {
        table.begin();
        if (remove) {
          assertEquals(before.isPresent(), table.remove(vip));
        } else {
          table.put(image);
        }
        table.end(true);
        expected.remove(vip);
        if (!remove) {
          expected.put(vip, image);
        }
      } catch (NoRoomException e) {
        table.end(true);
      } catch (Killed e) {
        // Done or undone, and its end was never said.
        afterTheEnd.run();
        callsToLive = -1;
        tables.set(who, table());
        expected.remove(vip);
        var now = tables.get(who).readAlone(() -> tables.get(who).get(vip));
        now.ifPresent(there -> expected.put(vip, there));
        assertTrue(
            now.equals(before) || now.equals(remove ? Optional.empty() : Optional.of(image)));
      }
      callsToLive = -1;
      var reader = tables.get(random.nextInt(tables.size()));
      assertEquals(
          expected, reader.read(reader::all).orElseGet(() -> reader.readAlone(reader::all)));
    }
    var last = tables.getFirst();
    change(
        last,
        () -> {
          List.copyOf(vips.keySet()).forEach(last::remove);
          last.reclaim();
        });
    for (int i = 0; i < backends.size(); i++) {
      assertEquals(0, backends.word(i, BackendEntry.WORD), "a server that is lost");
    }
    for (int i = 0; i < services.size(); i++) {
      assertEquals(0, services.word(i, ServiceEntry.VIP), "a slot that is lost");
    }
    // And all of the sets are free.
    for (long vip = 1; vip <= 6; vip++) {
      put(last, image(vip, vip * 100, vip * 100 + 1, vip * 100 + 2, vip * 100 + 3));
    }
  }
}
