package io.github.purebpf.bpf.features;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.features.Targets.Name;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.btf.BtfBuilder;
import io.github.purebpf.btf.BtfType;
import io.github.purebpf.btf.BtfType.Linkage;
import io.github.purebpf.btf.CInt;
import io.github.purebpf.uapi.AttachFlags;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.MapFlags;
import io.github.purebpf.uapi.MapType;
import io.github.purebpf.uapi.ProgramType;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Tries what is no type of anything. */
final class FeatureProbes {
  /** {@code BPF_F_CPU}; not in the uapi of the kernel that our tables come from. */
  private static final long F_CPU = 8;

  private static final String UNKNOWN_KFUNC = "calling kernel function";

  private final Trial trial;
  private final ProgramProbes programs;
  private final MapProbes maps;
  private final Path root;

  FeatureProbes(Trial trial, ProgramProbes programs, MapProbes maps, Path root) {
    this.trial = trial;
    this.programs = programs;
    this.maps = maps;
    this.root = root;
  }

  Outcome probe(KernelFeature feature) {
    return switch (feature) {
      case PROG_TEST_RUN -> known(feature, Cmd.PROG_TEST_RUN, Attr.ProgTestRun.PROG_FD);
      case PROG_QUERY -> known(feature, Cmd.PROG_QUERY, Attr.ProgQuery.TARGET_FD);
      case RAW_TRACEPOINT_OPEN ->
          known(feature, Cmd.RAW_TRACEPOINT_OPEN, Attr.RawTracepointOpen.PROG_FD);
      case BTF_LOAD -> btf(feature, types -> CInt.S32.in(types));
      case TASK_FD_QUERY -> known(feature, Cmd.TASK_FD_QUERY, Attr.TaskFdQuery.PID);
      case MAP_LOOKUP_AND_DELETE_ELEM ->
          known(feature, Cmd.MAP_LOOKUP_AND_DELETE_ELEM, Attr.MapElem.MAP_FD);
      case MAP_FREEZE -> known(feature, Cmd.MAP_FREEZE, Attr.MapElem.MAP_FD);
      case MAP_BATCH -> known(feature, Cmd.MAP_LOOKUP_BATCH, Attr.MapBatch.MAP_FD);
      case LINK_CREATE -> known(feature, Cmd.LINK_CREATE, Attr.LinkCreate.PROG_FD);
      case LINK_UPDATE -> known(feature, Cmd.LINK_UPDATE, Attr.LinkUpdate.LINK_FD);
      case ITER_CREATE -> known(feature, Cmd.ITER_CREATE, Attr.IterCreate.LINK_FD);
      case LINK_DETACH -> known(feature, Cmd.LINK_DETACH, Attr.LinkDetach.LINK_FD);
      case PROG_BIND_MAP -> known(feature, Cmd.PROG_BIND_MAP, Attr.ProgBindMap.PROG_FD);
      case TOKEN_CREATE -> known(feature, Cmd.TOKEN_CREATE, Attr.TokenCreate.BPFFS_FD);
      case PROG_STREAM -> known(feature, Cmd.PROG_STREAM_READ_BY_FD, Attr.ProgStreamRead.PROG_FD);

      case OBJECT_NAMES ->
          map(
              feature,
              maps.create(
                  MapType.ARRAY,
                  Attr.MapCreate.MAP_NAME + Attr.MapCreate.MAP_NAME_SIZE,
                  attr -> attr.name(Attr.MapCreate.MAP_NAME, "probe")));
      case NUMA_NODE -> map(feature, maps.create(MapType.ARRAY, 4, 4, 1, MapFlags.NUMA_NODE));
      case RDONLY_PROG -> map(feature, maps.create(MapType.ARRAY, 4, 4, 1, MapFlags.RDONLY_PROG));
      case MMAPABLE -> map(feature, maps.create(MapType.ARRAY, 4, 4, 1, MapFlags.MMAPABLE));
      case INNER_MAP -> map(feature, maps.create(MapType.ARRAY, 4, 4, 1, MapFlags.INNER_MAP));
      case CGROUP_ORDER -> cgroupOrder(feature);
      case SINGLE_CPU -> singleCpu(feature);

      case JUMP_LESS -> runs(feature, ProbeCode.JUMP_LESS);
      case FUNCTION_CALL -> runs(feature, ProbeCode.FUNCTION_CALL);
      case JUMP32 -> runs(feature, ProbeCode.JUMP32);
      case GLOBAL_DATA ->
          trial.with(
              maps.create(MapType.ARRAY, 4, 4, 1, 0),
              MapProbes.subject(MapType.ARRAY),
              map -> runs(feature, ProbeCode.globalData(map)));
      case LARGE_PROGRAMS -> runs(feature, ProbeCode.LARGE);
      case BOUNDED_LOOPS -> runs(feature, ProbeCode.LOOP);
      case ATOMICS -> runs(feature, ProbeCode.ATOMICS);
      case KFUNCS -> programs.target(Name.FUNCTION, id -> kfuncs(feature, id));
      case CPU_V4 -> runs(feature, ProbeCode.CPU_V4);
      case MAY_GOTO -> runs(feature, ProbeCode.MAY_GOTO);
      case LOAD_ACQUIRE -> runs(feature, ProbeCode.LOAD_ACQUIRE);

      case BTF_FUNC -> btf(feature, types -> function(types, Linkage.STATIC));
      case BTF_FUNC_GLOBAL -> btf(feature, types -> function(types, Linkage.GLOBAL));
      case FUNC_INFO -> funcInfo(feature);
      case BTF_DATASEC -> btf(feature, FeatureProbes::section);
      case BTF_FLOAT -> btf(feature, types -> types.add(new BtfType.Floating("double", 8)));
      case BTF_DECL_TAG ->
          btf(feature, types -> types.add(new BtfType.DeclTag("tag", struct(types), -1, false)));
      case BTF_TYPE_TAG ->
          btf(feature, types -> types.add(new BtfType.TypeTag("tag", CInt.S32.in(types), false)));
      case BTF_ENUM64 ->
          btf(
              feature,
              types ->
                  types.add(
                      new BtfType.Enum64("e", 8, false, List.of(new BtfType.Enumerator("A", 1)))));
      case VMLINUX_BTF ->
          file(feature, "sys/kernel/btf/vmlinux", "sys/kernel", "CONFIG_DEBUG_INFO_BTF");

      case KPROBES -> source(feature, "kprobe", "CONFIG_KPROBE_EVENTS");
      case UPROBES -> source(feature, "uprobe", "CONFIG_UPROBE_EVENTS");
      case TRAMPOLINES ->
          programs.trampoline(AttachType.TRACE_FENTRY, Name.FUNCTION, feature.since());
    };
  }

