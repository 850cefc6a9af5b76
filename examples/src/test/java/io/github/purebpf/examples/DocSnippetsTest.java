package io.github.purebpf.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compiles the Java snippets of the README and the manual. The snippets of a page share a class:
 * declarations become its members, statements methods of their own, which are called if the page
 * says that they run.
 */
class DocSnippetsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern SNIPPET =
      Pattern.compile("^```java\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
  private static final Pattern DECLARATION =
      Pattern.compile("^(static|private|public|record|enum|interface|@|final class|class)");
  private static final String IMPORTS =
      """
      import static io.github.purebpf.insn.Cond.*;
      import static io.github.purebpf.insn.Reg.*;
      import static io.github.purebpf.uapi.BpfSockAddr.*;
      import static io.github.purebpf.uapi.Helper.*;
      import module java.base;
      import io.github.purebpf.asm.*;
      import io.github.purebpf.bpf.*;
      import io.github.purebpf.bpf.error.*;
      import io.github.purebpf.bpf.inspect.*;
      import io.github.purebpf.bpf.reader.*;
      import io.github.purebpf.bpf.features.*;
      import io.github.purebpf.bpf.sockdiag.*;
      import io.github.purebpf.btf.*;
      import io.github.purebpf.check.*;
      import io.github.purebpf.insn.*;
      import io.github.purebpf.junit.*;
      import io.github.purebpf.layout.*;
      import io.github.purebpf.redirect.*;
      import io.github.purebpf.redirect.consul.ConsulOptions;
      import io.github.purebpf.redirect.consul.ConsulTls;
      import io.github.purebpf.redirect.consul.ConsulToken;
      import io.github.purebpf.redirect.consul.ConsulWatch;
      import io.github.purebpf.redirect.controller.ContainerAddresses;
      import io.github.purebpf.redirect.controller.Controller;
      import io.github.purebpf.redirect.controller.ControllerOptions;
      import io.github.purebpf.redirect.source.ServerSource;
      import io.github.purebpf.text.*;
      import io.github.purebpf.uapi.*;
      import org.junit.jupiter.api.Test;
      """;

  /** What a page says whose snippets need no kernel. */
  private static final String RUNS = "compiled and run by a test";

  @TempDir Path out;

  static Stream<Path> pages() {
    try (var docs = Files.list(ROOT.resolve("docs"))) {
      return Stream.concat(Stream.of(ROOT.resolve("README.md")), docs.toList().stream())
          .filter(page -> page.toString().endsWith(".md"))
          .filter(page -> !snippets(page).isEmpty())
          .map(ROOT::relativize);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everySnippetCompiles(Path page) throws Exception {
    var diagnostics = new DiagnosticCollector<JavaFileObject>();
    var messages = new StringWriter();
    var compiler = ToolProvider.getSystemJavaCompiler();
    var source = source(snippets(ROOT.resolve(page)));
    boolean compiled =
        compiler
            .getTask(
                messages,
                null,
                diagnostics,
                List.of("-d", out.toString(), "-cp", classPath(), "-proc:none"),
                null,
                List.of(source))
            .call();
    assertEquals(List.of(), diagnostics.getDiagnostics(), () -> page + "\n" + messages + source);
    assertTrue(compiled, messages::toString);
    if (Files.readString(ROOT.resolve(page)).contains(RUNS)) {
      run();
    }
  }

  private void run() throws Exception {
    try (var loader = new URLClassLoader(new URL[] {out.toUri().toURL()})) {
      var snippets = loader.loadClass("Snippets");
      var constructor = snippets.getDeclaredConstructor();
      constructor.setAccessible(true);
      var page = constructor.newInstance();
      int ran = 0;
      for (var method : snippets.getDeclaredMethods()) {
        if (method.getName().startsWith("snippet")) {
          method.setAccessible(true);
          method.invoke(page);
          ran++;
        }
      }
      assertTrue(ran > 0, "no snippet to run");
    }
  }

  private static List<String> snippets(Path page) {
    try {
      return SNIPPET
          .matcher(Files.readString(page))
          .results()
          .map(result -> result.group(1))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Source source(List<String> snippets) {
    var members = new ArrayList<String>();
    for (var snippet : snippets) {
      members.add(
          DECLARATION.matcher(snippet).find()
              ? snippet
              : "void snippet" + members.size() + "() throws Exception {\n" + snippet + "}\n");
    }
    return new Source(IMPORTS + "class Snippets {\n" + String.join("\n", members) + "}\n");
  }

  /** The modules' jars and classes are on one of the two paths, whichever the run uses. */
  private static String classPath() {
    return Stream.of("java.class.path", "jdk.module.path")
        .map(System::getProperty)
        .filter(path -> path != null && !path.isEmpty())
        .reduce((a, b) -> a + java.io.File.pathSeparator + b)
        .orElseThrow();
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String text) {
      super(URI.create("string:///Snippets.java"), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
