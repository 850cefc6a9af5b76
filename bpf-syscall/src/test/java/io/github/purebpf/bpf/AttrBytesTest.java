package io.github.purebpf.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.ProgramType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The exact bytes of every command's attr; the offsets are those of the kernel's header. */
class AttrBytesTest {
  private static final MapSpec<Integer, Long> SPEC =
      MapSpec.hash(new MapRef("vips"), Codec.u32(), Codec.s64(), 1000).withFlags(1);

  private final FakeKernel kernel = new FakeKernel();

  private BpfMap<Integer, Long> map() {
    return BpfMap.create(kernel, SPEC);
  }

  @Test
  void mapCreateEndsWithTheName() {
    map();
    new ExpectedAttr(44)
        .u32(0, 1)
        .u32(4, 4)
        .u32(8, 8)
        .u32(12, 1000)
        .u32(16, 1)
        .text(28, "vips")
        .matches(ExpectedAttr.only(kernel, Cmd.MAP_CREATE));
  }

  @Test
  void lookupPointsToTheKeyAndToRoomForTheValue() {
    kernel.answer =
        (command, attr) -> {
          if (command == Cmd.MAP_CREATE) {
            return kernel.newFd();
          }
          long key = attr.bytes().get(JAVA_LONG, 8);
          long value = attr.bytes().get(JAVA_LONG, 16);
          assertEquals(7, FakeKernel.at(key, 4).get(JAVA_INT, 0));
          FakeKernel.at(value, 8).set(JAVA_LONG, 0, 8L);
          return 0;
        };
    assertEquals(Optional.of(8L), map().get(7));
    var call = ExpectedAttr.only(kernel, Cmd.MAP_LOOKUP_ELEM);
    new ExpectedAttr(32).u32(0, 3).u64(8, call.u64(8)).u64(16, call.u64(16)).matches(call);
  }

  @Test
  void updateCarriesTheFlagOfItsMethod() {
    var map = map();
    map.put(1, 10L);
    map.putIfAbsent(1, 10L);
    map.replace(1, 10L);
    var calls = kernel.calls(Cmd.MAP_UPDATE_ELEM);
    for (int i = 0; i < 3; i++) {
      var call = calls.get(i);
      new ExpectedAttr(32)
          .u32(0, 3)
          .u64(8, call.u64(8))
          .u64(16, call.u64(16))
          .u64(24, i)
          .matches(call);
    }
    assertEquals(3, calls.size());
  }

  @Test
  void updatePointsToKeyAndValue() {
    var map = map();
    map.put(0x01020304, 0x1122334455667788L);
    var call = ExpectedAttr.only(kernel, Cmd.MAP_UPDATE_ELEM);
    var key = ByteBuffer.wrap(FakeKernel.bytesAt(call.u64(8), 4)).order(ByteOrder.nativeOrder());
    var value = ByteBuffer.wrap(FakeKernel.bytesAt(call.u64(16), 8)).order(ByteOrder.nativeOrder());
    assertEquals(0x01020304, key.getInt());
    assertEquals(0x1122334455667788L, value.getLong());
    map.close(); // only now may its memory go
  }

  /** Writes one of its two bytes. */
  private static final Codec<Byte> SLOPPY =
      new Codec<>() {
        @Override
        public int size() {
          return 2;
        }

        @Override
        public void write(Byte value, MemorySegment to) {
          to.set(ValueLayout.JAVA_BYTE, value < 0 ? 1 : 0, value);
        }

        @Override
        public Byte read(MemorySegment from) {
          return from.get(ValueLayout.JAVA_BYTE, 0);
        }
      };

  @Test
  void bytesThatACodecLeavesOutAreZeroAndNotThoseOfAnEarlierCall() {
    var map = BpfMap.create(kernel, MapSpec.hash(new MapRef("m"), SLOPPY, SLOPPY, 1));
    map.put((byte) -1, (byte) -1);
    map.put((byte) 7, (byte) 7);
    var call = kernel.calls(Cmd.MAP_UPDATE_ELEM).getLast();
    assertArrayEquals(new byte[] {7, 0}, FakeKernel.bytesAt(call.u64(8), 2));
    assertArrayEquals(new byte[] {7, 0}, FakeKernel.bytesAt(call.u64(16), 2));
    map.close(); // only now may its memory go
  }

