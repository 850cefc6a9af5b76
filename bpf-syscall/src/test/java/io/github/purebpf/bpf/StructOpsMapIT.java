package io.github.purebpf.bpf;

import static io.github.purebpf.insn.Reg.R0;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.ProgramType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A way of TCP to avoid congestion that nothing uses. */
@RequiresKernel
@NoLeakedFds
class StructOpsMapIT {
  private static final MapRef NAME = new MapRef("it_ops");
  private static final String STRUCT = "tcp_congestion_ops";
  private static final Path AVAILABLE =
      Path.of("/proc/sys/net/ipv4/tcp_available_congestion_control");

  private static BpfProgram program(String member, int result) {
    var code = BpfCode.build(b -> b.mov(R0, result).exit());
    return BpfProgram.load(
        new ProgramSpec(member, ProgramType.STRUCT_OPS, Optional.empty(), code, "GPL", 0)
            .withTarget(new ProgramTarget.StructMember(STRUCT, member)));
  }

  /** The name tells this process's from those of others. */
  private static String algorithm() {
    return "it%x".formatted(ProcessHandle.current().pid());
  }

  private static boolean isAvailable() throws IOException {
    return List.of(Files.readString(AVAILABLE).strip().split(" ")).contains(algorithm());
  }

  private static StructOpsMap fill(
      StructOpsMap map, BpfProgram ssthresh, BpfProgram avoid, BpfProgram undo) {
    return map.set("ssthresh", ssthresh)
        .set("cong_avoid", avoid)
        .set("undo_cwnd", undo)
        .set("flags", 0)
        .set("name", algorithm());
  }

  /** A kernel may refuse to write the code that calls the programs; if not, all must work. */
  private static void expectHardened(KernelErrorException e) {
    assertEquals("EPERM", e.errnoName(), e::getMessage);
    assertTrue(e.getMessage().contains("a security module or lockdown refuses it"), e::getMessage);
  }

  @Test
  void itIsThereAsLongAsItsLink() throws Exception {
    try (var ssthresh = program("ssthresh", 2);
        var avoid = program("cong_avoid", 0);
        var undo = program("undo_cwnd", 2);
        var map = StructOpsMap.create(NAME, STRUCT);
        var next = StructOpsMap.create(NAME, STRUCT)) {
      assertEquals(StructOpsMap.State.INIT, map.state());
      fill(map, ssthresh, avoid, undo);
      fill(next, ssthresh, avoid, undo);
      try (var link = map.attach()) {
        assertEquals(StructOpsMap.State.READY, map.state());
        assertTrue(isAvailable());
        var info = assertInstanceOf(LinkInfo.StructOps.class, link.info());
        assertEquals(map.id(), info.mapId());
        link.update(next);
        assertEquals(next.id(), assertInstanceOf(LinkInfo.StructOps.class, link.info()).mapId());
        assertTrue(isAvailable());
        var e = assertThrows(KernelErrorException.class, map::attach);
        assertEquals("EEXIST", e.errnoName());
      } catch (KernelErrorException e) {
        expectHardened(e);
      }
      assertFalse(isAvailable());
      assertThrows(IllegalStateException.class, map::register);
      assertThrows(IllegalStateException.class, map::unregister);
    }
  }

  @Test
  void withoutALinkItIsRegisteredAndTakenAwayByHand() throws Exception {
    try (var ssthresh = program("ssthresh", 2);
        var avoid = program("cong_avoid", 0);
        var undo = program("undo_cwnd", 2);
        var map = StructOpsMap.createWithoutLink(NAME, STRUCT)) {
      fill(map, ssthresh, avoid, undo);
      try {
        map.register();
        try {
          assertEquals(StructOpsMap.State.IN_USE, map.state());
          assertTrue(isAvailable());
        } finally {
          assertTrue(map.unregister());
        }
      } catch (KernelErrorException e) {
        expectHardened(e);
      }
      assertFalse(isAvailable());
      var e = assertThrows(IllegalStateException.class, map::attach);
      assertEquals("map it_ops was made without a link; take register()", e.getMessage());
    }
  }

  @Test
  void membersThatMustBeSetAreMissed() {
    try (var ssthresh = program("ssthresh", 2);
        var map = StructOpsMap.createWithoutLink(NAME, STRUCT)) {
      map.set("ssthresh", ssthresh).set("name", algorithm());
      var e = assertThrows(KernelErrorException.class, map::register);
      if (!e.errnoName().equals("EPERM")) {
        assertEquals("EINVAL", e.errnoName());
        assertTrue(
            e.getMessage().contains("struct tcp_congestion_ops lacks a member"), e::getMessage);
      } else {
        expectHardened(e);
      }
    }
  }

  @Test
  void whatIsNotInTheStructIsRefused() {
    try (var map = StructOpsMap.create(NAME, STRUCT);
        var ssthresh = program("ssthresh", 2)) {
      assertEquals(STRUCT, map.struct());
      var absent = assertThrows(IllegalArgumentException.class, () -> map.set("nothing", 1));
      assertTrue(
          absent
              .getMessage()
              .startsWith("struct tcp_congestion_ops has no member nothing, but [ss"),
          absent::getMessage);
      assertThrows(IllegalArgumentException.class, () -> map.set("name", 1));
      assertThrows(IllegalArgumentException.class, () -> map.set("name", ssthresh));
      assertThrows(IllegalArgumentException.class, () -> map.set("flags", "text"));
      assertThrows(IllegalArgumentException.class, () -> map.set("flags", 1L << 32));
      assertThrows(IllegalArgumentException.class, () -> map.set("name", "sixteen_letters_"));
      assertEquals(map, map.set("flags", (1L << 32) - 1).set("flags", -1));
    }
    var e = assertThrows(KernelErrorException.class, () -> StructOpsMap.create(NAME, "sk_buff"));
    assertEquals(
        "map it_ops is for struct sk_buff, which this kernel has not, or not as one of functions",
        e.getMessage());
  }
}
