package io.github.purebpf.redirect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Containers are known by the names of folders, which each runtime makes in its own way. */
class ContainerTest {
  private static final String A = "a1b2c3d4e5f6".repeat(5) + "0000";
  private static final String B = "a1b2c3d4e5f6".repeat(5) + "1111";
  private static final String C = "0123456789abcdef".repeat(4);

  @Provide
  Arbitrary<String> ids() {
    return Arbitraries.strings().withChars("0123456789abcdef").ofLength(64);
  }

  @Provide
  Arbitrary<String> schemes() {
    return Arbitraries.of(
        "%s",
        "docker-%s.scope",
        "cri-containerd-%s.scope",
        "crio-%s.scope",
        "crio-%s",
        "libpod-%s.scope",
        "libpod-payload-%s",
        "nerdctl-%s.scope",
        "kubepods-burstable-pod1_2.slice:cri-containerd:%s");
  }

  @Property
  void everyRuntimeNamesTheFolderAfterTheId(
      @ForAll("ids") String id, @ForAll("schemes") String scheme) {
    assertEquals(Optional.of(id), Container.idOf(Path.of(scheme.formatted(id))));
  }

  @Property
  void anIdOfAnotherLengthIsNone(@ForAll("ids") String id, @ForAll("schemes") String scheme) {
    for (var wrong : List.of(id.substring(1), id + "0", id.substring(1) + "g")) {
      assertEquals(Optional.empty(), Container.idOf(Path.of(scheme.formatted(wrong))));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "crio-conmon-%s.scope",
        "libpod-conmon-%s.scope",
        "conmon-%s",
        "var-lib-docker-containers-%s-mounts-shm.mount",
        "docker-%s.service",
        "docker%s.scope"
      })
  void whatStandsBesideAContainerIsNone(String name) {
    assertEquals(Optional.empty(), Container.idOf(Path.of(name.formatted(A))));
  }

  private static void make(Path top, String... folders) throws IOException {
    for (var folder : folders) {
      Files.createDirectories(top.resolve(folder));
    }
  }

  private static Set<String> found(Path top) {
    return Container.below(top).stream()
        .map(container -> top.relativize(container.cgroup()).toString().replace('\\', '/'))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void theFolderIsTheContainersOwn(@TempDir Path top) throws IOException {
    var pod = "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/";
    var containerd = pod + "cri-containerd-" + A + ".scope";
    var docker = "system.slice/docker-" + C + ".scope";
    var inDocker = docker + "/docker/" + B;
    make(
        top,
        containerd + "/init.scope",
        containerd + "/system.slice/x.service",
        containerd + "/inner/" + A,
        pod + "crio-conmon-" + A + ".scope",
        inDocker + "/init");
    assertEquals(new TreeSet<>(Set.of(containerd, docker, inDocker)), found(top));
    assertEquals(top.resolve(containerd), Container.choose(A, Container.below(top)).cgroup());
  }

  @Test
  void withoutSystemdTheNameIsTheId(@TempDir Path top) throws IOException {
    var pod = "kubepods/besteffort/pod0a0a-1/" + A;
    make(top, pod, "docker/" + C);
    assertEquals(new TreeSet<>(Set.of(pod, "docker/" + C)), found(top));
  }

  @Property
  void allDigitsOrSomeChooseTheSame(@ForAll("ids") String id, @ForAll("ids") String other) {
    var one = new Container(id, Path.of("one"));
    var all =
        id.equals(other) ? List.of(one) : List.of(new Container(other, Path.of("other")), one);
    assertEquals(one, Container.choose(id, all));
    assertEquals(one, Container.choose("containerd://" + id, all));
    if (!other.startsWith(id.substring(0, 12))) {
      assertEquals(one, Container.choose(id.substring(0, 12), all));
    }
  }

  private static String complaint(String id, Container... all) {
    var e = assertThrows(ContainerIdException.class, () -> Container.choose(id, List.of(all)));
    return e.getMessage();
  }

  @Test
  void theBeginningOfTwoIdsIsRefused() {
    var a = new Container(A, Path.of("/a"));
    var b = new Container(B, Path.of("/b"));
    assertEquals(
        "a1b2c3d4e5f6 may be one of 2 containers; give more digits: " + A + ", " + B,
        complaint("a1b2c3d4e5f6", a, b, new Container(C, Path.of("/c"))));
  }

  @Test
  void aContainerWithTwoCgroupsIsRefused() {
    assertEquals(
        "the container %s has 2 cgroups; name one by its folder: /x, /y".formatted(A),
        complaint(A, new Container(A, Path.of("/x")), new Container(A, Path.of("/y")))
            .replace('\\', '/'));
  }

  @Test
  void aContainerThatIsNotThereIsRefusedAndTheOthersAreNamed() {
    var c = new Container(C, Path.of("/c"));
    assertEquals(
        "there is no cgroup of a container a1b2c3d4e5f6a; is it running? There are 0123456789ab",
        complaint("docker://a1b2c3d4e5f6a", c));
    assertEquals(
        "there is no cgroup of a container a1b2c3d4e5f6; nor of any other: look in the mount and"
            + " cgroup namespace of the host, and whether the containers have cgroups of version 2",
        complaint("a1b2c3d4e5f6"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "web", "0123456789a", "0123456789ABC", "docker://", "a1b2c3d4e5f6.."})
  void whatIsNoIdIsRefused(String text) {
    assertEquals(
        "\"%s\" is no id of a container; that is 64 digits of 0-9a-f, or the first 12 of them or more, as docker ps and crictl ps show it"
            .formatted(text),
        complaint(text, new Container(A, Path.of("/a"))));
  }
}
