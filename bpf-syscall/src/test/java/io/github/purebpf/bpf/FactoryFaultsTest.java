package io.github.purebpf.bpf;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.purebpf.bpf.error.BpfException;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.btf.Btf;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.MapType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.BaseStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever opens something leaves nothing open when it fails, whichever of its calls it is that
 * fails, and how. The factories are found by reflection: a new one is tested as it comes.
 */
class FactoryFaultsTest {
  private static final Set<Integer> ERRNOS =
      Set.of(Errno.EPERM, Errno.EINVAL, Errno.ENOENT, Errno.ENOSPC, Errno.EMFILE);

  /** More calls than any factory makes. */
  private static final int MOST_CALLS = 200;

  /** They open nothing in the kernel, or as another does. */
  private static final Set<String> NONE =
      Set.of("OpenObjects.track", "NetworkNamespace.current", "StructOpsMap.set");

  /** A struct of functions with the name of all things here. */
  private static final Btf TYPES = StructOpsMapTest.types("name");

  @TempDir private static Path folder;

  /** A kernel whose n-th call fails once it is armed. */
  private static final class Faults {
    final FakeKernel fake = new FakeKernel();
    private final int failing;
    private final int errno;
    private boolean armed;
    private int calls;

    Faults(int failing, int errno) {
      this.failing = failing;
      this.errno = errno;
      fake.lowest = 0; // so that every descriptor is moved, which may fail as well
      fake.takesBtf = true;
    }

    Kernel kernel() {
      return (Kernel)
          Proxy.newProxyInstance(
              Kernel.class.getClassLoader(),
              new Class<?>[] {Kernel.class},
              (_, method, args) -> call(method, args));
    }

    private Object call(Method method, Object[] args) throws Throwable {
      boolean gives = Set.of("close", "unmap").contains(method.getName());
      if (armed && !gives && ++calls == failing) {
        return switch (method.getReturnType().getName()) {
          case "int" -> -errno;
          case "long" -> (long) -errno;
          default -> throw new UncheckedIOException(new IOException("no /proc"));
        };
      }
      try {
        return method.invoke(fake, args);
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }
  }

  /** What is closed after the factory was tried. */
  private static final class Arguments {
    private final Kernel kernel;
    private final List<KernelObject> made = new ArrayList<>();

    Arguments(Kernel kernel) {
      this.kernel = kernel;
    }

    private <T extends KernelObject> T keep(T object) {
      made.add(object);
      return object;
    }

    Object of(Class<?> type, Class<?> owner) {
      if (type == Kernel.class) {
        return kernel;
      } else if (type == Path.class) {
        return folder;
      } else if (type == MapSpec.class) {
        return owner == PerCpuMap.class
            ? new MapSpec<>(Fixtures.SERVICES, MapType.PERCPU_HASH, Codec.u32(), Codec.u32(), 16, 0)
            : Fixtures.SERVICES_SPEC;
      } else if (type == MapRef.class) {
        return Fixtures.SERVICES;
      } else if (type == Codec.class) {
        return Codec.u32();
      } else if (type == ProgramSpec.class) {
        return ProgramSpec.connect4("pass", Fixtures.PASS);
      } else if (type == BpfProgram.class) {
        return keep(BpfProgram.load(kernel, ProgramSpec.connect4("pass", Fixtures.PASS)));
      } else if (type == BpfMap.class || type == KernelMap.class) {
        var array = MapSpec.array(Fixtures.SERVICES, Codec.u32(), 2 * 4096).mappable();
        return keep(BpfMap.create(kernel, owner == null ? array : Fixtures.SERVICES_SPEC));
      } else if (type == BpfLink.class) {
        return keep(((BpfProgram) of(BpfProgram.class, owner)).attachToCgroup(folder));
      } else if (type == AttachPoint.class) {
        return new AttachPoint.Cgroup(folder);
      } else if (type == LoadOptions.class) {
        return LoadOptions.DEFAULT;
      } else if (type == PerfEventArray.class) {
        return keep(PerfEventArray.create(kernel, Fixtures.SERVICES));
      } else if (type == UserRingBuffer.class) {
        return keep(UserRingBuffer.create(kernel, Fixtures.SERVICES, 4096));
      } else if (type == StackTraces.Frames.class) {
        return StackTraces.ADDRESSES;
      } else if (type == Btf.class) {
        return TYPES;
      } else if (type == StructOpsMap.class) {
        return keep(StructOpsMap.create(kernel, TYPES, Fixtures.SERVICES, "name"));
      } else if (type == long.class) {
        return 1L << 44;
      } else if (type == RingBuffer.class) {
        return keep(RingBuffer.create(kernel, Fixtures.SERVICES, 4096));
      } else if (type == Duration.class) {
        return Duration.ZERO;
      } else if (type == Optional.class) {
        return Optional.empty();
      } else if (type == int.class || type == Integer.class) {
        return 4096;
      } else if (type == String.class) {
        return "name";
      } else if (type.isArray()) {
        return Array.newInstance(type.componentType(), 0);
      } else if (type.isEnum()) {
        return type.getEnumConstants()[0];
      }
      throw new AssertionError("say here how to make a " + type.getName());
    }

    void close() {
      made.forEach(KernelObject::close);
    }
  }

  /** How a factory came off. */
  private record Outcome(int calls, String thrown, Set<Integer> left) {}

