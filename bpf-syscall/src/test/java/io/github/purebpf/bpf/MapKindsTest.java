package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.UnsupportedKernelException;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.insn.KernelVersion;
import io.github.purebpf.insn.MapRef;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What maps of all kinds ask of the kernel; the offsets are those of the kernel's header. */
class MapKindsTest {
  private static final MapRef NAME = new MapRef("m");

  private final FakeKernel kernel = new FakeKernel();

  private FakeKernel.Call only(Cmd command) {
    var calls = kernel.calls(command);
    assertEquals(1, calls.size(), command.kernelName());
    return calls.getFirst();
  }

  /** A create call of the map m: each number is at four times its place. */
  private void created(int size, int... numbers) {
    var expected = ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
    for (int i = 0; i < numbers.length; i++) {
      expected.putInt(4 * i, expected.getInt(4 * i) | numbers[i]);
    }
    expected.put(28, "m".getBytes(StandardCharsets.US_ASCII));
    var call = kernel.calls(Cmd.MAP_CREATE).getLast();
    assertArrayEquals(expected.array(), call.attr().array());
  }

  /** Key and value of every update, four bytes each; the memory lives for the call alone. */
  private List<List<Integer>> updates() {
    var updates = new ArrayList<List<Integer>>();
    var usual = kernel.answer;
    kernel.answer =
        (command, attr) -> {
          if (command == Cmd.MAP_UPDATE_ELEM) {
            updates.add(List.of(int32At(attr, 8), int32At(attr, 16)));
          }
          return usual.to(command, attr);
        };
    return updates;
  }

  private static int int32At(BpfAttr attr, int offset) {
    long address = attr.bytes().get(ValueLayout.JAVA_LONG, offset);
    return FakeKernel.at(address, 4).get(ValueLayout.JAVA_INT, 0);
  }

  @Test
  void queuesHaveNoKeys() {
    var queue = BpfQueue.create(kernel, NAME, Codec.s64(), 9);
    created(44, 22, 0, 8, 9);
    BpfStack.create(kernel, NAME, Codec.s64(), 9, MapOption.flags(8), MapOption.numaNode(1));
    created(44, 23, 0, 8, 9, 8 | 4, 0, 1);
    queue.pushOverOldest(1L);
    var update = only(Cmd.MAP_UPDATE_ELEM);
    assertEquals(0, update.u64(8));
    assertEquals(2, update.u64(24));
    queue.pop();
    var pop = only(Cmd.MAP_LOOKUP_AND_DELETE_ELEM);
    assertEquals(32, pop.attr().capacity());
    assertEquals(0, pop.u64(8));
    assertEquals(0, pop.u64(24));
  }

  @Test
  void theHashFunctionsOfAFilterAreItsExtra() {
    BloomFilter.create(kernel, NAME, Codec.s64(), 9, 0);
    created(44, 30, 0, 8, 9);
    BloomFilter.create(kernel, NAME, Codec.s64(), 9, 3);
    var create = kernel.calls(Cmd.MAP_CREATE).getLast();
    assertEquals(72, create.attr().capacity());
    assertEquals(3, create.u64(64));
  }

  @Test
  void aMapIsPutInByItsDescriptorAndSoIsTheTemplate() {
    var inner = BpfQueue.create(kernel, NAME, Codec.s64(), 9);
    int fd = inner.withFd(number -> number);
    var array = ArrayOfMaps.create(kernel, NAME, inner, 5);
    created(44, 12, 4, 4, 5, 0, fd);
    HashOfMaps.create(kernel, NAME, Codec.s64(), inner, 5);
    created(44, 13, 8, 4, 5, 0, fd);
    var updates = updates();
    array.put(2, inner);
    assertEquals(List.of(List.of(2, fd)), updates);
  }

  @Test
  void aMapInsideThatIsGoneWhenItIsOpenedWasNotThere() {
    var inner = BpfMap.create(kernel, Fixtures.SERVICES_SPEC);
    var array = ArrayOfMaps.create(kernel, NAME, inner, 5);
    kernel.answer = (command, _) -> command == Cmd.MAP_GET_FD_BY_ID ? -Errno.ENOENT : 0;
    assertTrue(array.open(0, Fixtures.SERVICES_SPEC).isEmpty());
  }

