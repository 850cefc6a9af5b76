package io.github.purebpf.bpf;

import static io.github.purebpf.insn.Reg.FP;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R3;
import static io.github.purebpf.insn.Reg.R6;
import static io.github.purebpf.insn.Reg.R7;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.insn.Mem;
import io.github.purebpf.testkit.Bpftool;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.testkit.ScratchCgroup;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.Helper;
import io.github.purebpf.uapi.LinkType;
import io.github.purebpf.uapi.ProgramType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

@RequiresKernel
@NoLeakedFds
class IterationIT {
  /** Prints key and value, four bytes each, of {@code struct bpf_iter__bpf_map_elem}. */
  private static final BpfCode PRINT_ELEMENT =
      BpfCode.build(
          b ->
              b.mov(R6, R1)
                  .ldxdw(R7, new Mem(R6, 16))
                  .ifNonNull(
                      R7,
                      element ->
                          element
                              .ldxw(R1, new Mem(R7, 0))
                              .stxw(FP.at(-8), R1)
                              .ldxdw(R7, new Mem(R6, 24))
                              .ifNonNull(
                                  R7,
                                  value ->
                                      value
                                          .ldxw(R1, new Mem(R7, 0))
                                          .stxw(FP.at(-4), R1)
                                          .ldxdw(R1, new Mem(R6, 0))
                                          .ldxdw(R1, new Mem(R1, 0))
                                          .mov(R2, FP)
                                          .add(R2, -8)
                                          .mov(R3, 8)
                                          .call(Helper.SEQ_WRITE)))
                  .returning(0));

  /** Prints an x for each element that is the second member of its context. */
  private static final BpfCode PRINT_X =
      BpfCode.build(
          b ->
              b.ldxdw(R7, new Mem(R1, 8))
                  .ifNonNull(
                      R7,
                      element ->
                          element
                              .stb(FP.at(-1), 'x')
                              .ldxdw(R1, new Mem(R1, 0))
                              .ldxdw(R1, new Mem(R1, 0))
                              .mov(R2, FP)
                              .add(R2, -1)
                              .mov(R3, 1)
                              .call(Helper.SEQ_WRITE))
                  .returning(0));

  private static BpfProgram iterator(String kind, BpfCode code) {
    var spec =
        new ProgramSpec(
            "it", ProgramType.TRACING, Optional.of(AttachType.TRACE_ITER), code, "GPL", 0);
    return BpfProgram.load(spec.withTarget(new ProgramTarget.KernelSymbol(kind)));
  }

  /**
   * Those over the elements of a map may write them, which a hardened kernel refuses; where it does
   * not, they must work.
   */
  private static Optional<BpfProgram> iteratorOverElements() {
    try {
      return Optional.of(iterator("bpf_map_elem", PRINT_ELEMENT));
    } catch (KernelErrorException e) {
      assertEquals("EPERM", e.errnoName());
      assertTrue(e.getMessage().contains("refuses iterators of this kind"), e::getMessage);
      return Optional.empty();
    }
  }

