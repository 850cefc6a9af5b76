package io.github.purebpf.redirect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class CgroupsBelowTest {
  private static final Path TOP = Path.of("/cgroup/kubepods.slice").toAbsolutePath();
  private static final Path CLASS = TOP.resolve("kubepods-burstable.slice");
  private static final Path POD = CLASS.resolve("kubepods-burstable-pod12_34.slice");
  private static final Path GUARANTEED = TOP.resolve("kubepods-pod56_78.slice");

  @Test
  void childrenAreDirectlyBelow() {
    var children = CgroupsBelow.childrenOf(TOP.resolve("x").resolve(".."));
    assertTrue(children.contains(CLASS));
    assertFalse(children.contains(POD));
    assertFalse(children.contains(TOP));
    assertFalse(children.contains(TOP.resolveSibling("other").resolve("child")));
    assertTrue(children.mayBeBelow(TOP));
    assertFalse(children.mayBeBelow(CLASS));
  }

  @Test
  void namedAreAtAnyDepthAndNoneIsBelowAnother() {
    var pods = CgroupsBelow.named(TOP, "*-pod*");
    assertTrue(pods.contains(POD));
    assertTrue(pods.contains(GUARANTEED));
    assertFalse(pods.contains(CLASS));
    assertFalse(pods.contains(POD.resolve("cri-containerd-1.scope")));
    assertFalse(pods.contains(POD.resolve("inner-pod1")));
    assertFalse(pods.contains(TOP.resolveSibling("other").resolve("a-pod1")));
    assertTrue(pods.mayBeBelow(CLASS));
  }

  @Test
  void theTopIsNoneOfThem() {
    assertFalse(CgroupsBelow.named(TOP, "*").contains(TOP));
  }

  @Test
  void aWrongGlobIsRefusedInOneLine() {
    var e = assertThrows(IllegalArgumentException.class, () -> CgroupsBelow.named(TOP, "{a"));
    assertTrue(e.getMessage().startsWith("the glob \"{a\" is wrong: Missing"), e.getMessage());
    assertEquals(1, e.getMessage().lines().count());
  }
}
