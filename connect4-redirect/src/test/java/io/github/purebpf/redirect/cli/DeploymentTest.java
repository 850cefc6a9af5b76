package io.github.purebpf.redirect.cli;

import static io.github.purebpf.redirect.cli.ParsedYaml.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.redirect.cli.metrics.ParsedExposition;
import io.github.purebpf.redirect.controller.ControllerStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The files below {@code deploy}, and the pages that show them. */
class DeploymentTest {
  private static final Path DEPLOY = Path.of("deploy");
  private static final Path BASE = DEPLOY.resolve("kubernetes").resolve("base");
  private static final Path DOCS = Path.of("..", "docs");
  private static final Pattern METRIC = Pattern.compile("connect4_redirect_[a-z_]+");
  private static final Pattern BLOCK =
      Pattern.compile("^```(yaml|ini|json)\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Path> filesBelow(Path folder, String... endings) throws IOException {
    try (var files = Files.walk(folder)) {
      return files
          .filter(file -> Arrays.stream(endings).anyMatch(file.toString()::endsWith))
          .sorted()
          .toList();
    }
  }

  private static Object daemonSet() {
    return ParsedYaml.parse(read(BASE.resolve("daemonset.yaml")));
  }

  private static Object pod() {
    return at(daemonSet(), "spec", "template", "spec");
  }

  private static Object container() {
    return at(pod(), "containers", 0);
  }

  @Test
  void everyManifestCanBeReadAndIsOfOneNamespace() throws IOException {
    var manifests = filesBelow(DEPLOY.resolve("kubernetes"), ".yaml");
    assertTrue(manifests.size() >= 7, manifests::toString);
    for (var manifest : manifests) {
      for (var document : ParsedYaml.parseAll(read(manifest))) {
        assertTrue(document.containsKey("apiVersion"), manifest::toString);
        var kind = at(document, "kind");
        if (!kind.equals("Kustomization")) {
          var name = kind.equals("Namespace") ? "name" : "namespace";
          assertEquals("connect4-redirect", at(document, "metadata", name), manifest::toString);
        }
      }
    }
  }

  @Test
  void whatIsAppliedIsEveryManifestButTheExampleOfASecret() throws IOException {
    var resources = at(ParsedYaml.parse(read(BASE.resolve("kustomization.yaml"))), "resources");
    var expected = new HashSet<Object>();
    filesBelow(BASE, ".yaml").forEach(file -> expected.add(file.getFileName().toString()));
    expected.removeAll(Set.of("kustomization.yaml", "secret.example.yaml"));
    assertEquals(expected, new HashSet<>((List<?>) resources));
  }

  @Test
  void theContainerHasTwoCapabilitiesAndNoMore() {
    var security = at(container(), "securityContext");
    assertEquals(
        Map.of("drop", List.of("ALL"), "add", List.of("BPF", "NET_ADMIN")),
        at(security, "capabilities"));
    assertEquals(false, at(security, "privileged"));
    assertEquals(false, at(security, "allowPrivilegeEscalation"));
    assertEquals(true, at(security, "readOnlyRootFilesystem"));
    assertEquals("RuntimeDefault", at(security, "seccompProfile", "type"));
    assertFalse(((Map<?, ?>) pod()).containsKey("hostPID"));
    assertEquals(false, at(pod(), "automountServiceAccountToken"));
  }

  @Test
  void onlyTheFolderOfThePinsCanBeWritten() {
    var writable = new ArrayList<Object>();
    for (var mount : (List<?>) at(container(), "volumeMounts")) {
      if (!Boolean.TRUE.equals(((Map<?, ?>) mount).get("readOnly"))) {
        writable.add(at(mount, "name"));
      }
    }
    assertEquals(List.of("bpffs"), writable);
    for (var name : List.of("bpffs", "cgroup")) {
      var mount =
          ((List<?>) at(container(), "volumeMounts"))
              .stream().filter(m -> at(m, "name").equals(name)).findFirst().orElseThrow();
      assertEquals("HostToContainer", at(mount, "mountPropagation"));
    }
  }

