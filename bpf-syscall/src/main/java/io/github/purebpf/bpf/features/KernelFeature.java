package io.github.purebpf.bpf.features;

import io.github.purebpf.bpf.features.Feature.Kind;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.insn.KernelVersion;

/** Features that are no program, map, attach or link type. */
public enum KernelFeature {
  /** {@code BPF_PROG_TEST_RUN}: running a program without an event. */
  PROG_TEST_RUN(Cmd.PROG_TEST_RUN),
  /** {@code BPF_PROG_QUERY}: what is attached to a hook. */
  PROG_QUERY(Cmd.PROG_QUERY),
  /** {@code BPF_RAW_TRACEPOINT_OPEN}. */
  RAW_TRACEPOINT_OPEN(Cmd.RAW_TRACEPOINT_OPEN),
  /** {@code BPF_BTF_LOAD}: type information at all. */
  BTF_LOAD(Cmd.BTF_LOAD),
  /** {@code BPF_TASK_FD_QUERY}. */
  TASK_FD_QUERY(Cmd.TASK_FD_QUERY),
  /** {@code BPF_MAP_LOOKUP_AND_DELETE_ELEM}. */
  MAP_LOOKUP_AND_DELETE_ELEM(Cmd.MAP_LOOKUP_AND_DELETE_ELEM),
  /** {@code BPF_MAP_FREEZE}: maps whose content is constant for the verifier. */
  MAP_FREEZE(Cmd.MAP_FREEZE),
  /** {@code BPF_MAP_LOOKUP_BATCH} and its three siblings. */
  MAP_BATCH(Cmd.MAP_LOOKUP_BATCH),
  /** {@code BPF_LINK_CREATE}: attachments that are objects. */
  LINK_CREATE(Cmd.LINK_CREATE),
  /** {@code BPF_LINK_UPDATE}: exchanging an attached program at once. */
  LINK_UPDATE(Cmd.LINK_UPDATE),
  /** {@code BPF_ITER_CREATE}: iterators read as files. */
  ITER_CREATE(Cmd.ITER_CREATE),
  /** {@code BPF_LINK_DETACH}. */
  LINK_DETACH(Cmd.LINK_DETACH),
  /** {@code BPF_PROG_BIND_MAP}. */
  PROG_BIND_MAP(Cmd.PROG_BIND_MAP),
  /** {@code BPF_TOKEN_CREATE}: BPF privileges delegated into a user namespace. */
  TOKEN_CREATE(Cmd.TOKEN_CREATE),
  /** {@code BPF_PROG_STREAM_READ_BY_FD}: what a program printed to its own streams. */
  PROG_STREAM(Cmd.PROG_STREAM_READ_BY_FD),

  /** Names of maps and programs ({@code map_name}, {@code prog_name}). */
  OBJECT_NAMES(Kind.FLAG, "map_name", 4, 15),
  /** {@code BPF_F_NUMA_NODE}: a map's memory on one node. */
  NUMA_NODE(Kind.FLAG, "BPF_F_NUMA_NODE", 4, 14),
  /** {@code BPF_F_RDONLY_PROG}: maps that programs only read. */
  RDONLY_PROG(Kind.FLAG, "BPF_F_RDONLY_PROG", 5, 2),
  /** {@code BPF_F_MMAPABLE}: arrays mapped into memory. */
  MMAPABLE(Kind.FLAG, "BPF_F_MMAPABLE", 5, 5),
  /** {@code BPF_F_INNER_MAP}: inner arrays of any size. */
  INNER_MAP(Kind.FLAG, "BPF_F_INNER_MAP", 5, 10),
  /** {@code BPF_F_BEFORE} and {@code BPF_F_AFTER} for the programs of a cgroup. */
  CGROUP_ORDER(Kind.FLAG, "BPF_F_BEFORE for cgroups", 6, 17),
  /** {@code BPF_F_CPU}: one CPU's value of a per-CPU map. */
  SINGLE_CPU(Kind.FLAG, "BPF_F_CPU", 7, 0),

