package io.github.purebpf.bpf;

import static io.github.purebpf.bpf.ExpectedAttr.only;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.btf.Btf;
import io.github.purebpf.insn.MapRef;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The exact bytes of the commands about elements that {@link AttrBytesTest} leaves out. */
class MapBytesTest {
  private static final MapSpec<Integer, Long> SPEC =
      MapSpec.hash(new MapRef("m"), Codec.u32(), Codec.s64(), 1000);

  private final FakeKernel kernel = new FakeKernel();
  private final BpfMap<Integer, Long> map = BpfMap.create(kernel, SPEC);

  /** Answers a command that writes two elements and thereby reaches the end. */
  private static int twoElements(BpfAttr attr) {
    var keys = FakeKernel.at(attr.bytes().get(JAVA_LONG, 16), 8);
    var values = FakeKernel.at(attr.bytes().get(JAVA_LONG, 24), 16);
    for (int i = 0; i < 2; i++) {
      keys.setAtIndex(JAVA_INT, i, 7 + i);
      values.setAtIndex(JAVA_LONG, i, 70 + i);
    }
    attr.u32(32, 2);
    return -Errno.ENOENT;
  }

  @Test
  void removeAndGetPointsToTheKeyAndToRoomForTheValue() {
    kernel.answer =
        (_, attr) -> {
          assertEquals(7, FakeKernel.at(attr.bytes().get(JAVA_LONG, 8), 4).get(JAVA_INT, 0));
          FakeKernel.at(attr.bytes().get(JAVA_LONG, 16), 8).set(JAVA_LONG, 0, 70L);
          return 0;
        };
    assertEquals(Optional.of(70L), map.removeAndGet(7));
    var call = only(kernel, Cmd.MAP_LOOKUP_AND_DELETE_ELEM);
    new ExpectedAttr(32).u32(0, 3).pointers(call, 8, 16).matches(call);
  }

  @Test
  void aDrainBeginsWithoutACursorAndGoesOnWithIt() {
    kernel.answer =
        (_, attr) -> {
          if (attr.bytes().get(JAVA_LONG, 0) != 0) {
            assertEquals(99, FakeKernel.at(attr.bytes().get(JAVA_LONG, 0), 4).get(JAVA_INT, 0));
            return twoElements(attr);
          }
          FakeKernel.at(attr.bytes().get(JAVA_LONG, 8), 4).set(JAVA_INT, 0, 99);
          attr.u32(32, 1);
          return 0;
        };
    var batch = map.batch(5);
    assertTrue(batch.drain());
    assertEquals(1, batch.size());
    assertTrue(batch.drain());
    assertEquals(2, batch.size());
    assertEquals(8, batch.key(1));
    assertEquals(71, batch.value(1));
    assertFalse(batch.drain());
    var calls = kernel.calls(Cmd.MAP_LOOKUP_AND_DELETE_BATCH);
    assertEquals(2, calls.size());
    var first = calls.getFirst();
    new ExpectedAttr(56).pointers(first, 8, 16, 24).u32(32, 5).u32(36, 3).matches(first);
    var second = calls.getLast();
    new ExpectedAttr(56).pointers(second, 0, 8, 16, 24).u32(32, 5).u32(36, 3).matches(second);
  }

  @Test
  void aBatchIsPutWithItsSizeAndWithoutCursors() {
    var batch = map.batch(5);
    batch.add(7, 70L);
    batch.add(8, 80L);
    kernel.answer =
        (_, attr) -> {
          var keys = FakeKernel.at(attr.bytes().get(JAVA_LONG, 16), 8);
          var values = FakeKernel.at(attr.bytes().get(JAVA_LONG, 24), 16);
          assertArrayEquals(new int[] {7, 8}, keys.toArray(JAVA_INT));
          assertArrayEquals(new long[] {70, 80}, values.toArray(JAVA_LONG));
          return 0;
        };
    batch.put();
    var call = only(kernel, Cmd.MAP_UPDATE_BATCH);
    new ExpectedAttr(56).pointers(call, 16, 24).u32(32, 2).u32(36, 3).matches(call);
  }

  @Test
  void aRemovalOfABatchGoesOnBehindAKeyThatIsMissing() {
    var batch = map.batch(5);
    for (int key = 0; key < 4; key++) {
      batch.add(key);
    }
    kernel.answer =
        (_, attr) -> {
          if (kernel.calls(Cmd.MAP_DELETE_BATCH).size() == 1) {
            attr.u32(32, 1);
            return -Errno.ENOENT;
          }
          return 0;
        };
    assertEquals(3, batch.remove());
    var calls = kernel.calls(Cmd.MAP_DELETE_BATCH);
    assertEquals(2, calls.size());
    var first = calls.getFirst();
    var second = calls.getLast();
    new ExpectedAttr(56).pointers(first, 16, 24).u32(32, 4).u32(36, 3).matches(first);
    new ExpectedAttr(56).pointers(second, 16, 24).u32(32, 2).u32(36, 3).matches(second);
    assertEquals(8, second.u64(16) - first.u64(16), "two keys further");
  }

  @Test
  void freezeEndsWithTheMap() {
    map.freeze();
    new ExpectedAttr(4).u32(0, 3).matches(only(kernel, Cmd.MAP_FREEZE));
  }

  @Test
  void aMapWithTypesNamesThem() {
    kernel.takesBtf = true;
    kernel.calls.clear();
    var types = new AtomicReference<Btf>();
    kernel.answer =
        (command, attr) -> {
          if (command == Cmd.BTF_LOAD) {
            types.set(Btf.parse(FakeKernel.bytesAt(attr.bytes().get(JAVA_LONG, 0), attr.u32(16))));
          }
          return kernel.newFd();
        };
    BpfMap.create(kernel, SPEC);
    var load = only(kernel, Cmd.BTF_LOAD);
    new ExpectedAttr(24).pointers(load, 0).u32(16, load.u32(16)).matches(load);
    var create = only(kernel, Cmd.MAP_CREATE);
    int key = create.u32(52);
    int value = create.u32(56);
    new ExpectedAttr(60)
        .u32(0, 1)
        .u32(4, 4)
        .u32(8, 8)
        .u32(12, 1000)
        .text(28, "m")
        .u32(48, 4)
        .u32(52, key)
        .u32(56, value)
        .matches(create);
    assertEquals(4, types.get().sizeOf(key));
    assertEquals(8, types.get().sizeOf(value));
  }

  @Test
  void typesThatAreRefusedAreSentAgainForTheComplaint() {
    kernel.takesBtf = true;
    kernel.calls.clear();
    kernel.answer =
        (_, attr) -> {
          if (attr.bytes().byteSize() > 24) {
            FakeKernel.at(attr.bytes().get(JAVA_LONG, 8), 64).setString(0, "[1] INT\nno good\n");
          }
          return -Errno.EINVAL;
        };
    var types = new byte[] {1, 2, 3};
    assertEquals(-Errno.EINVAL, BtfLoader.load(kernel, types));
    assertEquals("the kernel says no good", BtfLoader.complaint(kernel, types, 0));
    var calls = kernel.calls(Cmd.BTF_LOAD);
    var plain = calls.getFirst();
    new ExpectedAttr(24).pointers(plain, 0).u32(16, 3).matches(plain);
    var logged = calls.getLast();
    new ExpectedAttr(28)
        .pointers(logged, 0, 8)
        .u32(16, 3)
        .u32(20, logged.u32(20))
        .u32(24, 1)
        .matches(logged);
    assertTrue(logged.u32(20) >= 128, "the least the kernel takes");
  }
}