  @Test
  void deleteEndsWithTheKeyBecauseTheKernelRefusesMore() {
    var map = map();
    map.put(7, 1L); // leaves a value and flags in the reused memory
    map.replace(7, 1L);
    assertTrue(map.remove(7));
    var call = ExpectedAttr.only(kernel, Cmd.MAP_DELETE_ELEM);
    new ExpectedAttr(16).u32(0, 3).u64(8, call.u64(8)).matches(call);
  }

  @Test
  void walkBeginsWithoutAKey() {
    kernel.answer = (command, attr) -> command == Cmd.MAP_CREATE ? kernel.newFd() : -2;
    assertTrue(new MapWalk<>(map()).run((k, v) -> {}));
    var call = ExpectedAttr.only(kernel, Cmd.MAP_GET_NEXT_KEY);
    new ExpectedAttr(24).u32(0, 3).u64(16, call.u64(16)).matches(call);
  }

  @Test
  void batchBeginsWithoutACursor() {
    kernel.answer =
        (command, attr) -> {
          if (command == Cmd.MAP_CREATE) {
            return kernel.newFd();
          }
          attr.u32(32, 0);
          return -2;
        };
    assertTrue(map().forEach((k, v) -> {}));
    var call = ExpectedAttr.only(kernel, Cmd.MAP_LOOKUP_BATCH);
    new ExpectedAttr(56)
        .u64(8, call.u64(8))
        .u64(16, call.u64(16))
        .u64(24, call.u64(24))
        .u32(32, 256)
        .u32(36, 3)
        .matches(call);
  }

  @Test
  void programLoadHasNoLogAtFirst() {
    kernel.answer =
        (command, attr) -> {
          if (command == Cmd.PROG_LOAD) {
            long license = attr.bytes().get(JAVA_LONG, 16);
            long insns = attr.bytes().get(JAVA_LONG, 8);
            assertEquals("Dual MIT/GPL", FakeKernel.textAt(license));
            assertArrayEquals(
                Fixtures.PASS.encode(ByteOrder.nativeOrder()), FakeKernel.bytesAt(insns, 16));
          }
          return kernel.newFd();
        };
    BpfProgram.load(
        kernel,
        ProgramSpec.connect4("pass", Fixtures.PASS).withLicense("Dual MIT/GPL").withFlags(2));
    var call = ExpectedAttr.only(kernel, Cmd.PROG_LOAD);
    new ExpectedAttr(144)
        .u32(0, 18)
        .u32(4, 2)
        .u64(8, call.u64(8))
        .u64(16, call.u64(16))
        .u32(44, 2)
        .text(48, "pass")
        .u32(68, 10)
        .matches(call);
  }

  @Test
  void programLoadBindsMapsByName() {
    var other = BpfMap.create(kernel, MapSpec.array(new MapRef("other"), Codec.u32(), 1));
    var services = BpfMap.create(kernel, Fixtures.SERVICES_SPEC);
    var insns = new byte[Fixtures.REDIRECT.slots() * 8];
    kernel.answer =
        (command, attr) -> {
          var found = FakeKernel.bytesAt(attr.bytes().get(JAVA_LONG, 8), insns.length);
          System.arraycopy(found, 0, insns, 0, insns.length);
          return kernel.newFd();
        };
    BpfProgram.load(kernel, ProgramSpec.connect4("redirect", Fixtures.REDIRECT), other, services);
    assertArrayEquals(Fixtures.REDIRECT.bind(map -> 4).encode(ByteOrder.nativeOrder()), insns);
  }

  @Test
  void linkCreateNamesProgramCgroupAndHook(@TempDir Path cgroup) {
    var program = BpfProgram.load(kernel, ProgramSpec.connect6("pass", Fixtures.PASS));
    program.attachToCgroup(cgroup);
    new ExpectedAttr(16)
        .u32(0, 3)
        .u32(4, 4)
        .u32(8, 11)
        .matches(ExpectedAttr.only(kernel, Cmd.LINK_CREATE));
    assertEquals(List.of("open " + cgroup, "close 4"), kernel.others);
  }

