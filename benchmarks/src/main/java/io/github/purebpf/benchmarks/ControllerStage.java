package io.github.purebpf.benchmarks;

import io.github.purebpf.bpf.BpfFs;
import io.github.purebpf.testkit.ScratchCgroup;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** Two servers that greet, a cgroup for who connects, and a BPF file system for the table. */
final class ControllerStage implements Stage {
  static final String FIRST = "127.77.0.2";
  static final String SECOND = "127.77.0.3";

  private final Workshop workshop;
  private final List<Peer.Ready> peers;
  private final ScratchCgroup cgroup;
  private final BpfFs fs;
  private final Greeter first;
  private final Greeter second;

  private ControllerStage(
      Workshop workshop,
      List<Peer.Ready> peers,
      ScratchCgroup cgroup,
      BpfFs fs,
      Greeter first,
      Greeter second) {
    this.workshop = workshop;
    this.peers = peers;
    this.cgroup = cgroup;
    this.fs = fs;
    this.first = first;
    this.second = second;
  }

  static ControllerStage open(Workshop workshop, List<Peer.Ready> peers) throws IOException {
    var first = Greeter.start(FIRST, 0, 'a');
    var second = Greeter.start(SECOND, first.port(), 'b');
    var fs = BpfFs.mountDetached();
    return new ControllerStage(workshop, peers, ScratchCgroup.create(), fs, first, second);
  }

  @Override
  public List<Contender> start() throws IOException {
    var started = new ArrayList<Contender>();
    try {
      for (var peer : peers) {
        var folder = cgroup.path().resolve(peer.key());
        Files.createDirectories(folder);
        var control =
            peer.key().equals(Peer.OWN)
                ? TableControl.start(peer, folder, fs.path().resolve("controller"), first.port())
                : ProxyControl.start(peer, workshop.folder(), first.port());
        started.add(control);
        var client =
            cgroup.execIn(
                folder,
                List.of(
                    workshop.program("first").toString(),
                    control.address(),
                    Integer.toString(control.port())));
        control.checkWith(client);
      }
      return started;
    } catch (IOException | RuntimeException e) {
      started.forEach(Contender::close);
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    first.close();
    second.close();
    cgroup.close();
    fs.close();
  }
}
