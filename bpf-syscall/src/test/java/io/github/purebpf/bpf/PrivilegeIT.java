package io.github.purebpf.bpf;

import static io.github.purebpf.insn.Reg.R0;
import static java.util.stream.Collectors.joining;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.asm.MapShape;
import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.MissingPrivilegeException;
import io.github.purebpf.bpf.inspect.KernelObjects;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.bpf.sockdiag.SockDiag;
import io.github.purebpf.bpf.sockdiag.SocketFilter;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.testkit.ScratchCgroup;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.MapType;
import io.github.purebpf.uapi.ProgramFlags;
import io.github.purebpf.uapi.ProgramType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What processes with few capabilities get, asked in JVMs that have given theirs up. The page of
 * errors says the same: a test compares.
 */
@RequiresKernel
class PrivilegeIT {
  /** A row of the page: {@code | make a map | CAP_BPF |}. */
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| ([^|]+?) +\\| (none|CAP_[A-Z_, ]+?) +\\|$");

  /** The user id that owns nothing. */
  private static final List<String> NOBODY =
      List.of("--reuid=65534", "--regid=65534", "--clear-groups");

  private static final Path PAGE = Path.of("..", "docs", "errors.md");

  /** What can be done, by what it takes. */
  private enum Task {
    MAKE_A_MAP("make a map", Capability.CAP_BPF) {
      @Override
      void run(Path cgroup) {
        map(MapType.ARRAY, 4, 4, 1, 0);
        map(MapType.HASH, 4, 4, 1, 0);
        map(MapType.LRU_HASH, 4, 4, 1, 0);
        map(MapType.LPM_TRIE, 8, 4, 1, 1);
        map(MapType.STACK, 0, 4, 1, 0);
        SocketStorage.create(new MapRef("m"), Codec.u32()).close();
      }
    },
    MAKE_A_MAP_OF_SOCKETS(
        "make a map of sockets or devices", Capability.CAP_BPF, Capability.CAP_NET_ADMIN) {
      @Override
      void run(Path cgroup) {
        map(MapType.SOCKMAP, 4, 4, 1, 0);
        map(MapType.DEVMAP, 4, 4, 1, 0);
      }
    },
    LOAD_A_SOCKET_FILTER("load a socket filter", Capability.CAP_BPF) {
      @Override
      void run(Path cgroup) {
        program(ProgramType.SOCKET_FILTER, null, 0).close();
      }
    },
    LOAD_A_CGROUP_SKB("load a program for packets of a cgroup", Capability.CAP_BPF) {
      @Override
      void run(Path cgroup) {
        program(ProgramType.CGROUP_SKB, AttachType.CGROUP_INET_INGRESS, 0).close();
      }
    },
    LOAD_A_SYSCALL_PROGRAM("load a system call program", Capability.CAP_BPF) {
      @Override
      void run(Path cgroup) {
        program(ProgramType.SYSCALL, null, ProgramFlags.SLEEPABLE).close();
      }
    },
    LOAD_CONNECT(
        "load a program for sockets of a cgroup", Capability.CAP_BPF, Capability.CAP_NET_ADMIN) {
      @Override
      void run(Path cgroup) {
        program(ProgramType.CGROUP_SOCK_ADDR, AttachType.CGROUP_INET4_CONNECT, 0).close();
      }
    },
    LOAD_XDP("load a program for all packets", Capability.CAP_BPF, Capability.CAP_NET_ADMIN) {
      @Override
      void run(Path cgroup) {
        program(ProgramType.XDP, null, 0).close();
        program(ProgramType.SCHED_CLS, null, 0).close();
      }
    },
    LOAD_SK_LOOKUP("load a program that picks a socket", Capability.CAP_BPF) {
      @Override
      void run(Path cgroup) {
        program(ProgramType.SK_LOOKUP, AttachType.SK_LOOKUP, 0).close();
        program(ProgramType.SK_REUSEPORT, AttachType.SK_REUSEPORT_SELECT, 0).close();
      }
    },
    LOAD_TRACING(
        "load a program that traces the kernel", Capability.CAP_BPF, Capability.CAP_PERFMON) {
      @Override
      void run(Path cgroup) {
        program(ProgramType.RAW_TRACEPOINT, null, 0).close();
        program(ProgramType.TRACEPOINT, null, 0).close();
        program(ProgramType.PERF_EVENT, null, 0).close();
      }
    },
    ATTACH_CONNECT("attach it to a cgroup", Capability.CAP_BPF, Capability.CAP_NET_ADMIN) {
      @Override
      void run(Path cgroup) {
        try (var program =
                program(ProgramType.CGROUP_SOCK_ADDR, AttachType.CGROUP_INET4_CONNECT, 0);
            var link = program.attachToCgroup(cgroup)) {
          if (link.programId() != program.id()) {
            throw new IllegalStateException("attached another");
          }
        }
      }
    },
    WALK("walk kernel objects by id", Capability.CAP_SYS_ADMIN) {
      @Override
      void run(Path cgroup) {
        try (var programs = KernelObjects.programs()) {
          var _ = programs.findFirst();
        }
      }
    },
    MOUNT("mount a BPF file system", Capability.CAP_SYS_ADMIN) {
      @Override
      void run(Path cgroup) {
        BpfFs.mountDetached().close();
      }
    },
    END_A_SOCKET("end a socket of the network namespace", Capability.CAP_NET_ADMIN) {
      @Override
      void run(Path cgroup) {
        var loopback = InetAddress.ofLiteral("127.0.0.1");
        try (var server = new ServerSocket(0, 1, loopback);
            var client = new Socket(loopback, server.getLocalPort());
            var sockets = SockDiag.open()) {
          var found =
              sockets.tcp(SocketFilter.ALL.toPort(server.getLocalPort())).stream()
                  .filter(socket -> socket.local().getPort() == client.getLocalPort())
                  .toList();
          if (!sockets.destroy(found.getFirst())) {
            throw new IllegalStateException("it was gone");
          }
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    },
    MAKE_A_NETWORK_NAMESPACE("make a network namespace", Capability.CAP_SYS_ADMIN) {
      @Override
      void run(Path cgroup) {
        NetworkNamespace.create().close();
      }
    };

    private final String words;

    @SuppressWarnings("ImmutableEnumChecker") // nobody changes it
    private final Set<Capability> needed;

    Task(String words, Capability... needed) {
      this.words = words;
      this.needed = EnumSet.copyOf(List.of(needed));
    }

    abstract void run(Path cgroup);

    static void map(MapType type, int keySize, int valueSize, int entries, int flags) {
      var kernel = Kernel.running();
      var shape = new MapShape(type, keySize, valueSize, entries, flags);
      int _ = kernel.close(new MapCreator(kernel, new MapRef("m"), shape).create());
    }

    static BpfProgram program(ProgramType type, AttachType attachType, int flags) {
      var code = BpfCode.build(b -> b.mov(R0, 0).exit());
      return BpfProgram.load(
          new ProgramSpec("p", type, Optional.ofNullable(attachType), code, "GPL", flags));
    }
  }

  /** The program of the child: prints what each task came to. */
  static final class Child {
    private Child() {}

    public static void main(String[] args) {
      for (var task : Task.values()) {
        System.out.println(task.name() + " " + outcome(task, Path.of(args[0])));
      }
    }

    private static String outcome(Task task, Path cgroup) {
      try {
        task.run(cgroup);
        return "done";
      } catch (MissingPrivilegeException e) {
        return e.needed() + " " + e.getMessage();
      } catch (RuntimeException e) {
        return e.toString();
      }
    }
  }

  /** A process that does not have everything. */
  enum Who {
    ROOT(List.of()),
    ROOT_WITHOUT_CAPABILITIES(List.of("--securebits=+noroot,+noroot_locked")),
    BPF_ALONE(PrivilegeIT.NOBODY, Capability.CAP_BPF),
    BPF_AND_NET_ADMIN(PrivilegeIT.NOBODY, Capability.CAP_BPF, Capability.CAP_NET_ADMIN),
    BPF_AND_PERFMON(PrivilegeIT.NOBODY, Capability.CAP_BPF, Capability.CAP_PERFMON),
    NET_ADMIN_ALONE(PrivilegeIT.NOBODY, Capability.CAP_NET_ADMIN),
    ANYBODY(PrivilegeIT.NOBODY);

    @SuppressWarnings("ImmutableEnumChecker") // nobody changes it
    private final List<String> options;

    @SuppressWarnings("ImmutableEnumChecker") // nobody changes it
    private final Set<Capability> held;

    Who(List<String> options, Capability... held) {
      this.options = options;
      this.held = EnumSet.noneOf(Capability.class);
      this.held.addAll(List.of(held));
    }

    boolean may(Set<Capability> needed) {
      return this == ROOT || held.containsAll(needed);
    }

    List<String> prefix() {
      if (this == ROOT) {
        return List.of();
      }
      var list =
          held.stream()
              .map(
                  capability ->
                      ",+" + capability.name().substring("CAP_".length()).toLowerCase(Locale.ROOT))
              .collect(joining());
      var prefix = new ArrayList<>(List.of("setpriv"));
      prefix.addAll(options);
      prefix.add("--inh-caps=-all" + list);
      prefix.add("--bounding-set=-all" + list);
      if (!held.isEmpty()) {
        prefix.add("--ambient-caps=" + list.substring(1));
      }
      return prefix;
    }
  }

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  void aProcessMayDoWhatItHasTheCapabilitiesFor(Who who) throws Exception {
    var outcomes = new LinkedHashMap<Task, String>();
    try (var cgroup = ScratchCgroup.create();
        var child =
            ChildJvm.start(
                who.prefix(), readable(folder), List.of(), Child.class, cgroup.path().toString())) {
      for (String line : child.finish()) {
        int space = line.indexOf(' ');
        outcomes.put(Task.valueOf(line.substring(0, space)), line.substring(space + 1));
      }
    }
    assertEquals(Set.of(Task.values()), outcomes.keySet());
    assertAll(
        outcomes.entrySet().stream()
            .<Executable>map(e -> () -> check(who, e.getKey(), e.getValue())));
  }

  private static void check(Who who, Task task, String outcome) {
    if (who.may(task.needed)) {
      assertEquals("done", outcome, task.words);
      return;
    }
    var lacking = EnumSet.copyOf(task.needed);
    lacking.removeAll(who.held);
    assertEquals(
        "%s needs %s; this thread lacks %s"
            .formatted(task.needed, words(task.needed), words(lacking)),
        outcome.replaceFirst("] .* needs ", "] needs ").replaceFirst(" \\(kernel\\..*\\)$", ""),
        task.words);
  }

  private static String words(Set<Capability> capabilities) {
    return capabilities.stream().map(Enum::name).collect(joining(" and "));
  }

  /** Copies the classes to where everybody may read them. */
  private static List<Path> readable(Path folder) throws IOException {
    var everybody = PosixFilePermissions.fromString("rwxr-xr-x");
    Files.setPosixFilePermissions(folder, everybody);
    var copies = new ArrayList<Path>();
    for (var from : ChildJvm.classPath(Child.class).toList()) {
      var to = folder.resolve(copies.size() + "-" + from.getFileName());
      try (var files = Files.walk(from)) {
        for (var file : (Iterable<Path>) files::iterator) {
          var copy = to.resolve(from.relativize(file).toString());
          Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
          Files.setPosixFilePermissions(copy, everybody);
        }
      }
      copies.add(to);
    }
    return copies;
  }

  @Test
  void thePageOfErrorsSaysTheSame() throws IOException {
    var page = new LinkedHashMap<String, String>();
    var rows = ROW.matcher(Files.readString(PAGE));
    while (rows.find()) {
      page.put(rows.group(1), rows.group(2));
    }
    var tested = new LinkedHashMap<String, String>();
    for (var task : Task.values()) {
      tested.put(task.words, task.needed.stream().map(Enum::name).collect(joining(", ")));
    }
    assertEquals(Map.copyOf(tested), Map.copyOf(page));
  }

  @Test
  void withAllCapabilitiesNothingIsMissing() {
    // The counterpart in this JVM: what the kernel refuses here is no privilege.
    assertThrows(
        KernelErrorException.class,
        () -> BpfMap.create(MapSpec.hash(Fixtures.SERVICES, Codec.u32(), Codec.u32(), 0)));
  }
}
