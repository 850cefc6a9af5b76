package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.insn.MapRef;
import io.github.purebpf.testkit.Await;
import io.github.purebpf.testkit.Bpftool;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.testkit.ScratchCgroup;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Ten thousand rounds of make, load, attach, use and close leave nothing behind. They run in a JVM
 * of their own, which this one looks at from outside.
 */
@RequiresKernel
class FlatnessIT {
  private static final int WARM_UP = 500;
  private static final int ROUNDS = 10_000;

  /** Blocks of memory segments that the JVM itself may have in use, or not, at a moment. */
  private static final int SLACK = 8;

  private static final Pattern SEGMENTS = Pattern.compile("malloc=\\d+KB tag=Other #(\\d+)\\)");

  /** The program of the child: waits for a line before each part. */
  static final class Child {
    private Child() {}

    public static void main(String[] args) throws IOException {
      rounds(WARM_UP, Path.of(args[0]), args[1]);
      System.out.println("warm");
      int _ = System.in.read();
      rounds(ROUNDS, Path.of(args[0]), args[1]);
      System.out.println("done");
      int _ = System.in.read();
    }

    private static void rounds(int count, Path cgroup, String name) {
      var map = MapSpec.hash(new MapRef(name), Codec.u32(), Codec.u32(), 16);
      for (int i = 0; i < count; i++) {
        round(i, map, cgroup, name);
      }
    }

    private static void round(int i, MapSpec<Integer, Integer> spec, Path cgroup, String name) {
      var code = Fixtures.redirect(spec.name());
      try (var map = BpfMap.create(spec);
          var program = BpfProgram.load(ProgramSpec.connect4(name, code), map);
          var link = program.attachToCgroup(cgroup)) {
        map.put(i, i);
        if (!map.get(i).equals(Optional.of(i)) || link.programId() != program.id()) {
          throw new IllegalStateException("round " + i);
        }
      }
    }
  }

  @Test
  void tenThousandRoundsLeaveNothingBehind() throws Exception {
    var name = "flat" + ProcessHandle.current().pid();
    try (var cgroup = ScratchCgroup.create();
        var child =
            ChildJvm.start(
                List.of(),
                ChildJvm.classPath(Child.class).toList(),
                List.of("-XX:NativeMemoryTracking=summary", "-Xmx64m"),
                Child.class,
                cgroup.path().toString(),
                name)) {
      assertEquals("warm", child.readLine());
      var fds = descriptors(child.pid());
      int segments = segments(child.pid());

      child.writeLine();
      assertEquals("done", child.readLine());

      assertEquals(fds, descriptors(child.pid()));
      Await.until(
          "the memory segments of the rounds to be freed",
          () -> segments(child.pid()) <= segments + SLACK);
      Await.until("the kernel to free the programs", () -> !isThere("prog", name));
      Await.until("the kernel to free the maps", () -> !isThere("map", name));
      assertTrue(Files.exists(Path.of("/proc/" + child.pid())), "it still runs");
      child.writeLine();
      assertEquals(List.of(), child.finish());
    }
  }

  /** How many of each file or kind of object a process has open. */
  private static Map<String, Integer> descriptors(long pid) throws IOException {
    var kinds = new TreeMap<String, Integer>();
    try (var fds = Files.newDirectoryStream(Path.of("/proc/" + pid + "/fd"))) {
      for (var fd : fds) {
        try {
          var target = Files.readSymbolicLink(fd).toString();
          if (!target.startsWith("socket:")) { // those of jcmd
            kinds.merge(target, 1, Integer::sum);
          }
        } catch (NoSuchFileException gone) {
          // closed since the directory was read
        }
      }
    }
    return kinds;
  }

  /** The blocks that malloc has given a JVM for memory segments, after a garbage collection. */
  private static int segments(long pid) {
    jcmd(pid, "GC.run");
    var summary = jcmd(pid, "VM.native_memory", "summary");
    var segments = SEGMENTS.matcher(summary);
    assertTrue(segments.find(), summary);
    return Integer.parseInt(segments.group(1));
  }

  private static String jcmd(long pid, String... words) {
    var command = new ArrayList<>(List.of(ChildJvm.tool("jcmd").toString(), "" + pid));
    command.addAll(List.of(words));
    try {
      var process = new ProcessBuilder(command).redirectErrorStream(true).start();
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, process.waitFor(), output);
      return output;
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Links hold their programs, and programs their BTF: what has no program has neither. */
  private static boolean isThere(String kind, String name) {
    return Bpftool.run("-j", kind, "show").contains("\"name\":\"" + name + "\"");
  }
}
