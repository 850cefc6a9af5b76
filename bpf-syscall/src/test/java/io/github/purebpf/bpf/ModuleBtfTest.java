package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.MissingPrivilegeException;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.BpfBtfInfo;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Privileges;
import io.github.purebpf.btf.Btf;
import io.github.purebpf.btf.BtfBuilder;
import io.github.purebpf.btf.BtfType;
import io.github.purebpf.insn.Kfunc;
import io.github.purebpf.insn.KfuncCall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A kernel with modules, which the running one may not have. */
class ModuleBtfTest {
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /** BTF that the fake kernel knows; its number is its place, from 1 on. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Known(String name, boolean ofKernel, byte[] bytes) {}

  private final FakeKernel kernel = new FakeKernel();
  private Path vmlinux;
  private Btf types;
  private List<Known> known;

  /** Three types: a prototype, a struct, a function "own". */
  private static byte[] vmlinux() {
    var builder = new BtfBuilder();
    int proto = builder.add(new BtfType.FuncProto(0, List.of()));
    builder.add(new BtfType.Struct("own", 0, List.of()));
    builder.add(new BtfType.Func("own", proto, BtfType.Linkage.STATIC));
    return builder.build(ORDER);
  }

  /** Split BTF with one function, whose prototype is type 1 of the base. */
  private byte[] module(String function) {
    int base = ByteBuffer.wrap(vmlinux()).order(ORDER).getInt(20); // str_len
    var name = (function + "\0").getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(24 + 12 + name.length)
        .order(ORDER)
        .putShort((short) 0xeb9f)
        .put((byte) 1)
        .put((byte) 0)
        .putInt(24)
        .putInt(0)
        .putInt(12)
        .putInt(12)
        .putInt(name.length)
        .putInt(base) // the first string behind those of the base
        .putInt(12 << 24) // BTF_KIND_FUNC
        .putInt(1)
        .put(name)
        .array();
  }

  @BeforeEach
  void modules(@TempDir Path folder) throws Exception {
    vmlinux = Files.write(folder.resolve("vmlinux"), vmlinux());
    types = Btf.read(vmlinux);
    known =
        List.of(
            new Known("vmlinux", true, vmlinux()),
            new Known("", false, vmlinux()), // a program's
            new Known("gone", true, new byte[0]),
            new Known("net", true, module("net_open")),
            new Known("disk", true, module("disk_open")));
    kernel.answer = this::answer;
  }

  private final Map<Integer, Known> opened = new HashMap<>();

  private int answer(Cmd command, BpfAttr attr) {
    return switch (command) {
      case BTF_GET_NEXT_ID -> {
        int next = attr.u32(Attr.GetId.START_ID) + 1;
        if (next > known.size()) {
          yield -Errno.ENOENT;
        }
        attr.u32(Attr.GetId.NEXT_ID, next);
        yield 0;
      }
      case BTF_GET_FD_BY_ID -> {
        var btf = known.get(attr.u32(Attr.GetId.BTF_ID) - 1);
        if (btf.name().equals("gone")) {
          yield -Errno.ENOENT;
        }
        int fd = kernel.newFd();
        opened.put(fd, btf);
        yield fd;
      }
      case OBJ_GET_INFO_BY_FD -> {
        fill(
            attr.bytes().get(ValueLayout.JAVA_LONG, Attr.ObjInfo.INFO),
            opened.get(attr.u32(Attr.ObjInfo.BPF_FD)));
        yield 0;
      }
      default -> throw new AssertionError(command.toString());
    };
  }

  private static void fill(long address, Known btf) {
    var info = FakeKernel.at(address, BpfBtfInfo.SIZE);
    long room = info.get(ValueLayout.JAVA_LONG, BpfBtfInfo.BTF);
    if (room != 0) {
      FakeKernel.at(room, btf.bytes().length).copyFrom(MemorySegment.ofArray(btf.bytes()));
    }
    long name = info.get(ValueLayout.JAVA_LONG, BpfBtfInfo.NAME);
    if (name != 0) {
      FakeKernel.at(name, 64).setString(0, btf.name());
    }
    info.set(ValueLayout.JAVA_INT, BpfBtfInfo.BTF_SIZE, btf.bytes().length);
    info.set(ValueLayout.JAVA_INT, BpfBtfInfo.KERNEL_BTF, btf.ofKernel() ? 1 : 0);
  }

  private static BpfCode calling(String... names) {
    return BpfCode.build(
        b -> {
          for (var name : names) {
            b.with(new KfuncCall(new Kfunc.Named(name)));
          }
          b.exit();
        });
  }

  @Test
  void functionsOfModulesAreCalledThroughTheArrayOfDescriptors() {
    var code = calling("own", "disk_open", "net_open", "disk_open");
    try (var bound = Kfuncs.bind(kernel, code, "p", vmlinux);
        var arena = Arena.ofConfined()) {
      assertEquals(
          List.of(
              new KfuncCall(new Kfunc.ById(3, 0)),
              new KfuncCall(new Kfunc.ById(4, 1)),
              new KfuncCall(new Kfunc.ById(4, 2)),
              new KfuncCall(new Kfunc.ById(4, 1))),
          bound.code().insns().subList(0, 4));
      assertEquals(List.of("disk", "net"), bound.modules().stream().map(ModuleBtf::name).toList());
      assertEquals(2, kernel.open.size());
      var attr = BpfAttr.allocate(arena, Attr.ProgLoad.SIZE);
      bound.describe(attr, arena);
      var fds =
          FakeKernel.at(attr.bytes().get(ValueLayout.JAVA_LONG, Attr.ProgLoad.FD_ARRAY), 12)
              .toArray(ValueLayout.JAVA_INT);
      assertEquals("disk", opened.get(fds[1]).name());
      assertEquals("net", opened.get(fds[2]).name());
    }
    assertTrue(kernel.open.isEmpty());
  }

  @Test
  void aTargetInAModuleIsGivenWithItsDescriptor() {
    try (var module =
            ModuleBtf.defining(kernel, types, "net_open", BtfType.Func.class).orElseThrow();
        var arena = Arena.ofConfined()) {
      var attr = BpfAttr.allocate(arena, Attr.ProgLoad.SIZE);
      new BoundTarget(4, 24, null, module).describe(attr, 0);
      assertEquals("net", opened.get(attr.u32(Attr.ProgLoad.ATTACH_BTF_OBJ_FD)).name());
      assertEquals(4, attr.u32(Attr.ProgLoad.ATTACH_BTF_ID));
    }
    assertTrue(kernel.open.isEmpty());
  }

  @Test
  void whatNoModuleHasLeavesNothingOpen() {
    var e =
        assertThrows(
            KernelErrorException.class,
            () -> Kfuncs.bind(kernel, calling("net_open", "nowhere"), "p", vmlinux));
    assertTrue(e.getMessage().contains("calls nowhere, which neither"), e.getMessage());
    assertTrue(kernel.open.isEmpty());
  }

  @Test
  void lookingAtModulesTakesAPrivilege() {
    kernel.privileges = new Privileges(1L << 39, true, false, 2);
    kernel.answer = (_, _) -> -Errno.EPERM;
    var e =
        assertThrows(
            MissingPrivilegeException.class,
            () -> Kfuncs.bind(kernel, calling("net_open"), "p", vmlinux));
    assertTrue(
        e.getMessage().contains("a module with net_open, which the kernel itself does not have,"),
        e.getMessage());
  }
}