  private static String read(BpfLink link) throws IOException {
    try (var in = link.openIterator()) {
      return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII);
    }
  }

  @Test
  void theElementsOfAMapAreRead() throws IOException {
    var iterator = iteratorOverElements();
    if (iterator.isEmpty()) {
      return;
    }
    var spec = MapSpec.hash(Fixtures.SERVICES, Codec.u32(), Codec.u32(), 10_000);
    try (var program = iterator.get();
        var map = BpfMap.create(spec);
        var link = program.attach(new Iteration.OfMap(map))) {
      var expected = new HashMap<Integer, Integer>();
      for (int i = 0; i < 10_000; i++) {
        expected.put(i, 3 * i);
        map.put(i, 3 * i);
      }
      for (int round = 0; round < 2; round++) {
        assertEquals(expected, elements(link), "each stream begins anew");
      }
      assertEquals(
          new LinkInfo.Iterator(
              link.id(),
              program.id(),
              "bpf_map_elem",
              OptionalInt.of(map.id()),
              OptionalLong.empty(),
              OptionalInt.empty(),
              OptionalInt.empty()),
          link.info());
      String oracle = Bpftool.run("-j", "link", "show", "id", Integer.toString(link.id()));
      assertTrue(oracle.contains("\"map_id\":" + map.id()), oracle);
      var e = assertThrows(KernelErrorException.class, () -> program.attach(new Iteration.Whole()));
      assertEquals("EBADF", e.errnoName());
      assertTrue(e.getMessage().endsWith("goes over a map; give one"), e.getMessage());
    }
  }

  private static Map<Integer, Integer> elements(BpfLink link) throws IOException {
    var found = new HashMap<Integer, Integer>();
    try (var in = link.openIterator()) {
      var bytes = ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.nativeOrder());
      while (bytes.hasRemaining()) {
        found.put(bytes.getInt(), bytes.getInt());
      }
    }
    return found;
  }

  @Test
  void aStreamOutlivesItsLinkAndReadsByteByByte() throws IOException {
    try (var program = iterator("task", PRINT_X)) {
      var link = program.attach(new Iteration.OfProcess(ProcessHandle.current().pid()));
      assertEquals(Optional.of(LinkType.ITER), link.info().type());
      String oracle = Bpftool.run("-j", "link", "show", "id", Integer.toString(link.id()));
      assertTrue(oracle.contains("\"target_name\":\"task\""), oracle);
      try (var in = link.openIterator()) {
        link.close();
        int threads = 0;
        for (int next = in.read(); next >= 0; next = in.read()) {
          assertEquals('x', next);
          threads++;
        }
        assertTrue(threads > 1, "a JVM has more than one");
        assertEquals(-1, in.read());
      }
    }
  }

  @Test
  void theThreadsOfOneProcessAreRead() throws Exception {
    var child = new ProcessBuilder("cat").start();
    try (var program = iterator("task", PRINT_X)) {
      try (var link = program.attach(new Iteration.OfProcess(child.pid()))) {
        assertEquals("x", read(link));
        var info = assertInstanceOf(LinkInfo.Iterator.class, link.info());
        assertEquals(OptionalInt.of((int) child.pid()), info.pid());
        assertEquals("task", info.target());
      }
      try (var link = program.attach(new Iteration.OfThread((int) child.pid()))) {
        assertEquals("x", read(link));
      }
      try (var link = program.attach(new Iteration.Whole())) {
        assertTrue(read(link).length() > 2, "at least this JVM and the child");
      }
    } finally {
      child.destroy();
      child.waitFor();
    }
  }

  @Test
  void anUpdateIsForStreamsThatAreOpenedLater() throws IOException {
    var nothing = BpfCode.build(b -> b.returning(0));
    try (var program = iterator("task", PRINT_X);
        var silent = iterator("task", nothing);
        var link = program.attach(new Iteration.Whole())) {
      try (var before = link.openIterator()) {
        link.update(silent, program);
        assertEquals('x', before.read());
      }
      assertEquals("", read(link));
      assertEquals(silent.id(), link.programId());
      LinkOracle.refused("EPERM", "is not attached any more", () -> link.update(silent, program));
      LinkOracle.refused(
          "EOPNOTSUPP", "links of this kind end only when they are closed", link::detach);
    }
  }

  @Test
  void cgroupsAreWalkedInAllDirections() throws IOException {
    try (var cgroup = ScratchCgroup.create();
        var program = iterator("cgroup", PRINT_X)) {
      var child = cgroup.child("child");
      var expected =
          Map.of(
              Iteration.Walk.SELF_ONLY, 1,
              Iteration.Walk.DESCENDANTS_PRE, 2,
              Iteration.Walk.DESCENDANTS_POST, 2);
      for (var walk : expected.keySet()) {
        try (var link = program.attach(new Iteration.OfCgroup(cgroup.path(), walk))) {
          assertEquals(expected.get(walk), read(link).length(), walk.toString());
          var info = assertInstanceOf(LinkInfo.Iterator.class, link.info());
          long inode = (Long) Files.getAttribute(cgroup.path(), "unix:ino");
          assertEquals(OptionalLong.of(inode), info.cgroupId());
        }
      }
      try (var link = program.attach(new Iteration.OfCgroup(child, Iteration.Walk.ANCESTORS_UP))) {
        assertEquals(
            child.getNameCount() - Cgroup2.mount().getNameCount() + 1, read(link).length());
      }
    }
  }

  @Test
  void whatIsNoIteratorIsRefused() throws IOException {
    try (var cgroup = ScratchCgroup.create();
        var program = BpfProgram.load(ProgramSpec.connect4("pass", Fixtures.PASS));
        var link = program.attachToCgroup(cgroup.path())) {
      var e =
          assertThrows(IllegalArgumentException.class, () -> program.attach(new Iteration.Whole()));
      assertEquals(
          "program pass is a BPF_PROG_TYPE_CGROUP_SOCK_ADDR with BPF_CGROUP_INET4_CONNECT; an"
              + " iteration takes BPF_PROG_TYPE_TRACING with BPF_TRACE_ITER",
          e.getMessage());
      var refused = assertThrows(KernelErrorException.class, link::openIterator);
      assertEquals("EINVAL", refused.errnoName());
      assertTrue(refused.getMessage().endsWith("it is not the link of an iterator"));
    }
    assertThrows(IllegalArgumentException.class, () -> new Iteration.OfThread(0));
    assertThrows(IllegalArgumentException.class, () -> new Iteration.OfProcess(1L << 40));
  }
}