  /** A command with a descriptor that is none is EBADF, or ENOENT; one not known is EINVAL. */
  private Outcome known(KernelFeature feature, Cmd command, int field) {
    try (var arena = Arena.ofConfined()) {
      int result = trial.bpf(command, BpfAttr.allocate(arena, Attr.SIZE).u32(field, Trial.NOTHING));
      return switch (-result) {
        case Errno.EBADF, Errno.ENOENT -> Trial.AVAILABLE;
        default -> trial.refused(result, new Trial.Subject(command, feature.since(), Set.of()));
      };
    }
  }

  private Outcome map(KernelFeature feature, int fd) {
    var subject =
        new Trial.Subject(Cmd.MAP_CREATE, feature.since(), EnumSet.of(Capability.CAP_BPF));
    return trial.with(fd, subject, _ -> Trial.AVAILABLE);
  }

  private Outcome runs(KernelFeature feature, BpfCode code) {
    var type = ProgramType.SOCKET_FILTER;
    return trial.loads(Candidate.of(type, code), ProgramProbes.subject(type, feature.since()));
  }

  /**
   * A function of the kernel that no program may call is refused by its name, where calls exist.
   */
  private Outcome kfuncs(KernelFeature feature, int function) {
    var type = ProgramType.XDP;
    var refusal = trial.askWhy(Candidate.of(type, ProbeCode.kfuncCall(function)));
    boolean named = refusal.log().contains(UNKNOWN_KFUNC);
    return refusal.result() >= 0 || named
        ? Trial.AVAILABLE
        : trial.refused(refusal.result(), ProgramProbes.subject(type, feature.since()));
  }

