package io.github.purebpf.benchmarks;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.asm.SourceLines;
import io.github.purebpf.bpf.BpfFs;
import io.github.purebpf.elf.BpfObject;
import io.github.purebpf.elf.ObjectMap;
import io.github.purebpf.elf.ObjectProgram;
import io.github.purebpf.testkit.ScratchCgroup;
import io.github.purebpf.uapi.MapType;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A server that greets whoever connects, a cgroup for those who do, and a BPF file system. All of
 * it goes with this process.
 */
final class StartStage implements Stage {
  private final Workshop workshop;
  private final List<Peer.Ready> peers;
  private final ScratchCgroup cgroup;
  private final BpfFs fs;
  private final Greeter server;

  private StartStage(
      Workshop workshop, List<Peer.Ready> peers, ScratchCgroup cgroup, BpfFs fs, Greeter server) {
    this.workshop = workshop;
    this.peers = peers;
    this.cgroup = cgroup;
    this.fs = fs;
    this.server = server;
  }

  static StartStage open(Workshop workshop, List<Peer.Ready> peers) throws IOException {
    var server = Greeter.start(Starts.SERVER, 0, 'g');
    var fs = BpfFs.mountDetached();
    var stage = new StartStage(workshop, peers, ScratchCgroup.create(), fs, server);
    Files.write(stage.object(), elf());
    return stage;
  }

  private static byte[] elf() {
    var program =
        new ObjectProgram("connect4", "cgroup/connect4", Programs.connect4(SourceLines.OMITTED));
    var services = ObjectMap.of(Programs.SERVICES, MapShape.of(MapType.HASH, 4, 4, 1024));
    return new BpfObject(List.of(program), List.of(services), "GPL").toElf(ByteOrder.nativeOrder());
  }

  Path object() {
    return workshop.folder().resolve("connect4.o");
  }

  /** A folder for pins. */
  Path pins() {
    return fs.path();
  }

  int port() {
    return server.port();
  }

  ScratchCgroup cgroup() {
    return cgroup;
  }

  String client() {
    return workshop.program("first").toString();
  }

  @Override
  public List<Contender> start() {
    return peers.stream().<Contender>map(peer -> new Starter(peer, this)).toList();
  }

  @Override
  public void close() throws IOException {
    server.close();
    cgroup.close();
    fs.close();
  }
}
