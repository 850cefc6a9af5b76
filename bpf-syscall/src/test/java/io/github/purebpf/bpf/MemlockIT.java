package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.error.MissingPrivilegeException;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The real limit, of JVMs of its own: what is lifted stays so. */
@RequiresKernel
class MemlockIT {
  private static final String KIBIBYTES = "prlimit --memlock=65536:65536";

  /**
   * The program of the child: prints the limit and what the kernel says to it, before and after.
   */
  static final class Child {
    private Child() {}

    public static void main(String[] args) throws IOException {
      print();
      try {
        Memlock.raise();
      } catch (MissingPrivilegeException e) {
        System.out.println(e.getMessage());
      }
      print();
    }

    private static void print() throws IOException {
      System.out.println(Memlock.limit());
      for (var line : Files.readAllLines(Path.of("/proc/self/limits"))) {
        if (line.startsWith("Max locked memory")) {
          System.out.println(line.strip().replaceAll(" +", " "));
        }
      }
    }
  }

  private static List<String> run(String... more) throws Exception {
    var prefix = new ArrayList<>(List.of(KIBIBYTES.split(" ", -1)));
    prefix.addAll(List.of(more));
    var classPath = ChildJvm.classPath(Child.class).toList();
    try (var child = ChildJvm.start(prefix, classPath, List.of(), Child.class)) {
      return child.finish();
    }
  }

  private static final List<String> LEFT =
      List.of(
          "OptionalLong[65536]",
          "Max locked memory 65536 65536 bytes",
          "prlimit of RLIMIT_MEMLOCK needs CAP_SYS_RESOURCE; this thread lacks CAP_SYS_RESOURCE",
          "OptionalLong[65536]",
          "Max locked memory 65536 65536 bytes");

  private static final List<String> LIFTED =
      List.of(
          "OptionalLong[65536]",
          "Max locked memory 65536 65536 bytes",
          "OptionalLong.empty",
          "Max locked memory unlimited unlimited bytes");

  /** Root in a container may lack the capability. */
  @Test
  void raiseLiftsBothLimitsOrSaysWhatItNeeds() throws Exception {
    long held = Kernel.running().privileges().capabilities();
    assertEquals(Capability.CAP_SYS_RESOURCE.isSetIn(held) ? LIFTED : LEFT, run());
  }

  @Test
  void withoutTheCapabilityItSaysSoAndLeavesTheLimit() throws Exception {
    assertEquals(LEFT, run("setpriv", "--inh-caps=-sys_resource", "--bounding-set=-sys_resource"));
  }

  @Test
  void theLimitIsOfNoConcernToThisKernel() {
    // 5.11 and later: a small limit does not keep maps from being made, so nothing mentions it.
    var spec = MapSpec.hash(Fixtures.SERVICES, Codec.u32(), Codec.u32(), 0);
    var e = assertThrows(RuntimeException.class, () -> BpfMap.create(spec));
    assertEquals(-1, e.getMessage().indexOf("MEMLOCK"), e::getMessage);
  }
}
