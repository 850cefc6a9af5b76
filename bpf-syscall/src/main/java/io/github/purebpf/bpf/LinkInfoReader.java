package io.github.purebpf.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.purebpf.bpf.internal.sys.BpfLinkInfo;
import io.github.purebpf.bpf.internal.sys.NativePath;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.LinkType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Asks the kernel about a link: first for what lies in the answer itself, then, where that only
 * points to a name or a list, once more with room for it.
 */
final class LinkInfoReader {
  /** {@code PATH_MAX}; no symbol and no name is as long. */
  private static final int LONGEST_NAME = 4096;

  private static final int UPROBE = 1;
  private static final int URETPROBE = 2;
  private static final int KPROBE = 3;
  private static final int KRETPROBE = 4;
  private static final int TRACEPOINT = 5;
  private static final int EVENT = 6;

  /** {@code BPF_F_KPROBE_MULTI_RETURN} and {@code BPF_F_UPROBE_MULTI_RETURN}. */
  private static final int ON_RETURN = 1;

  private final BpfLink link;
  private final Arena arena;
  private final MemorySegment info;

  private LinkInfoReader(BpfLink link, Arena arena) {
    this.link = link;
    this.arena = arena;
    this.info = link.info(arena, BpfLinkInfo.SIZE);
  }

  static LinkInfo read(BpfLink link) {
    try (var arena = Arena.ofConfined()) {
      return new LinkInfoReader(link, arena).read();
    }
  }

  private LinkInfo read() {
    int id = u32(BpfLinkInfo.ID);
    int program = u32(BpfLinkInfo.PROG_ID);
    int type = u32(BpfLinkInfo.TYPE);
    return switch (LinkType.byValue(type).orElse(null)) {
      case RAW_TRACEPOINT ->
          new LinkInfo.RawTracepoint(
              id,
              program,
              text(BpfLinkInfo.RAW_TRACEPOINT_TP_NAME, BpfLinkInfo.RAW_TRACEPOINT_TP_NAME_LEN),
              u64(BpfLinkInfo.RAW_TRACEPOINT_COOKIE));
      case TRACING ->
          new LinkInfo.Tracing(
              id,
              program,
              attachType(BpfLinkInfo.TRACING_ATTACH_TYPE).filter(t -> t.value() != 0),
              u32(BpfLinkInfo.TRACING_TARGET_OBJ_ID),
              u32(BpfLinkInfo.TRACING_TARGET_BTF_ID),
              u64(BpfLinkInfo.TRACING_COOKIE));
      case CGROUP ->
          new LinkInfo.Cgroup(
              id,
              program,
              present64(BpfLinkInfo.CGROUP_CGROUP_ID),
              attachType(BpfLinkInfo.CGROUP_ATTACH_TYPE));
      case ITER -> iterator(id, program);
      case NETNS ->
          new LinkInfo.Netns(id, program, inode(), attachType(BpfLinkInfo.NETNS_ATTACH_TYPE));
      case XDP -> new LinkInfo.Xdp(id, program, present32(BpfLinkInfo.XDP_IFINDEX));
      case TCX ->
          new LinkInfo.Tcx(
              id,
              program,
              present32(BpfLinkInfo.TCX_IFINDEX),
              attachType(BpfLinkInfo.TCX_ATTACH_TYPE));
      case NETKIT ->
          new LinkInfo.Netkit(
              id,
              program,
              present32(BpfLinkInfo.NETKIT_IFINDEX),
              attachType(BpfLinkInfo.NETKIT_ATTACH_TYPE));
      case SOCKMAP ->
          new LinkInfo.SocketMap(
              id,
              program,
              present32(BpfLinkInfo.SOCKMAP_MAP_ID),
              attachType(BpfLinkInfo.SOCKMAP_ATTACH_TYPE));
      case NETFILTER ->
          new LinkInfo.Netfilter(
              id,
              program,
              u32(BpfLinkInfo.NETFILTER_PF),
              u32(BpfLinkInfo.NETFILTER_HOOKNUM),
              u32(BpfLinkInfo.NETFILTER_PRIORITY),
              u32(BpfLinkInfo.NETFILTER_FLAGS));
      case STRUCT_OPS -> new LinkInfo.StructOps(id, program, u32(BpfLinkInfo.STRUCT_OPS_MAP_ID));
      case KPROBE_MULTI ->
          new LinkInfo.KprobeMulti(
              id,
              program,
              u32(BpfLinkInfo.KPROBE_MULTI_COUNT),
              (u32(BpfLinkInfo.KPROBE_MULTI_FLAGS) & ON_RETURN) != 0,
              u64(BpfLinkInfo.KPROBE_MULTI_MISSED));
      case UPROBE_MULTI -> uprobes(id, program);
      case PERF_EVENT -> new LinkInfo.PerfEvent(id, program, event());
      case null -> new LinkInfo.Other(id, program, type);
    };
  }

  private LinkInfo iterator(int id, int program) {
    String target = text(BpfLinkInfo.ITER_TARGET_NAME, BpfLinkInfo.ITER_TARGET_NAME_LEN);
    boolean map = target.equals("bpf_map_elem") || target.equals("bpf_sk_storage_map");
    boolean tasks = target.startsWith("task");
    return new LinkInfo.Iterator(
        id,
        program,
        target,
        map ? present32(BpfLinkInfo.ITER_MAP_MAP_ID) : OptionalInt.empty(),
        target.equals("cgroup")
            ? present64(BpfLinkInfo.ITER_CGROUP_CGROUP_ID)
            : OptionalLong.empty(),
        tasks ? present32(BpfLinkInfo.ITER_TASK_TID) : OptionalInt.empty(),
        tasks ? present32(BpfLinkInfo.ITER_TASK_PID) : OptionalInt.empty());
  }

