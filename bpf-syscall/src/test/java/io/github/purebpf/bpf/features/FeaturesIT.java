package io.github.purebpf.bpf.features;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.insn.KernelVersion;
import io.github.purebpf.testkit.Bpftool;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.Helper;
import io.github.purebpf.uapi.MapType;
import io.github.purebpf.uapi.ProgramType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

@RequiresKernel
@NoLeakedFds
class FeaturesIT {
  /** Two answers that no kernel with CAP_SYS_ADMIN may have reason for. */
  @Test
  void whatEveryKernelHasIsAvailable() {
    for (var type : new ProgramType[] {ProgramType.SOCKET_FILTER, ProgramType.XDP}) {
      assertTrue(Features.of(type).isAvailable(), () -> type + ": " + Features.of(type));
    }
    for (var type : new MapType[] {MapType.HASH, MapType.ARRAY, MapType.LRU_HASH}) {
      assertTrue(Features.of(type).isAvailable(), () -> type + ": " + Features.of(type));
    }
    assertTrue(Features.of(AttachType.CGROUP_INET4_CONNECT).isAvailable());
    assertTrue(Features.of(KernelFeature.LINK_CREATE).isAvailable());
  }

  /** A feature that is there came with this release or an earlier one; so our tables are right. */
  @Test
  void nothingIsThereBeforeItsTime() {
    var report = Features.report();
    for (var feature : report.features()) {
      if (feature.outcome().isAvailable()) {
        assertTrue(feature.since().compareTo(report.kernel().version()) <= 0, feature::toString);
      }
    }
  }

  /** On this library's own reference kernel, everything up to it is known to be built in or not. */
  @Test
  void everyFeatureHasAnAnswer() {
    for (var feature : Features.report().features()) {
      assertTrue(!(feature.outcome() instanceof Outcome.Unknown), feature::toString);
    }
  }

  /**
   * bpftool tries program and map types, too. Where it says no and we do not, the type needs a
   * target, and bpftool does not tell EPERM from a type that is not there.
   */
  @Test
  void bpftoolSeesTheSameTypes() {
    var probed = Bpftool.run("feature", "probe", "-j");
    int compared = 0;
    var differences = new TreeMap<String, Outcome>();
    for (var type : ProgramType.values()) {
      var name = "have_" + type.name().toLowerCase(Locale.ROOT) + "_prog_type";
      compared += compare(probed, name, Features.of(type), differences);
    }
    for (var type : MapType.values()) {
      var name = "have_" + type.name().toLowerCase(Locale.ROOT) + "_map_type";
      compared += compare(probed, name, Features.of(type), differences);
    }
    assertTrue(compared >= 60, () -> probed);
    var documented = new HashSet<>(differences.keySet());
    documented.remove("have_tracing_prog_type");
    differences.forEach(
        (name, outcome) -> {
          if (outcome instanceof Outcome.Forbidden) {
            documented.remove(name);
          }
        });
    assertEquals(new HashSet<String>(), documented, differences::toString);
  }

  @Test
  void bpftoolReadsTheSameSettings() {
    var probed = Bpftool.run("feature", "probe", "-j");
    var report = Features.report();
    var settings =
        Map.of(
            "unprivileged_bpf_disabled", report.security().unprivilegedBpfDisabled(),
            "bpf_jit_enable", report.jit().enable(),
            "bpf_jit_harden", report.jit().harden(),
            "bpf_jit_kallsyms", report.jit().kallsyms());
    settings.forEach(
        (name, ours) -> {
          var theirs = "\"" + name + "\":" + ours.orElseThrow();
          assertTrue(probed.contains(theirs + ",") || probed.contains(theirs + "}"), theirs);
        });
    var limit = "\"bpf_jit_limit\":" + report.jit().limit().orElseThrow() + ",";
    assertTrue(probed.contains(limit), limit);
  }

  /** What bpftool calls miscellaneous are instructions and limits here. */
  @Test
  void bpftoolSeesTheSameInstructions() {
    var probed = Bpftool.run("feature", "probe", "-j");
    var differences = new TreeMap<String, Outcome>();
    var names =
        Map.of(
            "have_large_insn_limit", KernelFeature.LARGE_PROGRAMS,
            "have_bounded_loops", KernelFeature.BOUNDED_LOOPS,
            "have_v2_isa_extension", KernelFeature.JUMP_LESS,
            "have_v3_isa_extension", KernelFeature.JUMP32);
    names.forEach(
        (name, feature) ->
            assertEquals(1, compare(probed, name, Features.of(feature), differences), name));
    assertEquals(Map.of(), differences);
  }

