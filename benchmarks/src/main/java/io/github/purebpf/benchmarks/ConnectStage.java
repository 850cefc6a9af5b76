package io.github.purebpf.benchmarks;

import io.github.purebpf.testkit.ScratchCgroup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A cgroup that all processes of connects are in: they go when it is closed, and when this process
 * is killed. The network namespaces have no names and go with them.
 */
final class ConnectStage implements Stage {
  private final Workshop workshop;
  private final List<Peer.Ready> peers;
  private final ScratchCgroup cgroup;

  private ConnectStage(Workshop workshop, List<Peer.Ready> peers, ScratchCgroup cgroup) {
    this.workshop = workshop;
    this.peers = peers;
    this.cgroup = cgroup;
  }

  static ConnectStage open(Workshop workshop, List<Peer.Ready> peers) throws IOException {
    return new ConnectStage(workshop, peers, ScratchCgroup.create());
  }

  @Override
  public List<Contender> start() throws IOException {
    var started = new ArrayList<Contender>();
    try {
      for (var peer : peers) {
        started.add(ConnectBed.open(peer, workshop, cgroup));
      }
      return started;
    } catch (IOException | RuntimeException e) {
      started.forEach(Contender::close);
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    cgroup.close();
  }
}
