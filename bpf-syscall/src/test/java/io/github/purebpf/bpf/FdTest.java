package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Fd;
import io.github.purebpf.insn.MapRef;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FdTest {
  private final FakeKernel kernel = new FakeKernel();

  @Test
  void closingTwiceClosesOnce() {
    var fd = new Fd(kernel, kernel.newFd(), "map m");
    fd.close();
    fd.close();
    assertEquals(List.of("close 3"), kernel.others);
  }

  @Test
  void aClosedObjectRefusesToWorkByName() {
    var map = BpfMap.create(kernel, Fixtures.SERVICES_SPEC);
    map.close();
    var e = assertThrows(IllegalStateException.class, () -> map.get(1));
    assertEquals("map services is closed", e.getMessage());
    assertEquals("map services (closed)", map.toString());
    assertTrue(kernel.calls(Cmd.MAP_LOOKUP_ELEM).isEmpty());
  }

  @Test
  void theLastUseClosesWhatWasClosedMeanwhile() {
    var fd = new Fd(kernel, kernel.newFd(), "map m");
    fd.acquire();
    fd.acquire();
    fd.close();
    fd.release();
    assertEquals(List.of(), kernel.others);
    assertThrows(IllegalStateException.class, fd::acquire);
    fd.release();
    assertEquals(List.of("close 3"), kernel.others);
  }

  @Test
  void aCloseDuringACallWaitsForItsEnd() {
    var map = BpfMap.create(kernel, Fixtures.SERVICES_SPEC);
    kernel.answer =
        (command, attr) -> {
          map.close();
          // A map made now must not get the number of the call under way.
          assertEquals(4, kernel.newFd());
          assertEquals(List.of(), kernel.others);
          return 0;
        };
    map.put(1, 2);
    assertEquals(List.of("close 3"), kernel.others);
  }

  @Test
  void aDescriptorClosedBySomebodyElseIsReported() {
    var fd = new Fd(kernel, kernel.newFd(), "map m");
    kernel.close(3);
    var e = assertThrows(IllegalStateException.class, fd::close);
    assertEquals("map m: descriptor 3 was closed by somebody else", e.getMessage());
  }

  @Test
  void descriptorsOfStandardStreamsAreMoved() {
    kernel.lowest = 0;
    var map = BpfMap.create(kernel, Fixtures.SERVICES_SPEC);
    map.put(1, 2);
    assertEquals(List.of("duplicate 0", "close 0"), kernel.others);
    assertEquals(3, kernel.calls(Cmd.MAP_UPDATE_ELEM).getFirst().u32(0));
  }

  @Test
  void aDescriptorThatCannotBeMovedIsClosed() {
    kernel.lowest = 2;
    kernel.failDuplicate = Errno.EMFILE;
    var e =
        assertThrows(
            KernelErrorException.class, () -> BpfMap.create(kernel, Fixtures.SERVICES_SPEC));
    assertEquals("EMFILE", e.errnoName());
    assertTrue(kernel.open.isEmpty());
  }

  /** A kernel in which every descriptor belongs to one map, and in which numbers are reused. */
  private static final class Recycling extends FakeKernel {
    private final ConcurrentHashMap<Integer, Integer> maps = new ConcurrentHashMap<>();
    private final AtomicInteger strangers = new AtomicInteger();

    @Override
    public int bpf(Cmd command, BpfAttr attr) {
      if (command == Cmd.BTF_LOAD) {
        return -Errno.EPERM;
      }
      if (command == Cmd.MAP_CREATE) {
        synchronized (this) {
          int fd = newFd();
          maps.put(fd, attr.u32(12));
          return fd;
        }
      }
      int fd = attr.u32(0);
      int key = at(attr.bytes().get(ValueLayout.JAVA_LONG, 8), 4).get(ValueLayout.JAVA_INT, 0);
      Thread.onSpinWait();
      // The keys of map n are all n: any other meets a map that is not its own.
      if (!Integer.valueOf(key).equals(maps.get(fd))) {
        strangers.incrementAndGet();
      }
      return 0;
    }

    @Override
    public synchronized int close(int fd) {
      maps.remove(fd);
      return super.close(fd);
    }
  }

  @Test
  void noCallEverUsesARecycledNumber() throws Exception {
    var recycling = new Recycling();
    int threads = 2;
    int rounds = 300;
    try (var pool = Executors.newFixedThreadPool(threads)) {
      for (int i = 1; i <= rounds; i++) {
        int number = i;
        var map =
            BpfMap.create(
                recycling,
                MapSpec.hash(new MapRef("m" + number), Codec.u32(), Codec.u32(), number));
        var start = new CountDownLatch(threads);
        var users =
            IntStream.range(0, threads)
                .<Future<?>>mapToObj(t -> pool.submit(() -> useUntilClosed(map, number, start)))
                .toList();
        start.await();
        map.close();
        for (var user : users) {
          user.get();
        }
      }
    }
    assertEquals(0, recycling.strangers.get());
    assertTrue(recycling.open.isEmpty(), "everything is closed in the end");
  }

  private static void useUntilClosed(
      BpfMap<Integer, Integer> map, int number, CountDownLatch start) {
    start.countDown();
    try {
      while (true) {
        map.remove(number);
      }
    } catch (IllegalStateException closed) {
      assertEquals("map m" + number + " is closed", closed.getMessage());
    }
  }
}
