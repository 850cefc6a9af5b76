package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.insn.MapRef;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.testkit.ScratchCgroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Threads use objects that another closes under them. The kernel gives the number of a closed
 * descriptor to the next object that is opened, at once: a use that came too late would meet it.
 * Each object knows something of itself that no other has.
 */
@RequiresKernel
@NoLeakedFds
class CloseUnderUseIT {
  private static final int ROUNDS = 1_000;
  private static final int USERS = 6;
  private static final int SLOTS = 3;
  private static final int KEY = 0;

  /** Uses of an object that came in time, and those that met it closed. */
  private record Uses(LongAdder inTime, LongAdder late) {
    Uses() {
      this(new LongAdder(), new LongAdder());
    }

    void tryOut(Runnable use) {
      try {
        use.run();
        inTime.increment();
      } catch (IllegalStateException e) {
        assertTrue(e.getMessage().endsWith(" is closed"), e::toString);
        late.increment();
      }
    }
  }

  /** An object that can tell itself from others. */
  private interface Usable extends AutoCloseable {
    /** Fails if it met another. */
    void use();

    @Override
    void close();
  }

  /** A map whose only value, wherever it is found, is its number. */
  private record NumberedMap(int number, BpfMap<Integer, Integer> map) implements Usable {
    static NumberedMap of(int number) {
      var map = BpfMap.create(MapSpec.hash(new MapRef("m" + number), Codec.u32(), Codec.u32(), 8));
      map.put(KEY, number);
      return new NumberedMap(number, map);
    }

    @Override
    public void use() {
      // The kernel recycles elements at once, so one that others replace may be missed.
      map.get(KEY).ifPresent(value -> assertEquals(number, value));
      map.put(KEY + 1, number);
      map.forEach((_, value) -> assertEquals(number, value));
      map.replace(KEY, number);
      map.remove(KEY + 1);
    }

    @Override
    public void close() {
      map.close();
    }
  }

  /** A program, and its attachment, with the ids that the kernel gave them. */
  private record NumberedLink(BpfProgram program, int programId, BpfLink link, int linkId)
      implements Usable {
    static NumberedLink of(int number, ScratchCgroup cgroup) {
      var program = BpfProgram.load(ProgramSpec.connect4("p" + number, Fixtures.PASS));
      var link = program.attachToCgroup(cgroup.path());
      return new NumberedLink(program, program.id(), link, link.id());
    }

    @Override
    public void use() {
      assertEquals(programId, program.id());
      assertEquals(linkId, link.id());
      link.update(program);
      assertEquals(programId, link.programId());
    }

    @Override
    public void close() {
      link.close();
      program.close();
    }
  }

  private static final Map<String, ThreadFactory> THREADS =
      Map.of("platform", Thread.ofPlatform().factory(), "virtual", Thread.ofVirtual().factory());

  @ParameterizedTest
  @ValueSource(strings = {"platform", "virtual"})
  void noUseMeetsAnotherMap(String kind) throws Exception {
    churn(kind, ROUNDS, NumberedMap::of);
  }

  @ParameterizedTest
  @ValueSource(strings = {"platform", "virtual"})
  void noUseMeetsAnotherProgramOrLink(String kind) throws Exception {
    try (var cgroup = ScratchCgroup.create()) {
      churn(kind, ROUNDS / 10, number -> NumberedLink.of(number, cgroup));
    }
  }

  private static void churn(String threads, int rounds, IntFunction<Usable> open) throws Exception {
    var objects = new AtomicReferenceArray<Usable>(SLOTS);
    for (int i = 0; i < SLOTS; i++) {
      objects.set(i, open.apply(i));
    }
    var uses = new Uses();
    var ended = new AtomicBoolean();
    try (var pool = Executors.newThreadPerTaskExecutor(THREADS.get(threads))) {
      var users = start(pool, USERS, user -> use(objects, user, uses, ended));
      try {
        for (int i = 0; i < rounds; i++) {
          // Closed first, so that the new one gets the number while others still hold the old.
          objects.get(i % SLOTS).close();
          objects.set(i % SLOTS, open.apply(SLOTS + i));
        }
      } finally {
        ended.set(true);
        for (int i = 0; i < SLOTS; i++) {
          objects.get(i).close();
        }
      }
      join(users);
    }
    assertTrue(uses.inTime.sum() > 0, () -> "no use came in time: " + uses);
    assertTrue(uses.late.sum() > 0, () -> "none was closed under its users: " + uses);
  }

  private static Void use(
      AtomicReferenceArray<Usable> objects, int user, Uses uses, AtomicBoolean ended) {
    for (int i = user; !ended.get(); i++) {
      var object = objects.get(i % SLOTS);
      uses.tryOut(object::use);
    }
    return null;
  }

  private static List<Future<Void>> start(ExecutorService pool, int count, IntFunction<Void> task) {
    var futures = new ArrayList<Future<Void>>();
    IntStream.range(0, count)
        .<Callable<Void>>mapToObj(i -> () -> task.apply(i))
        .forEach(callable -> futures.add(pool.submit(callable)));
    return futures;
  }

  /** Throws what a user threw. */
  private static void join(List<Future<Void>> users) throws Exception {
    for (var user : users) {
      try {
        user.get();
      } catch (ExecutionException e) {
        throw new AssertionError(e.getCause());
      }
    }
  }
}