  /**
   * What programs of a type may call here, bpftool lets them call, too. Not the other way round:
   * until it learnt the verifier's newer words it took every refusal for a yes.
   */
  @Test
  void bpftoolLetsCallWhatMayBeCalled() {
    var probed = Bpftool.run("feature", "probe", "-j");
    var lists = new EnumMap<ProgramType, Set<String>>(ProgramType.class);
    for (var type : ProgramType.values()) {
      var key = "\"" + type.name().toLowerCase(Locale.ROOT) + "_available_helpers\":\\[([^\\]]+)]";
      var found = Pattern.compile(key).matcher(probed);
      if (found.find()) {
        lists.put(type, Set.of(found.group(1).replace("\"", "").split(",")));
      }
    }
    assertTrue(lists.size() >= 20, probed);
    var known = new HashSet<String>();
    lists.values().forEach(known::addAll);
    assertTrue(known.contains("bpf_map_lookup_elem"), known::toString);
    var differences = new TreeSet<String>();
    lists.forEach(
        (type, theirs) -> {
          for (var helper : Helper.values()) {
            if (known.contains(helper.kernelName())
                && Features.of(helper, type).isAvailable()
                && !theirs.contains(helper.kernelName())) {
              differences.add(type + " " + helper);
            }
          }
        });
    assertEquals(Set.of(), differences);
  }

  private static int compare(
      String probed, String name, Outcome ours, Map<String, Outcome> differences) {
    var found = Pattern.compile("\"" + name + "\":(true|false)").matcher(probed);
    if (!found.find()) {
      return 0; // younger than this bpftool
    }
    if (found.group(1).equals("true") != ours.isAvailable()) {
      differences.put(name, ours);
    }
    return 1;
  }

  @Test
  void programsThatGoInBetweenAreAvailableOrForbiddenByPolicy() {
    var outcome = Features.of(KernelFeature.TRAMPOLINES);
    if (!outcome.isAvailable()) {
      var forbidden = assertInstanceOf(Outcome.Forbidden.class, outcome);
      assertTrue(forbidden.needs().isEmpty());
      assertEquals(
          "refused by this kernel's policy, EPERM although the capabilities are there",
          forbidden.reason());
    }
  }

  @Test
  void whatIsYoungerThanTheKernelSaysWhatItNeeds() {
    var report = Features.report();
    var single = report.features().stream().filter(f -> f.name().equals("BPF_F_CPU")).findFirst();
    if (report.kernel().version().compareTo(new KernelVersion(7, 0)) < 0) {
      assertEquals("missing: needs Linux 7.0", single.orElseThrow().outcome().toString());
    }
  }

  @Test
  void helpersBelongToTypes() {
    assertTrue(Features.of(Helper.REDIRECT, ProgramType.XDP).isAvailable());
    assertTrue(Features.of(Helper.BIND, ProgramType.CGROUP_SOCK_ADDR).isAvailable());
    var missing =
        assertInstanceOf(Outcome.Missing.class, Features.of(Helper.BIND, ProgramType.XDP));
    assertTrue(missing.reason().contains("bpf_bind"), missing::reason);
  }

  @Test
  void theReportKnowsTheMachine() throws Exception {
    var report = Features.reportWithHelpers();
    assertEquals(
        Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip(), report.kernel().release());
    assertTrue(
        report.machine().possibleCpus().orElseThrow()
            >= Runtime.getRuntime().availableProcessors());
    assertEquals(0, report.machine().pageSize().orElseThrow() % 4096);
    assertTrue(report.security().capabilities().contains(Capability.CAP_SYS_ADMIN));
    report.jit().limit().ifPresent(limit -> assertTrue(limit > 4096, () -> "limit " + limit));
    assertEquals(ProgramType.values().length, report.helpers().size());
    assertTrue(report.toString().contains("BPF_PROG_TYPE_XDP"));
    assertTrue(report.toJson().contains("\"name\": \"BPF_MAP_TYPE_HASH\""));
  }
}
