package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.testkit.Bpftool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** How others see a link. */
final class LinkOracle {
  private LinkOracle() {}

  /** Both see the same program; bpftool tells more only about the kinds that it knows. */
  static void agrees(BpfLink link, BpfProgram program) {
    String shown = Bpftool.run("-j", "link", "show", "id", Integer.toString(link.id()));
    assertTrue(shown.contains("\"id\":%d,".formatted(link.id())), shown);
    assertTrue(shown.contains("\"prog_id\":%d".formatted(program.id())), shown);
    assertEquals(program.id(), link.programId());
    assertEquals(program.id(), link.info().programId());
  }

  /** What the kernel itself writes about the link in {@code /proc}. */
  static Map<String, String> fdInfo(BpfLink link) throws IOException {
    String text =
        link.withFd(
            fd -> {
              try {
                return Files.readString(Path.of("/proc/self/fdinfo/" + fd));
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
    var fields = new HashMap<String, String>();
    text.lines()
        .map(line -> line.split(":", 2))
        .filter(parts -> parts.length == 2)
        .forEach(parts -> fields.put(parts[0].strip(), parts[1].strip()));
    return fields;
  }

  static KernelErrorException refused(String errno, String words, Runnable attempt) {
    var e = assertThrows(KernelErrorException.class, attempt::run);
    assertEquals(errno, e.errnoName(), e::getMessage);
    assertTrue(e.getMessage().contains(words), e::getMessage);
    return e;
  }

  /** The kernel changes no program of links of this kind, and they end only when closed. */
  static void isFixed(BpfLink link, BpfProgram other) {
    refused("EINVAL", "links of this kind have no update", () -> link.update(other));
    refused("EOPNOTSUPP", "links of this kind end only when they are closed", link::detach);
  }
}
