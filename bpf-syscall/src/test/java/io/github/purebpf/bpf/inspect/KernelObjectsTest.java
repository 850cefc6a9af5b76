package io.github.purebpf.bpf.inspect;

import static io.github.purebpf.bpf.FakeObjects.array;
import static io.github.purebpf.bpf.FakeObjects.bytes;
import static io.github.purebpf.bpf.FakeObjects.text;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.FakeObjects;
import io.github.purebpf.bpf.ProgramStatistics;
import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.MissingPrivilegeException;
import io.github.purebpf.bpf.error.UnsupportedKernelException;
import io.github.purebpf.bpf.internal.query.IdSpace;
import io.github.purebpf.bpf.internal.query.InfoArray;
import io.github.purebpf.bpf.internal.query.KernelTypes;
import io.github.purebpf.bpf.internal.sys.BpfBtfInfo;
import io.github.purebpf.bpf.internal.sys.BpfMapInfo;
import io.github.purebpf.bpf.internal.sys.BpfProgInfo;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.btf.BtfBuilder;
import io.github.purebpf.btf.BtfType;
import io.github.purebpf.uapi.MapType;
import io.github.purebpf.uapi.ProgramType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KernelObjectsTest {
  private static final InfoArray MAP_IDS =
      InfoArray.of(BpfProgInfo.MAP_IDS, BpfProgInfo.NR_MAP_IDS, Integer.BYTES);
  private static final InfoArray BTF_NAME = InfoArray.ofText(BpfBtfInfo.NAME, BpfBtfInfo.NAME_LEN);
  private static final InfoArray BTF_BYTES = InfoArray.of(BpfBtfInfo.BTF, BpfBtfInfo.BTF_SIZE, 1);

  private final FakeObjects kernel = new FakeObjects();

  private static FakeObjects.Info program(int id, int... maps) {
    return info -> {
      info.set(JAVA_INT, BpfProgInfo.ID, id);
      info.set(JAVA_INT, BpfProgInfo.TYPE, ProgramType.XDP.value());
      array(info, MAP_IDS, maps);
      return 0;
    };
  }

  private static FakeObjects.Info map(int id) {
    return info -> {
      info.set(JAVA_INT, BpfMapInfo.ID, id);
      return 0;
    };
  }

  private List<Integer> programIds() {
    return KernelObjects.programs(kernel).map(ProgramInfo::id).toList();
  }

  @Test
  void aWalkFindsAllIdsInTheirOrder() {
    for (int id : new int[] {7, 3, 900}) {
      kernel.put(IdSpace.PROGRAM, id, program(id));
      kernel.put(IdSpace.MAP, id + 1, map(id + 1));
    }
    assertEquals(List.of(3, 7, 900), programIds());
    assertEquals(List.of(4, 8, 901), KernelObjects.maps(kernel).map(MapInfo::id).toList());
    assertEquals(0, kernel.descriptors());
  }

  @Test
  void whereThereIsNothingTheWalkIsEmpty() {
    assertEquals(List.of(), programIds());
    assertEquals(0, KernelObjects.btfs(kernel).count());
    assertEquals(Optional.empty(), KernelObjects.map(kernel, 5));
  }

  @Test
  void whatIsGoneBeforeItsTurnIsLeftOut() {
    for (int id = 1; id <= 4; id++) {
      kernel.put(IdSpace.PROGRAM, id, program(id));
    }
    var seen =
        KernelObjects.programs(kernel)
            .peek(program -> kernel.remove(IdSpace.PROGRAM, program.id() + 1))
            .map(ProgramInfo::id)
            .toList();
    assertEquals(List.of(1, 3), seen);
    assertEquals(0, kernel.descriptors());
  }

  @Test
  void aStreamHoldsNothingOpenBetweenItsElements() {
    for (int id = 1; id <= 3; id++) {
      kernel.put(IdSpace.PROGRAM, id, program(id));
    }
    var abandoned = KernelObjects.programs(kernel).iterator();
    assertEquals(1, abandoned.next().id());
    assertEquals(0, kernel.descriptors());
    assertEquals(1, kernel.count(Cmd.PROG_GET_FD_BY_ID));
  }

  @Test
  void whatFailsHalfWayLeavesNothingOpen() {
    kernel.put(IdSpace.PROGRAM, 1, _ -> -14);
    var walk = KernelObjects.programs(kernel);
    var e = assertThrows(KernelErrorException.class, () -> walk.forEach(_ -> {}));
    assertEquals(
        "BPF_OBJ_GET_INFO_BY_FD of program with id 1 failed with EFAULT (14)", e.getMessage());
    assertEquals(0, kernel.descriptors());
  }

  @Test
  void aProgramIsReadWhole() {
    kernel.put(
        IdSpace.PROGRAM,
        17,
        info -> {
          program(17, 5, 6).fill(info);
          info.set(JAVA_LONG, BpfProgInfo.TAG, 0x1122334455667788L);
          info.asSlice(BpfProgInfo.NAME).setString(0, "sock4_connect");
          boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
          info.set(JAVA_INT, BpfProgInfo.GPL_COMPATIBLE, little ? 1 : 1 << 31);
          info.set(JAVA_LONG, BpfProgInfo.LOAD_TIME, 1_500_000_000L);
          info.set(JAVA_INT, BpfProgInfo.CREATED_BY_UID, 1000);
          info.set(JAVA_INT, BpfProgInfo.BTF_ID, 44);
          info.set(JAVA_INT, BpfProgInfo.ATTACH_BTF_OBJ_ID, 1);
          info.set(JAVA_INT, BpfProgInfo.ATTACH_BTF_ID, 4711);
          info.set(JAVA_INT, BpfProgInfo.XLATED_PROG_LEN, 96);
          info.set(JAVA_INT, BpfProgInfo.JITED_PROG_LEN, 70);
          info.set(JAVA_INT, BpfProgInfo.VERIFIED_INSNS, 21);
          info.set(JAVA_LONG, BpfProgInfo.RUN_CNT, 3);
          info.set(JAVA_LONG, BpfProgInfo.RUN_TIME_NS, 200);
          info.set(JAVA_LONG, BpfProgInfo.RECURSION_MISSES, 1);
          return 0;
        });
    kernel.tellInProc("pos:\t0\nmemlock:\t4096\nprog_id:\t17\n");
    boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    assertEquals(
        new ProgramInfo(
            17,
            ProgramType.XDP.value(),
            "sock4_connect",
            little ? "8877665544332211" : "1122334455667788",
            true,
            Instant.EPOCH.plusMillis(1500),
            1000,
            List.of(5, 6),
            OptionalInt.of(44),
            Optional.of(new ProgramInfo.Target(1, 4711)),
            96,
            70,
            4096,
            new ProgramStatistics(3, 200, 1, 21)),
        KernelObjects.program(kernel, 17).orElseThrow());
  }

  @Test
  void anOldKernelFillsLess() {
    kernel.put(
        IdSpace.PROGRAM,
        1,
        info -> {
          info.set(JAVA_INT, BpfProgInfo.ID, 1);
          info.set(JAVA_INT, BpfProgInfo.TYPE, ProgramType.SOCKET_FILTER.value());
          return 0;
        });
    var program = KernelObjects.program(kernel, 1).orElseThrow();
    assertEquals("", program.name());
    assertEquals(List.of(), program.mapIds());
    assertEquals(OptionalInt.empty(), program.btfId());
    assertEquals(Optional.empty(), program.target());
    assertFalse(program.gplCompatible());
    assertEquals(0, program.memlock());
  }

  @Test
  void typesOfNewerKernelsSurviveAsNumbers() {
    kernel.put(
        IdSpace.PROGRAM,
        1,
        info -> {
          info.set(JAVA_INT, BpfProgInfo.TYPE, 99);
          return 0;
        });
    kernel.put(
        IdSpace.MAP,
        1,
        info -> {
          info.set(JAVA_INT, BpfMapInfo.TYPE, 98);
          return 0;
        });
    var program = KernelObjects.program(kernel, 1).orElseThrow();
    assertEquals(99, program.typeNumber());
    assertEquals(Optional.empty(), program.type());
    var map = KernelObjects.map(kernel, 1).orElseThrow();
    assertEquals(98, map.typeNumber());
    assertEquals(Optional.empty(), map.type());
  }

  @Test
  void aProgramThatIsBoundToMapsMeanwhileIsAskedAgain() {
    int[] asked = {0};
    kernel.put(
        IdSpace.PROGRAM,
        1,
        info -> {
          array(info, MAP_IDS, IntStream.rangeClosed(1, Math.min(++asked[0], 4)).toArray());
          return 0;
        });
    assertEquals(List.of(1, 2, 3, 4), KernelObjects.program(kernel, 1).orElseThrow().mapIds());
    assertEquals(5, asked[0]);
  }

  @Test
  void whatGrowsForeverIsGivenUp() {
    int[] asked = {0};
    kernel.put(
        IdSpace.PROGRAM,
        1,
        info -> {
          array(info, MAP_IDS, new int[++asked[0]]);
          return 0;
        });
    var e = assertThrows(KernelErrorException.class, () -> KernelObjects.program(kernel, 1));
    assertEquals("EAGAIN", e.errnoName());
    assertEquals(0, kernel.descriptors());
  }

  @Test
  void aMapIsReadWhole() {
    kernel.put(
        IdSpace.MAP,
        9,
        info -> {
          info.set(JAVA_INT, BpfMapInfo.TYPE, MapType.BLOOM_FILTER.value());
          info.set(JAVA_INT, BpfMapInfo.ID, 9);
          info.set(JAVA_INT, BpfMapInfo.KEY_SIZE, 1);
          info.set(JAVA_INT, BpfMapInfo.VALUE_SIZE, 2);
          info.set(JAVA_INT, BpfMapInfo.MAX_ENTRIES, -1);
          info.set(JAVA_INT, BpfMapInfo.MAP_FLAGS, 3);
          info.set(JAVA_LONG, BpfMapInfo.MAP_EXTRA, 7);
          info.asSlice(BpfMapInfo.NAME, 16)
              .copyFrom(
                  MemorySegment.ofArray("0123456789abcdef".getBytes(StandardCharsets.US_ASCII)));
          info.set(JAVA_INT, BpfMapInfo.BTF_ID, 44);
          info.set(JAVA_INT, BpfMapInfo.BTF_KEY_TYPE_ID, 5);
          info.set(JAVA_INT, BpfMapInfo.BTF_VALUE_TYPE_ID, 6);
          info.set(JAVA_INT, BpfMapInfo.BTF_VMLINUX_VALUE_TYPE_ID, 8);
          return 0;
        });
    kernel.tellInProc("map_type:\t30\nmap_extra:\t0x7\nmemlock:\t123\nmap_id:\t9\nfrozen:\t1\n");
    var map = KernelObjects.map(kernel, 9).orElseThrow();
    assertEquals(
        new MapInfo(
            9,
            MapType.BLOOM_FILTER.value(),
            "0123456789abcdef",
            1,
            2,
            -1,
            3,
            7,
            Optional.of(new MapInfo.Types(44, 5, 6)),
            OptionalInt.of(8),
            true,
            123),
        map);
    assertEquals(Optional.of(MapType.BLOOM_FILTER), map.type());
  }

  @Test
  void typeInformationHasAName() {
    kernel.put(IdSpace.BTF, 1, btf("vmlinux", true, new byte[40]));
    kernel.put(IdSpace.BTF, 2, btf("", false, new byte[30]));
    assertEquals(
        List.of(new BtfInfo(0, "vmlinux", true, 40), new BtfInfo(0, "", false, 30)),
        KernelObjects.btfs(kernel).toList());
  }

  private static FakeObjects.Info btf(String name, boolean ofKernel, byte[] types) {
    return info -> {
      info.set(JAVA_INT, BpfBtfInfo.KERNEL_BTF, ofKernel ? 1 : 0);
      bytes(info, BTF_BYTES, types);
      return text(info, BTF_NAME, name);
    };
  }

  @Test
  void theTypesOfAModuleContinueThoseOfTheKernel() {
    var base = new BtfBuilder();
    base.add(new BtfType.Int("int", 4, 32, 0, BtfType.IntEncoding.UNSIGNED));
    byte[] module = split();
    kernel.put(IdSpace.BTF, 3, btf("", false, base.build(ByteOrder.nativeOrder())));
    kernel.put(IdSpace.BTF, 5, btf("vmlinux", true, base.build(ByteOrder.nativeOrder())));
    kernel.put(IdSpace.BTF, 8, btf("nf_tables", true, module));
    assertEquals(2, KernelTypes.read(kernel, 3).typeCount());
    var types = KernelTypes.read(kernel, 8);
    assertEquals(3, types.typeCount());
    assertEquals(new BtfType.Ptr(1), types.type(2));
    assertEquals(0, kernel.descriptors());
  }

  /** One pointer to type 1. */
  private static byte[] split() {
    var types = new BtfBuilder();
    types.add(new BtfType.Ptr(1));
    return types.build(ByteOrder.nativeOrder());
  }

  @Test
  void withoutThePrivilegeTheWalkDoesNotBegin() {
    kernel.takePrivileges();
    var e = assertThrows(MissingPrivilegeException.class, () -> KernelObjects.programs(kernel));
    assertEquals(Set.of(Capability.CAP_SYS_ADMIN), e.needed());
    assertTrue(
        e.getMessage()
            .startsWith("BPF_PROG_GET_NEXT_ID of the list of programs needs CAP_SYS_ADMIN"),
        e.getMessage());
    assertThrows(MissingPrivilegeException.class, () -> KernelObjects.map(kernel, 1));
    assertThrows(MissingPrivilegeException.class, () -> KernelTypes.read(kernel, 1));
  }

  @Test
  void anOldKernelHasNoListOfTypeInformation() {
    kernel.lacks(Cmd.BTF_GET_NEXT_ID);
    var e = assertThrows(UnsupportedKernelException.class, () -> KernelObjects.btfs(kernel));
    assertEquals("5.4", e.since().toString());
  }
}
