package io.github.purebpf.uapigen;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.insn.KernelVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Holds the committed extract against the kernel this runs on. */
class ExtractIT {
  /** Fewer names in common than this and the comparison would say nothing. */
  private static final int FEWEST_SHARED = 300;

  @Test
  void committedExtractIsThatOfTheRunningKernelAsFarAsBothKnowTheSame() throws IOException {
    String committed = Files.readString(Path.of("src/main/data/uapi.txt"));
    String running = Extract.ofRunningKernel();
    if (release(running).equals(release(committed))) {
      assertEquals(committed, running);
      return;
    }
    var mine = numbers(committed);
    var theirs = numbers(running);
    mine.keySet().retainAll(theirs.keySet());
    assertTrue(mine.size() >= FEWEST_SHARED, () -> "only " + mine.size() + " names are shared");
    assertTrue(mine.containsKey("enum bpf_cmd BPF_PROG_LOAD"), "the first command is not shared");
    assertAll(
        mine.entrySet().stream()
            .map(e -> () -> assertEquals(e.getValue(), theirs.get(e.getKey()), e.getKey())));
  }

  @Test
  void comparisonSeesAFieldThatMoved() throws IOException {
    var before = numbers(Files.readString(Path.of("src/main/data/uapi.txt")));
    assertEquals("4 4", before.get("struct bpf_sock_addr user_ip4"));
    assertEquals("5", before.get("enum bpf_cmd BPF_PROG_LOAD"));
  }

  private static KernelVersion release(String extract) {
    return Uapi.parse(extract).kernel();
  }

  /** Values by constant, and offset with size by field; the ends of enums and arrays move. */
  private static Map<String, String> numbers(String extract) {
    var uapi = Uapi.parse(extract);
    var numbers = new HashMap<String, String>();
    uapi.enums()
        .forEach(
            (heading, constants) ->
                constants.stream()
                    .filter(c -> !c.name().startsWith("__"))
                    .forEach(c -> numbers.put(heading + " " + c.name(), c.value() + "")));
    uapi.structs()
        .forEach(
            (name, layout) ->
                layout
                    .slots()
                    .forEach(
                        s ->
                            numbers.put(
                                "struct " + name + " " + s.path(), s.offset() + " " + s.size())));
    return new TreeMap<>(numbers);
  }
}
