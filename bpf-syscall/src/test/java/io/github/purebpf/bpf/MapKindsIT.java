package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.internal.sys.BpfMapInfo;
import io.github.purebpf.btf.BtfType;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.MapType;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every kind of map that a process can make has a class of its own, which makes it. */
@RequiresKernel
@NoLeakedFds
class MapKindsIT {
  private static final MapRef NAME = new MapRef("it_kind");

  /** Names in the kernel's enumeration that are no kinds, or other names of a kind. */
  private static final Set<String> NO_KINDS =
      Set.of(
          "BPF_MAP_TYPE_UNSPEC",
          "BPF_MAP_TYPE_CGROUP_STORAGE_DEPRECATED",
          "BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE_DEPRECATED",
          "__MAX_BPF_MAP_TYPE");

  /** A new kind of map does not compile before it is here; all can be made. */
  private static KernelMap create(MapType type) {
    var u32 = Codec.u32();
    return switch (type) {
      case HASH -> BpfMap.create(MapSpec.hash(NAME, u32, u32, 4));
      case ARRAY -> BpfMap.create(MapSpec.array(NAME, u32, 4));
      case LRU_HASH -> BpfMap.create(MapSpec.lruHash(NAME, u32, u32, 4));
      case LPM_TRIE -> BpfMap.create(MapSpec.lpmTrie(NAME, Codec.bytes(8), u32, 4));
      case PERCPU_HASH -> PerCpuMap.create(MapSpec.perCpuHash(NAME, u32, u32, 4));
      case PERCPU_ARRAY -> PerCpuMap.create(MapSpec.perCpuArray(NAME, u32, 4));
      case LRU_PERCPU_HASH -> PerCpuMap.create(MapSpec.lruPerCpuHash(NAME, u32, u32, 4));
      case PROG_ARRAY -> ProgramArray.create(NAME, 4);
      case PERF_EVENT_ARRAY -> PerfEventArray.create(NAME);
      case STACK_TRACE -> StackTraces.create(NAME, StackTraces.ADDRESSES, 16, 4);
      case CGROUP_ARRAY -> CgroupArray.create(NAME, 4);
      case ARRAY_OF_MAPS -> {
        try (var inner = BpfMap.create(MapSpec.array(NAME, u32, 4))) {
          yield ArrayOfMaps.create(NAME, inner, 4);
        }
      }
      case HASH_OF_MAPS -> {
        try (var inner = BpfMap.create(MapSpec.array(NAME, u32, 4))) {
          yield HashOfMaps.create(NAME, u32, inner, 4);
        }
      }
      case DEVMAP -> DevMap.create(NAME, 4);
      case DEVMAP_HASH -> DevMapHash.create(NAME, 4);
      case CPUMAP -> CpuMap.create(NAME, 1);
      case XSKMAP -> XskMap.create(NAME, 4);
      case SOCKMAP -> SockMap.create(NAME, 4);
      case SOCKHASH -> SockHash.create(NAME, u32, 4);
      case REUSEPORT_SOCKARRAY -> ReuseportSockArray.create(NAME, 4);
      case CGROUP_STORAGE -> CgroupAttachStorage.create(NAME, u32);
      case PERCPU_CGROUP_STORAGE -> CgroupAttachStorage.createPerCpu(NAME, u32);
      case QUEUE -> BpfQueue.create(NAME, u32, 4);
      case STACK -> BpfStack.create(NAME, u32, 4);
      case SK_STORAGE -> SocketStorage.create(NAME, u32);
      case INODE_STORAGE -> InodeStorage.create(NAME, u32);
      case TASK_STORAGE -> TaskStorage.create(NAME, u32);
      case CGRP_STORAGE -> CgroupStorage.create(NAME, u32);
      case STRUCT_OPS -> StructOpsMap.create(NAME, "tcp_congestion_ops");
      case RINGBUF -> RingBuffer.create(NAME, 1 << 16);
      case USER_RINGBUF -> UserRingBuffer.create(NAME, 1 << 16);
      case BLOOM_FILTER -> BloomFilter.create(NAME, u32, 4);
      case ARENA -> BpfArena.create(NAME, 1);
    };
  }

  @ParameterizedTest
  @EnumSource
  void itsClassMakesIt(MapType type) {
    try (var map = create(type);
        var arena = Arena.ofConfined()) {
      assertEquals(type, map.shape().type());
      var info = map.info(arena, BpfMapInfo.MAP_FLAGS);
      assertEquals(type.value(), info.get(ValueLayout.JAVA_INT, BpfMapInfo.TYPE));
    }
  }

  @Test
  void everyClassOfMapsIsAmongThem() {
    var made = new java.util.HashSet<Class<?>>();
    for (var type : MapType.values()) {
      try (var map = create(type)) {
        made.add(map.getClass());
      }
    }
    var classes = new ArrayDeque<Class<?>>(Set.of(KernelMap.class));
    while (!classes.isEmpty()) {
      var type = classes.remove();
      if (Modifier.isAbstract(type.getModifiers())) {
        classes.addAll(Arrays.asList(type.getPermittedSubclasses()));
      } else {
        assertTrue(made.contains(type), type::getName);
      }
    }
  }

  @Test
  void thisKernelHasNoKindBeyond() {
    var kinds =
        KernelBtf.read(KernelBtf.VMLINUX, "the test")
            .byName("bpf_map_type", BtfType.Enum32.class)
            .orElseThrow();
    var unknown =
        kinds.enumerators().stream()
            .map(BtfType.Enumerator::name)
            .filter(name -> !NO_KINDS.contains(name))
            .collect(Collectors.toSet());
    Stream.of(MapType.values()).map(MapType::kernelName).forEach(unknown::remove);
    assertEquals(Set.of(), unknown, "generate the tables from this kernel, and write their class");
  }
}
