package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.UnsupportedKernelException;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.btf.Btf;
import io.github.purebpf.btf.BtfBuilder;
import io.github.purebpf.btf.BtfType;
import io.github.purebpf.btf.CInt;
import io.github.purebpf.insn.KernelVersion;
import io.github.purebpf.insn.MapRef;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a struct of functions is for the kernel; the offsets are those of the kernel's header. */
class StructOpsMapTest {
  private static final MapRef NAME = new MapRef("m");

  private final FakeKernel kernel = new FakeKernel();
  private final Btf types = types("ops");

  StructOpsMapTest() {
    kernel.takesBtf = true;
  }

  /** A kernel with a struct of a function, a name of 8 bytes, and numbers of 4 and 8. */
  static Btf types(String name) {
    var types = new BtfBuilder();
    int u32 = CInt.U32.in(types);
    int pointer = types.add(new BtfType.Ptr(0));
    int text = types.add(new BtfType.Array(CInt.U8.in(types), u32, 8));
    int functions =
        types.add(
            new BtfType.Struct(
                name,
                32,
                List.of(
                    new BtfType.Member("run", pointer, 0, 0),
                    new BtfType.Member("name", text, 64, 0),
                    new BtfType.Member("flags", u32, 128, 0),
                    new BtfType.Member("more", CInt.U64.in(types), 192, 0))));
    int common =
        types.add(
            new BtfType.Struct(
                "bpf_struct_ops_common_value",
                8,
                List.of(
                    new BtfType.Member("refcnt", u32, 0, 0),
                    new BtfType.Member("state", u32, 32, 0))));
    types.add(
        new BtfType.Struct(
            "bpf_struct_ops_" + name,
            96,
            List.of(
                new BtfType.Member("common", common, 0, 0),
                new BtfType.Member("data", functions, 512, 0))));
    return Btf.parse(types.build(ByteOrder.nativeOrder()));
  }

  @Test
  void itsTypeIsOneOfTheKernelBesideADescriptorOfOthers() {
    StructOpsMap.create(kernel, types, NAME, "ops");
    var create = kernel.calls(Cmd.MAP_CREATE).getFirst();
    assertEquals(64, create.attr().capacity());
    assertEquals(26, create.u32(0));
    assertEquals(4, create.u32(4));
    assertEquals(96, create.u32(8));
    assertEquals(1, create.u32(12));
    assertEquals(1 << 13, create.u32(16));
    assertEquals(3, create.u32(48), "a descriptor of types");
    assertEquals(0, create.u32(52));
    assertEquals(0, create.u32(56));
    assertEquals(
        types.idOf("bpf_struct_ops_ops", BtfType.Struct.class).orElseThrow(), create.u32(60));
    assertEquals(List.of("close 3"), kernel.others);
  }

  @Test
  void functionsAreDescriptorsOfPrograms() {
    var bytes = new byte[1][];
    var usual = kernel.answer;
    kernel.answer =
        (command, attr) -> {
          if (command == Cmd.MAP_UPDATE_ELEM) {
            long value = attr.bytes().get(java.lang.foreign.ValueLayout.JAVA_LONG, 16);
            bytes[0] = FakeKernel.bytesAt(value, 96);
          }
          return usual.to(command, attr);
        };
    try (var program = BpfProgram.load(kernel, ProgramSpec.connect4("pass", Fixtures.PASS));
        var map = StructOpsMap.create(kernel, types, NAME, "ops")) {
      map.set("run", program).set("name", "abc").set("flags", -2).set("more", Long.MIN_VALUE);
      int mapFd = map.withFd(fd -> fd);
      try (var link = map.attach()) {
        assertEquals("link of map m", link.title());
      }
      var expected = ByteBuffer.allocate(96).order(ByteOrder.nativeOrder());
      expected.putLong(64, program.withFd(fd -> fd)).put(72, new byte[] {'a', 'b', 'c'});
      expected.putInt(80, -2).putLong(88, Long.MIN_VALUE);
      assertEquals(expected, ByteBuffer.wrap(bytes[0]));
      var create = kernel.calls(Cmd.LINK_CREATE).getFirst();
      assertEquals(16, create.attr().capacity());
      assertEquals(mapFd, create.u32(0));
      assertEquals(44, create.u32(8));
    }
  }

  @Test
  void aLinkIsGivenTheNextMap() {
    try (var map = StructOpsMap.create(kernel, types, NAME, "ops");
        var next = StructOpsMap.create(kernel, types, NAME, "ops");
        var link = map.attach()) {
      link.update(next);
      var update = kernel.calls(Cmd.LINK_UPDATE).getFirst();
      assertEquals(16, update.attr().capacity());
      int nextFd = next.withFd(fd -> fd);
      assertEquals(nextFd, update.u32(Attr.LinkUpdate.NEW_MAP_FD));
      assertEquals(0, update.u32(8));
      assertEquals(0, update.u32(12));
    }
  }

  @Test
  void anOlderKernelIsNamed() {
    kernel.release = new KernelVersion(6, 3);
    kernel.answer = (command, _) -> command == Cmd.MAP_CREATE ? -Errno.EINVAL : kernel.newFd();
    var e =
        assertThrows(
            UnsupportedKernelException.class,
            () -> StructOpsMap.create(kernel, types, NAME, "ops"));
    assertEquals(
        "BPF_MAP_CREATE of map m needs Linux 6.4 for links of struct_ops maps; this is Linux 6.3",
        e.getMessage());
    assertTrue(kernel.open.isEmpty());
  }
}
