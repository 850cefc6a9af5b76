package io.github.purebpf.bpf;

import static io.github.purebpf.insn.Reg.R0;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.inspect.ProgramInfo;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tokens for a JVM in a user namespace of its own. It opens a BPF file system that belongs to the
 * namespace, this JVM, which is privileged, sets what that delegates, and the other mounts it.
 */
@RequiresKernel
@NoLeakedFds
class BpfTokenIT {
  private static final BpfCode PASS = BpfCode.build(b -> b.mov(R0, 1).exit());
  private static final long PIDFD_GETFD = 438;
  private static final long FSCONFIG = 431;
  private static final long FSCONFIG_SET_STRING = 1;

  /** The program of the child: prints what each task came to. */
  static final class Child {
    private Child() {}

    public static void main(String[] args) throws IOException {
      var kernel = Kernel.running();
      int context = kernel.openFileSystem("bpf");
      System.out.println(context);
      if (System.in.read() < 0) {
        throw new IOException("the parent has gone");
      }
      var root = Path.of("/proc/self/fd", Integer.toString(kernel.mountDetached(context)));
      var hash = MapSpec.hash(new MapRef("it_token"), Codec.u32(), Codec.u64(), 8);
      var array = MapSpec.array(new MapRef("it_token"), Codec.u64(), 8);
      var connect4 = ProgramSpec.connect4("it_token", PASS);
      var connect6 = ProgramSpec.connect6("it_token", PASS);
      print("hash without", () -> BpfMap.create(hash));
      try (var token = BpfToken.create(root)) {
        var with = LoadOptions.DEFAULT.withToken(token);
        print(
            "hash",
            () -> {
              try (var map = BpfMap.create(hash, MapOption.token(token))) {
                map.put(1, 2L);
                return map.get(1);
              }
            });
        print("array", () -> BpfMap.create(array, MapOption.token(token)));
        print(
            "connect4",
            () -> {
              try (var program = BpfProgram.load(connect4, with)) {
                return program.type() + " BTF " + ProgramInfo.of(program).btfId().isPresent();
              }
            });
        print("connect6", () -> BpfProgram.load(connect6, with));
      } catch (RuntimeException e) {
        System.out.println(e.getMessage());
      }
    }

    private static void print(String what, Supplier<Object> task) {
      String came;
      try {
        came = task.get().toString();
      } catch (RuntimeException e) {
        came = e.getMessage();
      }
      System.out.println(what + ": " + came);
    }
  }

  @TempDir private Path folder;

  @Test
  void theInitialNamespaceHasNone() {
    try (var fs = BpfFs.mountDetached()) {
      var e = assertThrows(KernelErrorException.class, () -> BpfToken.create(fs.path()));
      assertEquals(
          "BPF_TOKEN_CREATE of "
              + fs.path()
              + " failed with EOPNOTSUPP (95): this process is in the initial user namespace, where"
              + " there are no tokens: what counts here are the capabilities themselves",
          e.getMessage());
    }
    var e = assertThrows(IllegalArgumentException.class, () -> BpfToken.create(folder));
    assertTrue(e.getMessage().contains("is on no BPF file system"), e::getMessage);
  }

  @Test
  void aTokenAllowsWhatIsDelegatedAndNothingElse() throws Exception {
    var lines =
        inUserNamespace(
            Map.of(
                "delegate_cmds", "map_create:btf_load:prog_load",
                "delegate_maps", "hash",
                "delegate_progs", "cgroup_sock_addr",
                "delegate_attachs", "cgroup_inet4_connect"));
    assertEquals(
        List.of(
            "hash without: BPF_MAP_CREATE of map it_token needs CAP_BPF; those of a user namespace"
                + " do not count",
            "hash: Optional[2]",
            "array: BPF_MAP_CREATE of map it_token failed with EPERM (1): the token does not allow"
                + " it: look at delegate_cmds and delegate_maps of its file system (mount -t bpf),"
                + " and at the capabilities in this user namespace",
            "connect4: CGROUP_SOCK_ADDR BTF true",
            "connect6: BPF_PROG_LOAD of program it_token failed with EPERM (1): the token does not"
                + " allow it: look at delegate_cmds, delegate_progs and delegate_attachs of its"
                + " file system (mount -t bpf), and at the capabilities in this user namespace"),
        lines);
  }

  @Test
  void aFileSystemThatDelegatesNothingGivesNone() throws Exception {
    var lines = inUserNamespace(Map.of());
    assertEquals(2, lines.size());
    assertTrue(
        lines
            .getLast()
            .endsWith(
                "failed with ENOENT (2): the file system delegates nothing; mount it with"
                    + " delegate_cmds and the like"),
        lines::toString);
  }

  private static List<String> inUserNamespace(Map<String, String> options) throws Exception {
    var kernel = Kernel.running();
    var classPath = ChildJvm.classPath(Child.class).toList();
    try (var child =
        ChildJvm.start(
            List.of("unshare", "--user", "--map-root-user", "--mount"),
            classPath,
            List.of(),
            Child.class)) {
      int theirs = Integer.parseInt(child.readLine());
      int process = kernel.openProcess(child.pid());
      int context = (int) call(PIDFD_GETFD, process, theirs, 0, 0, 0);
      try (var arena = Arena.ofConfined()) {
        for (var option : options.entrySet()) {
          long key = arena.allocateFrom(option.getKey()).address();
          long value = arena.allocateFrom(option.getValue()).address();
          assertEquals(
              0, call(FSCONFIG, context, FSCONFIG_SET_STRING, key, value, 0), option::toString);
        }
        assertEquals(0, kernel.createFileSystem(context));
      } finally {
        int _ = kernel.close(context);
        int _ = kernel.close(process);
      }
      child.writeLine();
      return child.finish();
    }
  }

  /** What only this test does, and hence not {@link Kernel}. */
  @SuppressWarnings("restricted") // a system call of the test's own
  private static long call(long number, long a, long b, long c, long d, long e) {
    var linker = Linker.nativeLinker();
    MemorySegment function = linker.defaultLookup().find("syscall").orElseThrow();
    var layout = ValueLayout.JAVA_LONG;
    var handle =
        linker.downcallHandle(
            function,
            FunctionDescriptor.of(layout, layout, layout, layout, layout, layout, layout),
            Linker.Option.firstVariadicArg(1));
    try {
      return (long) handle.invokeExact(number, a, b, c, d, e);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }
}