  @Test
  void linkUpdateAndDetachNameTheLink(@TempDir Path cgroup) {
    var program = BpfProgram.load(kernel, ProgramSpec.connect4("pass", Fixtures.PASS));
    var link = program.attachToCgroup(cgroup);
    var second = BpfProgram.load(kernel, ProgramSpec.connect4("second", Fixtures.PASS));
    link.update(second);
    link.detach();
    new ExpectedAttr(16).u32(0, 5).u32(4, 4).matches(ExpectedAttr.only(kernel, Cmd.LINK_UPDATE));
    new ExpectedAttr(4).u32(0, 5).matches(ExpectedAttr.only(kernel, Cmd.LINK_DETACH));
  }

  @Test
  void pinAndOpenPointToThePath(@TempDir Path dir) {
    kernel.fileSystem = FakeKernel.BPF_FS;
    var path = dir.resolve("vips");
    kernel.answer =
        (command, attr) -> {
          if (command == Cmd.OBJ_PIN || command == Cmd.OBJ_GET) {
            long name = attr.bytes().get(JAVA_LONG, 0);
            assertEquals(path.toString(), FakeKernel.textAt(name));
          }
          return FakeKernel.makesFd(command) ? kernel.newFd() : 0;
        };
    map().pin(path);
    kernel.kind = "bpf-link";
    BpfLink.openPinned(kernel, path);
    var pin = ExpectedAttr.only(kernel, Cmd.OBJ_PIN);
    new ExpectedAttr(16).u64(0, pin.u64(0)).u32(8, 3).matches(pin);
    var get = ExpectedAttr.only(kernel, Cmd.OBJ_GET);
    new ExpectedAttr(16).u64(0, get.u64(0)).matches(get);
  }

  @Test
  void infoTellsHowMuchItWants() {
    kernel.answer =
        (command, attr) -> {
          if (command == Cmd.OBJ_GET_INFO_BY_FD) {
            long info = attr.bytes().get(JAVA_LONG, 8);
            FakeKernel.at(info, 8).set(JAVA_INT, 4, 4711);
            return 0;
          }
          return kernel.newFd();
        };
    assertEquals(4711, map().id());
    var call = ExpectedAttr.only(kernel, Cmd.OBJ_GET_INFO_BY_FD);
    new ExpectedAttr(16).u32(0, 3).u32(4, 8).u64(8, call.u64(8)).matches(call);
  }

  @Test
  void theQueryForABlockerNamesCgroupAndHook(@TempDir Path cgroup) {
    var program = BpfProgram.load(kernel, ProgramSpec.connect4("pass", Fixtures.PASS));
    kernel.answer =
        (command, attr) -> {
          if (command == Cmd.PROG_QUERY) {
            long ids = attr.bytes().get(JAVA_LONG, 16);
            FakeKernel.at(ids, 4).set(JAVA_INT, 0, 99);
            attr.u32(24, 1);
            return 0;
          }
          return -1;
        };
    try {
      program.attachToCgroup(cgroup);
      fail("attached");
    } catch (KernelErrorException e) {
      assertTrue(e.getMessage().contains("program 99 is attached to " + cgroup), e.getMessage());
    }
    var call = ExpectedAttr.only(kernel, Cmd.PROG_QUERY);
    new ExpectedAttr(28).u32(0, 5).u32(4, 10).u64(16, call.u64(16)).u32(24, 1).matches(call);
  }

  @Test
  void aPinnedProgramOfAnotherTypeIsRefused() {
    kernel.kind = "bpf-prog";
    kernel.answer =
        (command, attr) -> {
          if (command == Cmd.OBJ_GET_INFO_BY_FD) {
            long info = attr.bytes().get(JAVA_LONG, 8);
            FakeKernel.at(info, 4).set(JAVA_INT, 0, 6);
            return 0;
          }
          return kernel.newFd();
        };
    try {
      BpfProgram.openPinned(kernel, Path.of("p"), ProgramType.CGROUP_SOCK_ADDR, Optional.empty());
      fail("opened");
    } catch (IllegalArgumentException e) {
      assertEquals(
          "the program pinned at p is a BPF_PROG_TYPE_XDP, not a BPF_PROG_TYPE_CGROUP_SOCK_ADDR",
          e.getMessage());
    }
    assertTrue(kernel.open.isEmpty());
  }
}