  @Test
  void everyVolumeAndEverySettingThatIsUsedIsThere() {
    var volumes = new HashSet<Object>();
    ((List<?>) at(pod(), "volumes")).forEach(volume -> volumes.add(at(volume, "name")));
    var mounts = new HashSet<Object>();
    ((List<?>) at(container(), "volumeMounts")).forEach(mount -> mounts.add(at(mount, "name")));
    assertEquals(volumes, mounts);
    var data = (Map<?, ?>) at(ParsedYaml.parse(read(BASE.resolve("config.yaml"))), "data");
    var variables = new HashSet<Object>();
    for (var variable : (List<?>) at(container(), "env")) {
      variables.add(at(variable, "name"));
      var from = (Map<?, ?>) at(variable, "valueFrom");
      if (from.containsKey("configMapKeyRef")) {
        assertTrue(data.containsKey(at(from, "configMapKeyRef", "key")), from::toString);
      }
    }
    assertTrue(data.containsKey("ca.pem"));
    var used = Pattern.compile("\\$\\((\\w+)\\)").matcher(at(container(), "args").toString());
    var names = new TreeSet<String>();
    while (used.find()) {
      names.add(used.group(1));
    }
    assertEquals(Set.of("CGROUP", "CONSUL", "HOST_IP", "VIP"), names);
    assertTrue(variables.containsAll(names), variables::toString);
  }

  @Test
  void lifeDoesNotDependOnConsulAndTheEndOfAPodDetachesNothing() {
    assertEquals("/healthz", at(container(), "livenessProbe", "httpGet", "path"));
    assertEquals("/readyz", at(container(), "readinessProbe", "httpGet", "path"));
    assertEquals("/readyz", at(container(), "startupProbe", "httpGet", "path"));
    assertFalse(((Map<?, ?>) container()).containsKey("lifecycle"));
    var annotations = at(daemonSet(), "spec", "template", "metadata", "annotations");
    assertEquals("9464", at(annotations, "prometheus.io/port"));
    assertEquals(9464, at(container(), "ports", 0, "containerPort"));
    assertTrue(((List<?>) at(container(), "args")).contains("--listen=$(HOST_IP):9464"));
  }

  /**
   * The same words in the unit and in the pod, so that what is written about one holds for both.
   */
  @Test
  void theUnitAndThePodRunTheSameCommand() {
    var pod = new TreeSet<String>();
    for (var argument : (List<?>) at(container(), "args")) {
      pod.add(((String) argument).replaceAll("=.*", ""));
    }
    var unit = new TreeSet<String>();
    var command = read(DEPLOY.resolve("systemd/connect4-redirect.service"));
    int begin = command.indexOf("controller --pin");
    for (var word :
        command.substring(begin, command.indexOf("\n#", begin)).split("[\\s\\\\]+", -1)) {
      if (word.startsWith("--") || word.equals("controller")) {
        unit.add(word);
      }
    }
    assertEquals(pod, unit);
  }

  @Test
  void theUnitSetsEveryVariableThatItUses() {
    var settings = read(DEPLOY.resolve("systemd/controller.env"));
    var used =
        Pattern.compile("\\$\\{(\\w+)}")
            .matcher(read(DEPLOY.resolve("systemd/connect4-redirect.service")));
    int found = 0;
    while (used.find()) {
      assertTrue(settings.contains("\n" + used.group(1) + "="), used.group());
      found++;
    }
    assertEquals(4, found);
  }

