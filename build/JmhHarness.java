import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.ToolProvider;
import org.openjdk.jmh.generators.bytecode.JmhBytecodeGenerator;

/**
 * Writes the harness of compiled JMH benchmarks and compiles it, on its own and not with the
 * benchmarks, because the warnings that the gate forbids are not for generated code.
 */
final class JmhHarness {
  private JmhHarness() {}

  /**
   * @param args the folder of the compiled benchmarks, and one for the harness's sources
   */
  public static void main(String[] args) throws Exception {
    var classes = args[0];
    var sources = Files.createDirectories(Path.of(args[1]));
    JmhBytecodeGenerator.main(new String[] {classes, sources.toString(), classes});
    var options = new ArrayList<>(List.of("-nowarn", "-proc:none", "-d", classes));
    options.addAll(List.of("-cp", classes + ":" + System.getProperty("java.class.path")));
    options.addAll(javaFiles(sources));
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(null, System.out, System.err, options.toArray(String[]::new));
    System.exit(result);
  }

  private static List<String> javaFiles(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      return files.map(Path::toString).filter(file -> file.endsWith(".java")).sorted().toList();
    }
  }
}