  @Test
  void aCgroupIsOpenOnlyWhileItIsPutIn() {
    var array = CgroupArray.create(kernel, NAME, 5);
    created(44, 8, 4, 4, 5);
    var updates = updates();
    array.put(1, Path.of("/"));
    assertEquals(List.of(List.of(1, 4)), updates);
    assertEquals(List.of("open /", "close 4"), kernel.others);
  }

  @Test
  void stacksAreAsDeepAsTheirValuesAreLong() {
    StackTraces.create(kernel, NAME, StackTraces.ADDRESSES, 10, 7);
    created(44, 7, 4, 80, 7);
    StackTraces.create(kernel, NAME, StackTraces.BUILD_IDS, 10, 7, MapOption.numaNode(1));
    created(44, 7, 4, 320, 7, 32 | 4, 0, 1);
  }

  @Test
  void storageOfAttachmentsHasNoRoomOfItsOwn() {
    CgroupAttachStorage.create(kernel, NAME, Codec.bytes(12));
    created(44, 19, 16, 12);
    CgroupAttachStorage.createPerCpu(kernel, NAME, Codec.bytes(12));
    created(44, 21, 16, 12);
  }

  @Test
  void anArenaIsMappedAtOnceAndUnmappedAtItsEnd() {
    try (var arena = BpfArena.create(kernel, NAME, 3)) {
      created(44, 33, 0, 0, 3, 1024);
      int fd = arena.withFd(number -> number);
      assertEquals(List.of("mmap " + fd + " 0 12288 rw"), kernel.others);
    }
    assertEquals(List.of("munmap 12288", "close 3"), kernel.others.subList(1, 3));
    try (var arena = BpfArena.createAt(kernel, NAME, 3, 1L << 44)) {
      var create = kernel.calls(Cmd.MAP_CREATE).getLast();
      assertEquals(72, create.attr().capacity());
      assertEquals(1L << 44, create.u64(64));
      int fd = arena.withFd(number -> number);
      assertEquals("mmap " + fd + " 100000000000 12288", kernel.others.getLast());
    }
  }

  @Test
  void anArrayIsMappedInWholeEights() {
    var spec = MapSpec.array(NAME, Codec.bytes(12), 9).mappable();
    try (var map = BpfMap.create(kernel, spec)) {
      created(44, 2, 4, 12, 9, 1024);
      map.mapMemory().close();
      map.mapMemoryReadOnly().close();
      assertEquals(
          List.of("mmap 3 0 144 rw", "munmap 144", "mmap 3 0 144 r", "munmap 144"), kernel.others);
    }
  }

  @Test
  void optionsAddToWhatTheSpecSays() {
    var spec = MapSpec.hash(NAME, Codec.s64(), Codec.s64(), 9).withoutPreallocation();
    BpfMap.create(kernel, spec, MapOption.numaNode(2), MapOption.flags(64));
    created(44, 1, 8, 8, 9, 1 | 4 | 64, 0, 2);
    var perCpu = MapSpec.perCpuArray(NAME, Codec.s64(), 9);
    PerCpuMap.create(kernel, perCpu, MapOption.flags(128));
    created(44, 6, 4, 8, 9, 128);
  }

  @Test
  void anOlderKernelIsNamed() {
    kernel.release = new KernelVersion(4, 19);
    kernel.answer = (_, _) -> -Errno.EINVAL;
    var queue =
        assertThrows(
            UnsupportedKernelException.class, () -> BpfQueue.create(kernel, NAME, Codec.u32(), 1));
    assertEquals(
        "BPF_MAP_CREATE of map m needs Linux 4.20 for BPF_MAP_TYPE_QUEUE; this is Linux 4.19",
        queue.getMessage());
    var filter =
        assertThrows(
            UnsupportedKernelException.class,
            () -> BloomFilter.create(kernel, NAME, Codec.u32(), 1, 1));
    assertTrue(filter.getMessage().contains("needs Linux 5.16"), filter.getMessage());
  }
}