  private static Outcome tryOut(Method factory, int failing, int errno) throws Exception {
    var faults = new Faults(failing, errno);
    faults.fake.fileSystem =
        Path.class.isAssignableFrom(factory.getReturnType())
            ? FakeKernel.BPF_FS
            : FakeKernel.CGROUP2;
    faults.fake.kind =
        BpfProgram.class.isAssignableFrom(factory.getReturnType())
            ? "bpf-prog"
            : BpfLink.class.isAssignableFrom(factory.getReturnType()) ? "bpf-link" : "bpf-map";
    var kernel = faults.kernel();
    String thrown = "";
    var arguments = new Arguments(kernel);
    var receiver =
        Modifier.isStatic(factory.getModifiers())
            ? null
            : arguments.of(factory.getDeclaringClass(), null);
    var values =
        Arrays.stream(factory.getParameterTypes())
            .map(type -> arguments.of(type, factory.getDeclaringClass()))
            .toArray();
    factory.setAccessible(true); // in the packages below this one
    faults.armed = true;
    try {
      var opened = (AutoCloseable) factory.invoke(receiver, values);
      if (opened != null) {
        opened.close();
      }
    } catch (InvocationTargetException e) {
      thrown = e.getCause().toString();
    } catch (BpfException e) { // of its close
      thrown = e.toString();
    }
    faults.armed = false;
    arguments.close();
    return new Outcome(faults.calls, thrown, Set.copyOf(faults.fake.open));
  }

  private static void leavesNothing(Method factory) throws Exception {
    var fine = tryOut(factory, 0, 0);
    assertTrue(fine.calls > 0, "asked the kernel for nothing: " + fine.thrown);
    assertEquals(Set.of(), fine.left, "without a fault");
    for (int errno : ERRNOS) {
      for (int n = 1; n < MOST_CALLS; n++) {
        var outcome = tryOut(factory, n, errno);
        int failed = n;
        assertEquals(
            Set.of(),
            outcome.left,
            () -> "call %d fails with %s: %s".formatted(failed, Errno.name(errno), outcome.thrown));
        if (outcome.calls < n) {
          break; // it makes no more
        }
        assertTrue(n < MOST_CALLS - 1, "it makes calls without end");
      }
    }
  }

  /** Whether its kernel can be a fake. */
  private static boolean takesKernel(Method method) {
    return Modifier.isStatic(method.getModifiers())
        ? method.getParameterCount() > 0 && method.getParameterTypes()[0] == Kernel.class
        : KernelObject.class.isAssignableFrom(method.getDeclaringClass());
  }

  private static boolean opens(Method method) {
    var type = method.getDeclaringClass();
    return AutoCloseable.class.isAssignableFrom(method.getReturnType())
        && !BaseStream.class.isAssignableFrom(method.getReturnType())
        && Modifier.isPublic(type.getModifiers())
        && !type.isRecord()
        && !type.isInterface()
        && !method.isSynthetic()
        && !Modifier.isPrivate(method.getModifiers());
  }

  /** All classes beside and below this package that are not tests. */
  private static List<Class<?>> classes() throws Exception {
    String file = BpfMap.class.getSimpleName() + ".class";
    var home = Path.of(URI.create(BpfMap.class.getResource(file).toString())).getParent();
    try (Stream<Path> files = Files.walk(home)) {
      var classes = new ArrayList<Class<?>>();
      for (var path : (Iterable<Path>) files.sorted()::iterator) {
        if (path.toString().endsWith(".class") && !path.toString().contains("internal")) {
          var name = home.relativize(path).toString().replace(".class", "").replace('/', '.');
          classes.add(Class.forName(BpfMap.class.getPackageName() + "." + name));
        }
      }
      return classes;
    }
  }

  /** The public factories and their overloads, by name. */
  private static Map<String, List<Method>> factories() throws Exception {
    var factories =
        classes().stream()
            .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
            .filter(FactoryFaultsTest::opens)
            .collect(groupingBy(FactoryFaultsTest::name, TreeMap::new, toList()));
    factories.values().removeIf(all -> all.stream().noneMatch(FactoryFaultsTest::isPublic));
    factories.keySet().removeAll(NONE);
    return factories;
  }

  /** All maps are opened by one method of their superclass, which that of BpfMap stands for. */
  private static boolean opensAnotherMap(Method method) {
    return method.getName().equals("openPinned")
        && KernelMap.class.isAssignableFrom(method.getDeclaringClass());
  }

  private static boolean isPublic(Method method) {
    return Modifier.isPublic(method.getModifiers());
  }

  private static String name(Method method) {
    return method.getDeclaringClass().getSimpleName() + "." + method.getName();
  }

  @TestFactory
  Stream<DynamicTest> leavesNothingOpenWhenItFails() throws Exception {
    return factories().values().stream()
        .flatMap(List::stream)
        .filter(FactoryFaultsTest::takesKernel)
        .map(method -> dynamicTest(name(method), () -> leavesNothing(method)));
  }

  @Test
  void everyPublicFactoryIsAmongThem() throws Exception {
    var factories = factories();
    assertFalse(factories.isEmpty());
    factories.values().removeIf(all -> all.stream().anyMatch(FactoryFaultsTest::takesKernel));
    factories.values().removeIf(all -> all.stream().allMatch(FactoryFaultsTest::opensAnotherMap));
    assertEquals(Set.of(), factories.keySet(), "give each an overload that takes the kernel");
  }
}