  private Outcome btf(KernelFeature feature, Consumer<BtfBuilder> add) {
    var types = new BtfBuilder();
    add.accept(types);
    var subject = new Trial.Subject(Cmd.BTF_LOAD, feature.since(), EnumSet.of(Capability.CAP_BPF));
    return trial.with(
        trial.loadBtf(types.build(ByteOrder.nativeOrder())), subject, _ -> Trial.AVAILABLE);
  }

  private static void function(BtfBuilder types, Linkage linkage) {
    int prototype = types.add(new BtfType.FuncProto(CInt.S32.in(types), List.of()));
    types.add(new BtfType.Func("f", prototype, linkage));
  }

  private static int struct(BtfBuilder types) {
    return types.add(
        new BtfType.Struct("s", 4, List.of(new BtfType.Member("m", CInt.S32.in(types), 0, 0))));
  }

  private static void section(BtfBuilder types) {
    int variable = types.add(new BtfType.Var("v", CInt.S32.in(types), Linkage.STATIC));
    types.add(new BtfType.DataSec(".data", 4, List.of(new BtfType.SectionVar(variable, 0, 4))));
  }

  private Outcome funcInfo(KernelFeature feature) {
    var type = ProgramType.SOCKET_FILTER;
    var code = ProbeCode.returning(0);
    var subject = ProgramProbes.subject(type, feature.since());
    return programs.withNamedFunction(
        code, subject, source -> trial.loads(Candidate.of(type, code).withSource(source), subject));
  }

  /** The flags of the link are looked at before the cgroup. */
  private Outcome cgroupOrder(KernelFeature feature) {
    var type = ProgramType.CGROUP_SKB;
    var subject = ProgramProbes.subject(type, feature.since());
    return trial.with(
        ProgramProbes.plain(type),
        subject,
        fd -> {
          try (var arena = Arena.ofConfined()) {
            var attr =
                BpfAttr.allocate(arena, Attr.LinkCreate.SIZE)
                    .u32(Attr.LinkCreate.PROG_FD, fd)
                    .u32(Attr.LinkCreate.TARGET_FD, Trial.NOTHING)
                    .u32(Attr.LinkCreate.ATTACH_TYPE, AttachType.CGROUP_INET_EGRESS.value())
                    .u32(Attr.LinkCreate.FLAGS, AttachFlags.BEFORE);
            int result = trial.bpf(Cmd.LINK_CREATE, attr);
            trial.close(result);
            return result == -Errno.EBADF ? Trial.AVAILABLE : trial.refused(result, subject);
          }
        });
  }

  private Outcome singleCpu(KernelFeature feature) {
    var subject =
        new Trial.Subject(Cmd.MAP_UPDATE_ELEM, feature.since(), EnumSet.of(Capability.CAP_BPF));
    return trial.with(
        maps.create(MapType.PERCPU_ARRAY, 4, 8, 1, 0),
        subject,
        map -> {
          try (var arena = Arena.ofConfined()) {
            var attr =
                BpfAttr.allocate(arena, Attr.MapElem.SIZE)
                    .u32(Attr.MapElem.MAP_FD, map)
                    .pointer(Attr.MapElem.KEY, arena.allocate(ValueLayout.JAVA_INT))
                    .pointer(Attr.MapElem.VALUE, arena.allocate(ValueLayout.JAVA_LONG))
                    .u64(Attr.MapElem.FLAGS, F_CPU);
            int result = trial.bpf(Cmd.MAP_UPDATE_ELEM, attr);
            return result >= 0 ? Trial.AVAILABLE : trial.refused(result, subject);
          }
        });
  }

  /** A source of perf events announces itself by a directory. */
  private Outcome source(KernelFeature feature, String name, String option) {
    var sources = "sys/bus/event_source/devices";
    return file(feature, sources + "/" + name, sources, option);
  }

  private Outcome file(KernelFeature feature, String path, String parent, String option) {
    if (Files.exists(root.resolve(path))) {
      return Trial.AVAILABLE;
    }
    return Files.isDirectory(root.resolve(parent))
        ? trial.missing(feature.since(), option + " is off, there is no /" + path)
        : new Outcome.Unknown("/" + parent + " is not there; is sysfs mounted?");
  }
}
