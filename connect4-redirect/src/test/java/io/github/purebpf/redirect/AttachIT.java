package io.github.purebpf.redirect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.BpfFs;
import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.NotCgroup2Exception;
import io.github.purebpf.bpf.ProgramSpec;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.OpenFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.testkit.ScratchCgroup;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@RequiresKernel
@NoLeakedFds
class AttachIT {
  private static final String LINK = "anon_inode:bpf_link";

  /** A program attached without flags tolerates no other; this one blocks the second hook only. */
  @Test
  void bothHooksAreAttachedOrNone() throws IOException, InterruptedException {
    var bpftool = Tool.require("bpftool");
    var proceed = BpfCode.build(b -> b.returning(1));
    try (var cgroup = ScratchCgroup.create();
        var pins = BpfFs.mountDetached();
        var jealous = BpfProgram.load(ProgramSpec.connect6("jealous", proceed));
        var redirect = Connect4Redirect.open()) {
      var pin = pins.path().resolve("jealous");
      jealous.pin(pin);
      bpftool.run(
          "cgroup", "attach", cgroup.toString(), "cgroup_inet6_connect", "pinned", pin.toString());
      int links = OpenFds.now().count(LINK);
      var e = assertThrows(KernelErrorException.class, () -> redirect.attach(cgroup.path()));
      assertEquals("BPF_LINK_CREATE EPERM", e.command() + " " + e.errnoName());
      assertEquals(links, OpenFds.now().count(LINK));
      var tree = bpftool.run("cgroup", "show", cgroup.toString());
      assertTrue(tree.contains("jealous") && !tree.contains("rd_connect4"), tree);
    }
  }

  @Test
  void theProgramsStandBesideThoseOfOthers() throws IOException, InterruptedException {
    var bpftool = Tool.require("bpftool");
    try (var cgroup = ScratchCgroup.create();
        var one = Connect4Redirect.open()) {
      one.attach(cgroup.path());
      try (var two = Connect4Redirect.open()) {
        two.attach(cgroup.path());
        var both = bpftool.run("cgroup", "show", cgroup.toString());
        assertEquals(2, count(both, "rd_connect4"), both);
        assertEquals(2, count(both, "rd_connect6"), both);
      }
      var rest = bpftool.run("cgroup", "show", cgroup.toString());
      assertEquals(1, count(rest, "rd_connect4"), rest);
      assertEquals(1, count(rest, "rd_connect6"), rest);
    }
  }

  private static int count(String text, String word) {
    return text.split(word, -1).length - 1;
  }

  @Test
  void whatIsNoCgroupIsRefused(@TempDir Path folder) {
    try (var redirect = Connect4Redirect.open()) {
      assertThrows(NotCgroup2Exception.class, () -> redirect.attach(folder));
      assertThrows(NotCgroup2Exception.class, () -> redirect.attach(folder.resolve("none")));
    }
  }

  @Test
  void aCgroupThatIsRemovedDoesNotHinderTheEnd() throws IOException {
    try (var redirect = Connect4Redirect.open()) {
      try (var cgroup = ScratchCgroup.create()) {
        redirect.attach(cgroup.path());
      }
    }
  }
}
