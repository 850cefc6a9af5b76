package io.github.purebpf.benchmarks;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.asm.SourceLines;
import io.github.purebpf.bpf.BpfFs;
import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.RingBuffer;
import io.github.purebpf.testkit.ScratchCgroup;
import io.github.purebpf.text.AsmText;
import io.github.purebpf.text.Dialect;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What peers find when they start: rings and the programs that fill them, pinned in a file system
 * of this process; a cgroup of its own; and files with the programs. All of it goes when this is
 * closed, and all but the files when this process is killed.
 */
final class LibraryStage implements Stage {
  private static final List<Integer> LENGTHS = List.of(16, 256);

  private final List<Peer.Ready> peers;
  private final BpfFs fs;
  private final ScratchCgroup cgroup;
  private final Path files;

  /** What writes into the ring "live" of a peer, by the pin of the ring. */
  private final Map<Path, BpfProgram> producers = new HashMap<>();

  private LibraryStage(List<Peer.Ready> peers, BpfFs fs, ScratchCgroup cgroup, Path files) {
    this.peers = peers;
    this.fs = fs;
    this.cgroup = cgroup;
    this.files = files;
  }

  /**
   * Sets up.
   *
   * @param files a folder
   */
  static LibraryStage open(Path files, List<Peer.Ready> peers) throws IOException {
    var fs = BpfFs.mountDetached();
    ScratchCgroup cgroup;
    try {
      cgroup = ScratchCgroup.create();
    } catch (IOException e) {
      fs.close();
      throw e;
    }
    var stage = new LibraryStage(peers, fs, cgroup, Files.createDirectories(files));
    try {
      stage.write("connect4", Programs.connect4(SourceLines.OMITTED));
      stage.write("4096", Programs.large());
      for (var peer : peers) {
        stage.pin(peer.key());
      }
      return stage;
    } catch (IOException | RuntimeException e) {
      stage.close();
      throw e;
    }
  }

  @Override
  public List<Contender> start() throws IOException {
    var started = new ArrayList<Contender>();
    try {
      for (var peer : peers) {
        started.add(new LibraryPeer(start(peer), this));
      }
      return started;
    } catch (IOException e) {
      started.forEach(Contender::close);
      throw e;
    }
  }

  private PeerProcess start(Peer.Ready peer) throws IOException {
    var command = new ArrayList<>(peer.command());
    command.addAll(List.of(pins(peer.key()).toString(), cgroup.toString(), files.toString()));
    command.addAll(peer.mode());
    return PeerProcess.of(
        peer, new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  private void write(String name, BpfCode code) throws IOException {
    Files.writeString(files.resolve(name + ".s"), AsmText.print(code, Dialect.LLVM));
    Files.write(files.resolve(name + ".bin"), code.bind(_ -> 0).encode(ByteOrder.nativeOrder()));
  }

  private void pin(String peer) throws IOException {
    Files.createDirectory(pins(peer));
    for (int length : LENGTHS) {
      pinRing(peer, "ring", "fill", length);
      pinRing(peer, "live", "write", length);
    }
  }

  private void pinRing(String peer, String ringName, String programName, int length) {
    var path = pins(peer).resolve(ringName + length);
    try (var ring = RingBuffer.create(Programs.RING, Programs.RING_SIZE)) {
      var program = BpfProgram.load(Programs.fill(length), ring);
      producers.put(path, program);
      ring.pin(path);
      program.pin(pins(peer).resolve(programName + length));
    }
  }

  /** Where a peer finds its rings and programs. */
  Path pins(String peer) {
    return fs.path().resolve(peer);
  }

  /** Begins to write into the ring that the peer reads in a case. */
  Producers produce(String peer, Case measured) {
    var program = producers.get(pins(peer).resolve("live" + measured.recordLength()));
    return Producers.start(program, measured.producers());
  }

  @Override
  public void close() throws IOException {
    producers.values().forEach(BpfProgram::close);
    fs.close();
    cgroup.close();
  }
}
