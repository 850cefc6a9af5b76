package io.github.purebpf.redirect.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.layout.Struct;
import io.github.purebpf.redirect.dataplane.ServiceImage.MemberImage;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** The table on memory of its own, without a kernel. */
class TableTest {
  private static final int SERVICES = 6;
  private static final int MEMBERS = 24;
  private static final int BACKENDS = 20;

  /** Arrays in memory, and a hash map that recycles nothing. */
  private static final class Memory {
    final Map<Long, Integer> slots = new HashMap<>();
    final Records<ServiceEntry> services = records(ServiceEntry.STRUCT, SERVICES);
    final Records<MemberEntry> members = records(MemberEntry.STRUCT, MEMBERS);
    final Records<BackendEntry> backends = records(BackendEntry.STRUCT, BACKENDS);
    final Meta meta = new Meta(records(MetaEntry.STRUCT, 1));
    final Set<Integer> gone = new HashSet<>();
    int graces;

    private static <S extends Record> Records<S> records(Struct<S> struct, int count) {
      return new Records<>(Arena.ofAuto().allocate((long) struct.size() * count, 8), struct);
    }

    Table table() {
      return new Table(
          new Table.Vips() {
            @Override
            public OptionalInt slot(long vip) {
              var slot = slots.get(vip);
              return slot == null ? OptionalInt.empty() : OptionalInt.of(slot);
            }

            @Override
            public boolean add(long vip, int slot) {
              return slots.putIfAbsent(vip, slot) == null;
            }

            @Override
            public void remove(long vip) {
              slots.remove(vip);
            }

            @Override
            public Map<Long, Integer> all() {
              return Map.copyOf(slots);
            }
          },
          services,
          members,
          backends,
          meta,
          () -> graces++,
          (BitSet backends) -> backends.stream().forEach(gone::add));
    }

    /** As a program counts a connection in or out. */
    void connections(long vip, long server, long change) {
      int slot = slots.get(vip);
      var head = Head.of(services.word(slot, ServiceEntry.HEAD));
      for (int i = 0; i < head.count(); i++) {
        int backend = members.number(head.first() + i, MemberEntry.BACKEND);
        if (backends.word(backend, BackendEntry.WORD) == server) {
          long load = backends.word(backend, BackendEntry.LOAD);
          backends.publish(backend, BackendEntry.LOAD, load + change);
          backends.publish(backend, BackendEntry.OPEN, load + change);
        }
      }
    }
  }

  private final Memory memory = new Memory();

  private static ServiceImage image(long vip, int... servers) {
    var list = new ArrayList<MemberImage>();
    for (int server : servers) {
      list.add(new MemberImage(server, 1));
    }
    return new ServiceImage(vip, Head.POLICY_LEAST_CONNECTIONS, 111, 0, list);
  }

  /** A change of the table. */
  sealed interface Step {
    /** A put. */
    record Put(ServiceImage image) implements Step {}

    /** A removal. */
    record Remove(long vip) implements Step {}

    /** Another process goes on. */
    record Restart() implements Step {}
  }

  @Provide
  Arbitrary<Step> steps() {
    var vips = Arbitraries.longs().between(1, 8);
    var servers =
        Combinators.combine(
                Arbitraries.longs().between(1, 9), Arbitraries.integers().between(1, 65_535))
            .as(MemberImage::new)
            .list()
            .ofMaxSize(6)
            .uniqueElements(MemberImage::server);
    Arbitrary<Step> puts =
        Combinators.combine(
                vips,
                Arbitraries.integers().between(0, 5),
                Arbitraries.of(0, 1, 111, 113),
                Arbitraries.longs().between(0, 1L << 62),
                servers)
            .as(ServiceImage::new)
            .map(Step.Put::new);
    Arbitrary<Step> removals = vips.map(Step.Remove::new);
    return Arbitraries.frequencyOf(
        net.jqwik.api.Tuple.of(6, puts),
        net.jqwik.api.Tuple.of(3, removals),
        net.jqwik.api.Tuple.of(1, Arbitraries.just(new Step.Restart())));
  }