  @Test
  void theDashboardShowsEveryFigureThatIsToldAndNoOther() {
    var text = read(DEPLOY.resolve("grafana/connect4-redirect.json"));
    var dashboard = ParsedYaml.parse(text);
    var shown = new TreeSet<String>();
    var ids = new HashSet<Object>();
    for (var panel : (List<?>) at(dashboard, "panels")) {
      assertTrue(ids.add(at(panel, "id")), panel::toString);
      assertFalse(((String) at(panel, "description")).isBlank(), panel::toString);
      for (var target : (List<?>) at(panel, "targets")) {
        METRIC.matcher((String) at(target, "expr")).results().forEach(r -> shown.add(r.group()));
      }
    }
    var told = told();
    assertEquals(new TreeSet<>(told.keySet()), shown);
    METRIC
        .matcher(text)
        .results()
        .forEach(result -> assertTrue(told.containsKey(result.group()), result.group()));
  }

  /** What the controller tells at {@code /metrics}. */
  private static Map<String, ?> told() {
    var status =
        new ControllerStatus(
            "a test", true, Duration.ZERO, Optional.of("why"), List.of(), List.of());
    return ParsedExposition.parse(
            Metrics.of(States.some(0), CgroupNames.find(Set.of())) + ControllerMetrics.of(status))
        .families();
  }

  @Test
  void everyRuleIsAboutAFigureThatIsToldAndNamesWhatToDo() {
    var told = told();
    var page = read(DOCS.resolve("operations.md"));
    var rules = ParsedYaml.parse(read(DEPLOY.resolve("prometheus/rules.yaml")));
    var all = (List<?>) at(rules, "groups", 0, "rules");
    for (var rule : all) {
      int figures = 0;
      var used = METRIC.matcher((String) at(rule, "expr"));
      while (used.find()) {
        assertTrue(told.containsKey(used.group()), used.group());
        figures++;
      }
      assertTrue(figures > 0, rule::toString);
      var heading = (String) at(rule, "annotations", "runbook");
      assertTrue(
          page.contains(
              "\n### " + Character.toUpperCase(heading.charAt(0)) + heading.substring(1) + "\n"),
          heading);
    }
    assertTrue(all.size() > 3);
  }

  @Test
  void theCommandTakesWhatTheSidecarGivesIt() {
    var sidecar = ParsedYaml.parse(read(DEPLOY.resolve("envoy/sidecar.yaml")));
    var words = new ArrayList<String>();
    for (var argument : (List<?>) at(sidecar, "spec", "initContainers", 0, "args")) {
      var word = ((String) argument).replace("$(POD_NAME)", "web-1");
      if (!word.startsWith("--token-file=") && !word.startsWith("--out=/bootstrap/")) {
        words.add(word);
      }
    }
    var result = Result.of(words.toArray(String[]::new));
    assertEquals(ExitCode.OK, result.exitCode(), result.err());
    assertEquals("web-1-sidecar-proxy", at(ParsedYaml.parse(result.out()), "node", "id"));
  }

  /**
   * A block of a page that has the name of a file in the line before is in that file as it stands.
   */
  @Test
  void whatThePagesShowIsInTheFiles() {
    int compared = 0;
    for (var name : List.of("consul.md", "operations.md")) {
      var page = read(DOCS.resolve(name));
      var blocks = BLOCK.matcher(page);
      while (blocks.find()) {
        var before = page.substring(0, blocks.start()).stripTrailing();
        var line = before.substring(before.lastIndexOf('\n') + 1);
        var file = Pattern.compile("\\(\\.\\./connect4-redirect/(deploy/[^)]+)\\)").matcher(line);
        assertTrue(file.find(), () -> "no file is named before\n" + blocks.group());
        var inFile = read(Path.of(file.group(1)));
        assertTrue(inFile.contains(blocks.group(2)), () -> file.group(1) + "\n" + blocks.group());
        compared++;
      }
    }
    assertTrue(compared >= 3, "blocks: " + compared);
  }

  @Test
  void whatThePagesLinkToIsThere() {
    var link = Pattern.compile("\\]\\(([^)#:]+)(#[^)]*)?\\)");
    for (var name : List.of("consul.md", "operations.md")) {
      link.matcher(read(DOCS.resolve(name)))
          .results()
          .forEach(
              result ->
                  assertTrue(
                      Files.exists(DOCS.resolve(result.group(1))), name + ": " + result.group(1)));
    }
  }
}