  /** {@code BPF_JLT} and its like: unsigned and signed "less than". */
  JUMP_LESS(Kind.INSTRUCTION, "BPF_JLT", ProbeCode.since(ProbeCode.JUMP_LESS)),
  /** {@code BPF_PSEUDO_CALL}: functions. */
  FUNCTION_CALL(Kind.INSTRUCTION, "BPF_PSEUDO_CALL", ProbeCode.since(ProbeCode.FUNCTION_CALL)),
  /** {@code BPF_JMP32}: jumps that compare 32 bits. */
  JUMP32(Kind.INSTRUCTION, "BPF_JMP32", ProbeCode.since(ProbeCode.JUMP32)),
  /** {@code BPF_PSEUDO_MAP_VALUE}: addresses in a map, by which global data is reached. */
  GLOBAL_DATA(Kind.INSTRUCTION, "BPF_PSEUDO_MAP_VALUE", ProbeCode.since(ProbeCode.globalData(0))),
  /** Programs of more than 4096 instructions, up to a million. */
  LARGE_PROGRAMS(Kind.INSTRUCTION, "programs of more than 4096 instructions", 5, 2),
  /** Loops that the verifier sees the end of. */
  BOUNDED_LOOPS(Kind.INSTRUCTION, "bounded loops", 5, 3),
  /** {@code BPF_FETCH}, {@code BPF_XCHG}, {@code BPF_CMPXCHG}: atomic operations with a result. */
  ATOMICS(Kind.INSTRUCTION, "BPF_FETCH", ProbeCode.since(ProbeCode.ATOMICS)),
  /** {@code BPF_PSEUDO_KFUNC_CALL}: calls of kernel functions. */
  KFUNCS(Kind.INSTRUCTION, "BPF_PSEUDO_KFUNC_CALL", ProbeCode.since(ProbeCode.kfuncCall(1))),
  /**
   * {@code BPF_MEMSX}, {@code movsx}, {@code bswap}, {@code sdiv}, {@code gotol}: the version 4.
   */
  CPU_V4(Kind.INSTRUCTION, "cpu v4", ProbeCode.since(ProbeCode.CPU_V4)),
  /** {@code BPF_JCOND}: {@code may_goto}, loops that the kernel bounds. */
  MAY_GOTO(Kind.INSTRUCTION, "BPF_JCOND", ProbeCode.since(ProbeCode.MAY_GOTO)),
  /** {@code BPF_LOAD_ACQ} and {@code BPF_STORE_REL}. */
  LOAD_ACQUIRE(Kind.INSTRUCTION, "BPF_LOAD_ACQ", ProbeCode.since(ProbeCode.LOAD_ACQUIRE)),

  /** {@code BTF_KIND_FUNC}: functions in type information. */
  BTF_FUNC(Kind.BTF, "BTF_KIND_FUNC", 5, 0),
  /** {@code func_info}: the names of a program's functions. */
  FUNC_INFO(Kind.BTF, "func_info", 5, 0),
  /** {@code BTF_KIND_DATASEC} and {@code BTF_KIND_VAR}: global data in type information. */
  BTF_DATASEC(Kind.BTF, "BTF_KIND_DATASEC", 5, 2),
  /** {@code /sys/kernel/btf/vmlinux}: the kernel's own types. */
  VMLINUX_BTF(Kind.BTF, "/sys/kernel/btf/vmlinux", 5, 4),
  /** {@code BTF_FUNC_GLOBAL}: functions verified on their own. */
  BTF_FUNC_GLOBAL(Kind.BTF, "BTF_FUNC_GLOBAL", 5, 6),
  /** {@code BTF_KIND_FLOAT}. */
  BTF_FLOAT(Kind.BTF, "BTF_KIND_FLOAT", 5, 13),
  /** {@code BTF_KIND_DECL_TAG}. */
  BTF_DECL_TAG(Kind.BTF, "BTF_KIND_DECL_TAG", 5, 16),
  /** {@code BTF_KIND_TYPE_TAG}. */
  BTF_TYPE_TAG(Kind.BTF, "BTF_KIND_TYPE_TAG", 5, 17),
  /** {@code BTF_KIND_ENUM64}. */
  BTF_ENUM64(Kind.BTF, "BTF_KIND_ENUM64", 6, 0),

  /** Kprobes as perf events: needs {@code CONFIG_KPROBE_EVENTS}. */
  KPROBES(Kind.MECHANISM, "kprobe", 4, 17),
  /** Uprobes as perf events: needs {@code CONFIG_UPROBE_EVENTS}. */
  UPROBES(Kind.MECHANISM, "uprobe", 4, 17),
  /**
   * BPF trampolines: programs that go in between a function of the kernel and its callers, which
   * fentry, fexit, fmod_ret, LSM and freplace do.
   */
  TRAMPOLINES(Kind.MECHANISM, "BPF trampoline", 5, 5);

  private final Kind kind;
  private final String kernelName;
  private final int major;
  private final int minor;

  KernelFeature(Cmd command) {
    this(Kind.COMMAND, command.kernelName(), command.since());
  }

  KernelFeature(Kind kind, String kernelName, KernelVersion since) {
    this(kind, kernelName, since.major(), since.minor());
  }

  KernelFeature(Kind kind, String kernelName, int major, int minor) {
    this.kind = kind;
    this.kernelName = kernelName;
    this.major = major;
    this.minor = minor;
  }

  /** What sort of feature it is. */
  public Kind kind() {
    return kind;
  }

  /** The kernel's constant for it, or its usual name. */
  public String kernelName() {
    return kernelName;
  }

  /** The first release of Linux that has it. */
  public KernelVersion since() {
    return new KernelVersion(major, minor);
  }
}