  private LinkInfo uprobes(int id, int program) {
    int count = u32(BpfLinkInfo.UPROBE_MULTI_COUNT);
    var offsets = arena.allocate(JAVA_LONG, count);
    var path = arena.allocate(LONGEST_NAME);
    info.fill((byte) 0);
    info.set(JAVA_LONG, BpfLinkInfo.UPROBE_MULTI_PATH, path.address());
    info.set(JAVA_INT, BpfLinkInfo.UPROBE_MULTI_PATH_SIZE, LONGEST_NAME);
    if (count > 0) {
      info.set(JAVA_LONG, BpfLinkInfo.UPROBE_MULTI_OFFSETS, offsets.address());
      info.set(JAVA_INT, BpfLinkInfo.UPROBE_MULTI_COUNT, count);
    }
    link.requestInfo(info);
    var places = new ArrayList<Long>();
    for (int i = 0; i < count; i++) {
      places.add(offsets.getAtIndex(JAVA_LONG, i));
    }
    return new LinkInfo.UprobeMulti(
        id,
        program,
        NativePath.of(bytes(path)),
        places,
        (u32(BpfLinkInfo.UPROBE_MULTI_FLAGS) & ON_RETURN) != 0,
        present32(BpfLinkInfo.UPROBE_MULTI_PID));
  }

  private LinkInfo.Event event() {
    int kind = u32(BpfLinkInfo.PERF_EVENT_TYPE);
    return switch (kind) {
      case UPROBE, URETPROBE -> {
        Path file =
            NativePath.of(
                name(
                    BpfLinkInfo.PERF_EVENT_UPROBE_FILE_NAME,
                    BpfLinkInfo.PERF_EVENT_UPROBE_NAME_LEN));
        yield new LinkInfo.Event.Uprobe(
            file,
            u32(BpfLinkInfo.PERF_EVENT_UPROBE_OFFSET),
            kind == URETPROBE,
            u64(BpfLinkInfo.PERF_EVENT_UPROBE_COOKIE));
      }
      case KPROBE, KRETPROBE -> {
        String function =
            text(BpfLinkInfo.PERF_EVENT_KPROBE_FUNC_NAME, BpfLinkInfo.PERF_EVENT_KPROBE_NAME_LEN);
        yield new LinkInfo.Event.Kprobe(
            function,
            u32(BpfLinkInfo.PERF_EVENT_KPROBE_OFFSET),
            u64(BpfLinkInfo.PERF_EVENT_KPROBE_ADDR),
            kind == KRETPROBE,
            u64(BpfLinkInfo.PERF_EVENT_KPROBE_MISSED),
            u64(BpfLinkInfo.PERF_EVENT_KPROBE_COOKIE));
      }
      case TRACEPOINT -> {
        String name =
            text(
                BpfLinkInfo.PERF_EVENT_TRACEPOINT_TP_NAME,
                BpfLinkInfo.PERF_EVENT_TRACEPOINT_NAME_LEN);
        yield new LinkInfo.Event.Tracepoint(name, u64(BpfLinkInfo.PERF_EVENT_TRACEPOINT_COOKIE));
      }
      case EVENT ->
          new LinkInfo.Event.Counter(
              u32(BpfLinkInfo.PERF_EVENT_EVENT_TYPE),
              u64(BpfLinkInfo.PERF_EVENT_EVENT_CONFIG),
              u64(BpfLinkInfo.PERF_EVENT_EVENT_COOKIE));
      default -> new LinkInfo.Event.Untold();
    };
  }

  /** The name that a field points to; asking for it also renews the other fields. */
  private byte[] name(int pointerField, int lengthField) {
    var name = arena.allocate(LONGEST_NAME);
    // What the first answer left in there would be taken for addresses.
    info.fill((byte) 0);
    info.set(JAVA_LONG, pointerField, name.address());
    info.set(JAVA_INT, lengthField, LONGEST_NAME);
    link.requestInfo(info);
    return bytes(name);
  }

  private String text(int pointerField, int lengthField) {
    return new String(name(pointerField, lengthField), StandardCharsets.ISO_8859_1);
  }

  private static byte[] bytes(MemorySegment text) {
    int length = 0;
    while (text.get(ValueLayout.JAVA_BYTE, length) != 0) {
      length++;
    }
    return text.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
  }

  private int u32(int field) {
    return info.get(JAVA_INT, field);
  }

  private long u64(int field) {
    return info.get(JAVA_LONG, field);
  }

  /** Those of namespaces are beyond what an int holds. */
  private OptionalLong inode() {
    var inode = present32(BpfLinkInfo.NETNS_NETNS_INO);
    return inode.isPresent()
        ? OptionalLong.of(Integer.toUnsignedLong(inode.getAsInt()))
        : OptionalLong.empty();
  }

  private OptionalInt present32(int field) {
    return u32(field) == 0 ? OptionalInt.empty() : OptionalInt.of(u32(field));
  }

  private OptionalLong present64(int field) {
    return u64(field) == 0 ? OptionalLong.empty() : OptionalLong.of(u64(field));
  }

  private Optional<AttachType> attachType(int field) {
    return AttachType.byValue(u32(field));
  }
}
