package io.github.purebpf.bpf;

import io.github.purebpf.bpf.internal.query.IdSpace;
import io.github.purebpf.bpf.internal.query.InfoArray;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Privileges;
import io.github.purebpf.insn.KernelVersion;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** A kernel with objects that have ids, of which it tells what a test says. */
public final class FakeObjects extends FakeKernel {
  /** Fills the info of an object as the kernel does: arrays where there is room for them. */
  public interface Info {
    /** Zero, or a negated errno. */
    int fill(MemorySegment info);
  }

  /** Answers whatever is not about ids and infos. */
  public interface Other {
    int to(Cmd command, BpfAttr attr);
  }

  private final Map<IdSpace, TreeMap<Integer, Info>> objects = new EnumMap<>(IdSpace.class);
  private final Map<Integer, Info> opened = new HashMap<>();
  private final Set<Cmd> unknown = EnumSet.noneOf(Cmd.class);
  private final Other other;

  public FakeObjects() {
    this((command, _) -> -Errno.EINVAL);
  }

  public FakeObjects(Other other) {
    this.other = other;
    answer = this::answer;
    for (var space : IdSpace.values()) {
      objects.put(space, new TreeMap<>());
    }
  }

  /** Adds an object. */
  public void put(IdSpace space, int id, Info info) {
    objects.get(space).put(id, info);
  }

  /** An object vanishes. */
  public void remove(IdSpace space, int id) {
    objects.get(space).remove(id);
  }

  /** A program in it, if its answers let one be loaded. */
  public BpfProgram program() {
    return BpfProgram.load(this, ProgramSpec.connect4("pass", Fixtures.PASS));
  }

  /** Writes bytes where a pointer in an attr points to. */
  public static void write(long address, byte... bytes) {
    MemorySegment.copy(MemorySegment.ofArray(bytes), 0, at(address, bytes.length), 0, bytes.length);
  }

  /** How many descriptors are open. */
  public int descriptors() {
    return open.size();
  }

  /** What /proc tells of all descriptors. */
  public void tellInProc(String text) {
    fdInfo = text;
  }

  /** The thread loses its capabilities. */
  public void takePrivileges() {
    privileges = new Privileges(0, true, false, 2);
  }

  /** Becomes an older release, which does not know a command. */
  public void lacks(Cmd command) {
    release = new KernelVersion(command.since().major(), command.since().minor() - 1);
    unknown.add(command);
  }

  /** How often a command has been given. */
  public int count(Cmd command) {
    return calls(command).size();
  }

  /** Writes a number of elements to the array's place, as many as there is room for. */
  public static void array(MemorySegment info, InfoArray array, int... elements) {
    int room = info.get(ValueLayout.JAVA_INT, array.count());
    info.set(ValueLayout.JAVA_INT, array.count(), elements.length);
    if (room > 0) {
      int size = Math.min(room, elements.length) * Integer.BYTES;
      var target = at(info.get(ValueLayout.JAVA_LONG, array.pointer()), size);
      MemorySegment.copy(MemorySegment.ofArray(elements), 0, target, 0, size);
    }
  }

  /** Writes bytes as {@link #array} does numbers. */
  public static void bytes(MemorySegment info, InfoArray array, byte... elements) {
    int room = info.get(ValueLayout.JAVA_INT, array.count());
    info.set(ValueLayout.JAVA_INT, array.count(), elements.length);
    if (room > 0) {
      int size = Math.min(room, elements.length);
      var target = at(info.get(ValueLayout.JAVA_LONG, array.pointer()), size);
      MemorySegment.copy(MemorySegment.ofArray(elements), 0, target, 0, size);
    }
  }

  /** Writes a text and its NUL, which does not count; ENOSPC where there is too little room. */
  public static int text(MemorySegment info, InfoArray array, String text) {
    int room = info.get(ValueLayout.JAVA_INT, array.count());
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    info.set(ValueLayout.JAVA_INT, array.count(), bytes.length);
    if (room > 0 && room <= bytes.length) {
      return -Errno.ENOSPC;
    }
    if (room > 0) {
      at(info.get(ValueLayout.JAVA_LONG, array.pointer()), room).setString(0, text);
    }
    return 0;
  }

  private int answer(Cmd command, BpfAttr attr) {
    if (unknown.contains(command)) {
      return -Errno.EINVAL;
    }
    return switch (command) {
      case PROG_GET_NEXT_ID -> next(IdSpace.PROGRAM, attr);
      case MAP_GET_NEXT_ID -> next(IdSpace.MAP, attr);
      case BTF_GET_NEXT_ID -> next(IdSpace.BTF, attr);
      case LINK_GET_NEXT_ID -> next(IdSpace.LINK, attr);
      case PROG_GET_FD_BY_ID -> open(IdSpace.PROGRAM, attr);
      case MAP_GET_FD_BY_ID -> open(IdSpace.MAP, attr);
      case BTF_GET_FD_BY_ID -> open(IdSpace.BTF, attr);
      case LINK_GET_FD_BY_ID -> open(IdSpace.LINK, attr);
      case OBJ_GET_INFO_BY_FD -> {
        long size = attr.u32(Attr.ObjInfo.INFO_LEN);
        var info = at(attr.bytes().get(ValueLayout.JAVA_LONG, Attr.ObjInfo.INFO), size);
        yield opened.get(attr.u32(Attr.ObjInfo.BPF_FD)).fill(info);
      }
      default -> other.to(command, attr);
    };
  }

  private int next(IdSpace space, BpfAttr attr) {
    if (privileges.capabilities() == 0) {
      return -Errno.EPERM;
    }
    Integer next = objects.get(space).higherKey(attr.u32(Attr.GetId.START_ID));
    if (next == null) {
      return -Errno.ENOENT;
    }
    attr.u32(Attr.GetId.NEXT_ID, next);
    return 0;
  }

  private int open(IdSpace space, BpfAttr attr) {
    if (privileges.capabilities() == 0) {
      return -Errno.EPERM;
    }
    var info = objects.get(space).get(attr.u32(Attr.GetId.PROG_ID));
    if (info == null) {
      return -Errno.ENOENT;
    }
    int fd = newFd();
    opened.put(fd, info);
    return fd;
  }

  @Override
  public int close(int fd) {
    opened.remove(fd);
    return super.close(fd);
  }
}
