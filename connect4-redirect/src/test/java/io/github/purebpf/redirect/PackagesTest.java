package io.github.purebpf.redirect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.Utf8Entry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which packages the ones around a controller know; none knows one that knows it. */
class PackagesTest {
  private static final String ROOT = "redirect";

  /** {@code redirect} itself has no name of its own behind the slash. */
  private static final Pattern NAMED =
      Pattern.compile("io/github/purebpf/redirect/(?:([a-z]+)/)?[A-Z]");

  private static final Map<String, Set<String>> KNOWN =
      Map.of(
          "pace", Set.of(),
          "json", Set.of(),
          "source", Set.of(ROOT, "pace"),
          "consul", Set.of(ROOT, "json", "pace", "source"),
          "controller", Set.of(ROOT, "pace", "source"));

  @Test
  void dependenciesPointOneWay() throws Exception {
    var place = Path.of(Server.class.getResource("Server.class").toURI()).getParent();
    for (var one : KNOWN.entrySet()) {
      try (var files = Files.list(place.resolve(one.getKey()))) {
        var named = new TreeSet<String>();
        files
            .filter(file -> file.toString().endsWith(".class"))
            .forEach(f -> named.addAll(names(f)));
        assertFalse(named.isEmpty(), one.getKey());
        named.remove(one.getKey());
        assertEquals(new TreeSet<>(one.getValue()), named, one.getKey());
      }
    }
  }

  private static Set<String> names(Path file) {
    var names = new TreeSet<String>();
    try {
      for (var entry : ClassFile.of().parse(file).constantPool()) {
        if (entry instanceof Utf8Entry text) {
          names.addAll(names(text.stringValue()).toList());
        }
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return names;
  }

  private static Stream<String> names(String text) {
    return NAMED
        .matcher(text)
        .results()
        .map(found -> found.group(1) == null ? ROOT : found.group(1));
  }
}
