package io.github.purebpf.redirect.controller;

import io.github.purebpf.redirect.CgroupWork;
import io.github.purebpf.redirect.CgroupsBelow;
import java.nio.file.Path;

/** Leases an address to each cgroup that other work has begun on. */
record LeasingWork(CgroupWork work, Controller controller) implements CgroupWork {
  @Override
  public void prepare(CgroupsBelow cgroups) {
    work.prepare(cgroups);
  }

  @Override
  public Begun begin(Path cgroup) {
    var begun = work.begin(cgroup);
    boolean done = false;
    try {
      var _ = controller.lease(cgroup);
      done = true;
      return begun;
    } finally {
      if (!done) {
        begun.close();
      }
    }
  }
}
