package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.testkit.Bpftool;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Queues and stacks. */
@RequiresKernel
@NoLeakedFds
class BpfQueueIT {
  private static final MapRef NAME = new MapRef("it_queue");

  private static List<Long> drain(PushPopMap<Long> map) {
    var values = new ArrayList<Long>();
    for (var value = map.pop(); value.isPresent(); value = map.pop()) {
      values.add(value.get());
    }
    return values;
  }

  @Test
  void aQueueGivesOutWhatCameInFirst() {
    try (var queue = BpfQueue.create(NAME, Codec.s64(), 3)) {
      assertEquals(Optional.empty(), queue.peek());
      assertEquals(Optional.empty(), queue.pop());
      queue.push(1L);
      queue.push(2L);
      assertEquals(Optional.of(1L), queue.peek());
      assertEquals(Optional.of(1L), queue.pop());
      queue.push(3L);
      assertEquals(List.of(2L, 3L), drain(queue));
    }
  }

  @Test
  void aStackGivesOutWhatCameInLast() {
    try (var stack = BpfStack.create(NAME, Codec.s64(), 3)) {
      assertEquals(Optional.empty(), stack.pop());
      stack.push(1L);
      stack.push(2L);
      assertEquals(Optional.of(2L), stack.peek());
      stack.push(3L);
      assertEquals(List.of(3L, 2L, 1L), drain(stack));
    }
  }

  @Test
  void aFullOneRefusesOrGivesUpItsOldest() {
    try (var queue = BpfQueue.create(NAME, Codec.s64(), 2);
        var stack = BpfStack.create(NAME, Codec.s64(), 2)) {
      for (var map : List.of(queue, stack)) {
        map.push(1L);
        assertTrue(map.offer(2L));
        assertFalse(map.offer(3L));
        var e = assertThrows(KernelErrorException.class, () -> map.push(3L));
        assertEquals("E2BIG", e.errnoName());
        assertTrue(e.getMessage().endsWith("it is full, with 2 entries"), e.getMessage());
        map.pushOverOldest(4L);
      }
      assertEquals(List.of(2L, 4L), drain(queue));
      assertEquals(List.of(4L, 2L), drain(stack));
    }
  }

  @Test
  void othersSeeWhatWePutInAndTakeItOut() {
    try (var queue = BpfQueue.create(NAME, Codec.u32(), 5);
        var stack = BpfStack.create(NAME, Codec.u32(), 5)) {
      queue.push(0x04030201);
      stack.push(7);
      var id = Integer.toString(queue.id());
      var shown = Bpftool.run("-j", "map", "show", "id", id);
      assertTrue(shown.contains("\"type\":\"queue\",\"name\":\"it_queue\""), shown);
      assertTrue(shown.contains("\"bytes_key\":0,\"bytes_value\":4,\"max_entries\":5"), shown);
      var peeked = Bpftool.run("-j", "map", "peek", "id", id);
      assertTrue(peeked.contains("\"value\":[\"0x01\",\"0x02\",\"0x03\",\"0x04\"]}"), peeked);
      Bpftool.run("map", "enqueue", "id", id, "value", "9", "0", "0", "0");
      Bpftool.run("map", "dequeue", "id", id);
      assertEquals(Optional.of(9), queue.pop());
      var stackId = Integer.toString(stack.id());
      var type = Bpftool.run("-j", "map", "show", "id", stackId);
      assertTrue(type.contains("\"type\":\"stack\""), type);
      Bpftool.run("map", "push", "id", stackId, "value", "8", "0", "0", "0");
      assertEquals(Optional.of(8), stack.pop());
    }
  }

  @Test
  void pinnedOnesAreOpenedAndToldApart() {
    try (var fs = BpfFs.mountDetached();
        var queue = BpfQueue.create(NAME, Codec.s64(), 3)) {
      var pin = fs.path().resolve("queue");
      queue.pin(pin);
      queue.push(5L);
      try (var again = BpfQueue.openPinned(pin, NAME, Codec.s64(), 3)) {
        assertEquals(Optional.of(5L), again.pop());
      }
      var e =
          assertThrows(
              IllegalArgumentException.class, () -> BpfStack.openPinned(pin, NAME, Codec.u32(), 3));
      assertTrue(
          e.getMessage().contains("its type is BPF_MAP_TYPE_QUEUE, not BPF_MAP_TYPE_STACK"),
          e.getMessage());
      assertTrue(e.getMessage().contains("its values have 8 bytes, not 4"), e.getMessage());
    }
  }

  @Test
  void aNodeThatIsNotThereIsRefused() {
    try (var queue = BpfQueue.create(NAME, Codec.u32(), 1, MapOption.numaNode(0))) {
      queue.push(1);
    }
    var e =
        assertThrows(
            KernelErrorException.class,
            () -> BpfQueue.create(NAME, Codec.u32(), 1, MapOption.numaNode(4000)));
    assertEquals("EINVAL", e.errnoName());
    assertTrue(e.getMessage().contains("NUMA node 4000"), e.getMessage());
  }
}
