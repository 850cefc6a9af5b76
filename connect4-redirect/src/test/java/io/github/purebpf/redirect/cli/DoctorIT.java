package io.github.purebpf.redirect.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.BpfFs;
import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.ProgramSpec;
import io.github.purebpf.redirect.Connect4Redirect;
import io.github.purebpf.redirect.Tool;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.testkit.ScratchCgroup;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What doctor says on this kernel, of cgroups that the test made. */
@RequiresKernel
@NoLeakedFds
class DoctorIT {
  private static void assertSays(String words, Result result) {
    assertTrue(result.out().contains(words), result.out());
  }

  @Test
  void whatTheRedirectorNeedsIsThere() {
    var out = Result.of("doctor").out();
    assertTrue(out.startsWith("ok       kernel        Linux "), out);
    assertTrue(out.contains(" connections to one server\n"), out);
    for (var feature :
        new String[] {
          "links to cgroups (BPF_LINK_TYPE_CGROUP)",
          "bpf_sk_storage_get at connect",
          "the hook CGROUP_INET4_CONNECT",
          "bpf_set_retval at connect"
        }) {
      assertTrue(out.contains("ok       feature       " + feature + "\n"), out);
    }
  }

  @Test
  void itSeesARedirectorAtWorkAndItsTable() throws IOException {
    try (var cgroup = ScratchCgroup.create();
        var pins = BpfFs.mountDetached();
        var redirect = Connect4Redirect.open()) {
      var none = Result.of("doctor", "--cgroup=" + cgroup);
      assertSays("no redirector is at work in " + cgroup, none);
      redirect.attach(cgroup.path());
      var pin = pins.path().resolve("doctor");
      var absent = Result.of("doctor", "--pin=" + pin);
      assertEquals(ExitCode.PROBLEM, absent.exitCode());
      assertSays("-> start one with: connect4-redirect run --pin " + pin, absent);
      redirect.pin(pin);
      var result = Result.of("doctor", "--cgroup=" + cgroup, "--pin=" + pin);
      assertSays("a redirector is at work in " + cgroup + ", at all its hooks", result);
      assertSays("0 of 65536 virtual addresses", result);
      assertTrue(Result.of("doctor", "--json", "--pin=" + pin).out().startsWith("{\"worst\":\""));
    }
  }

  @Test
  void aProgramThatIsInTheWayIsNamed() throws IOException, InterruptedException {
    var bpftool = Tool.require("bpftool");
    var proceed = BpfCode.build(b -> b.returning(1));
    try (var cgroup = ScratchCgroup.create();
        var pins = BpfFs.mountDetached();
        var jealous = BpfProgram.load(ProgramSpec.connect6("jealous", proceed))) {
      var pin = pins.path().resolve("jealous");
      jealous.pin(pin);
      bpftool.run(
          "cgroup", "attach", cgroup.toString(), "cgroup_inet6_connect", "pinned", pin.toString());
      var result = Result.of("doctor", "--cgroup=" + cgroup);
      assertEquals(ExitCode.PROBLEM, result.exitCode());
      assertSays(
          "program %d (jealous) is attached to %s at CGROUP_INET6_CONNECT and tolerates none"
              .formatted(jealous.id(), cgroup),
          result);
      assertSays(
          "-> bpftool cgroup detach %s cgroup_inet6_connect id %d".formatted(cgroup, jealous.id()),
          result);
    }
  }
}