  @Property
  void itHoldsWhatAMapWouldHoldAndRefusesWhatHasNoRoomWithoutAChange(
      @ForAll @Size(max = 60) List<@net.jqwik.api.From("steps") Step> steps) {
    var own = new Memory();
    var table = own.table();
    var expected = new LinkedHashMap<Long, ServiceImage>();
    for (var step : steps) {
      switch (step) {
        case Step.Put(var image) -> {
          try {
            Change.put(table, image);
            expected.put(image.vip(), image);
          } catch (NoRoomException e) {
            assertTrue(isFull(expected, image), () -> e.getMessage() + " with " + expected);
          }
        }
        case Step.Remove(long vip) ->
            assertEquals(expected.remove(vip) != null, Change.remove(table, vip));
        case Step.Restart() -> table = own.table();
      }
      assertEquals(expected, table.all());
      for (var image : expected.values()) {
        assertEquals(Optional.of(image), table.get(image.vip()));
      }
    }
  }

  /** Whether what is asked for might not fit, old and new side by side. */
  private static boolean isFull(Map<Long, ServiceImage> held, ServiceImage image) {
    int members = held.values().stream().mapToInt(i -> i.members().size()).sum();
    int count = image.members().size();
    boolean isNew = !held.containsKey(image.vip());
    // What is free may be in pieces, one more than there are sets; the largest has the mean at
    // least.
    int longestPiece = Math.ceilDiv(MEMBERS - members, held.size() + 1);
    return (isNew && held.size() >= SERVICES) || members + count > BACKENDS || count > longestPiece;
  }

  @Test
  void whatIsOutOfUseIsWrittenAgainOnlyAfterAGracePeriod() {
    var table = memory.table();
    for (int i = 0; i < 4; i++) {
      Change.put(table, image(1, 1, 2, 3, 4, 5, 6));
    }
    int before = memory.graces;
    Change.put(table, image(1, 1, 2, 3, 4, 5, 6));
    assertEquals(before + 1, memory.graces, "four sets of six fill the 24 places");
  }

  @Test
  void aServerKeepsItsFiguresAsLongAsItHasConnections() {
    var table = memory.table();
    Change.put(table, image(1, 1, 2));
    memory.connections(1, 2, 3);
    Change.put(table, image(1, 1));
    Change.reclaim(table);
    var figures = table.figures(1).orElseThrow().backends();
    assertEquals(2, figures.size());
    assertFalse(figures.get(1).active());
    assertEquals(3, figures.get(1).open());
    Change.put(table, image(1, 1, 2));
    assertEquals(3, table.figures(1).orElseThrow().backends().get(1).open());
    Change.put(table, image(1, 1));
    int index = figures.get(1).index();
    memory.backends.publish(index, BackendEntry.LOAD, 0);
    Change.reclaim(table);
    assertEquals(Set.of(index), memory.gone, "its containers are forgotten");
    assertEquals(1, table.figures(1).orElseThrow().backends().size());
  }

  @Test
  void anotherProcessFindsTheServersThatAreLeaving() {
    Change.put(memory.table(), image(1, 1, 2));
    memory.connections(1, 2, 1);
    Change.put(memory.table(), image(1, 1));
    var figures = memory.table().figures(1).orElseThrow().backends();
    assertEquals(2, figures.size());
    assertEquals(1, figures.get(1).open());
  }

  @Test
  void moreThanThereIsRoomForIsRefusedWithTheFigures() {
    var table = memory.table();
    for (int vip = 1; vip <= SERVICES; vip++) {
      Change.put(table, image(vip));
    }
    var e = assertThrows(NoRoomException.class, () -> Change.put(table, image(99)));
    assertEquals("no room for 1 more virtual addresses; 6 of 6 are in use", e.getMessage());
    assertTrue(Change.remove(table, 3));
    Change.put(table, image(99));
    assertEquals(SERVICES, table.all().size());
  }
}
