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
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What peers find when they start: rings and the programs that fill them, pinned in a file system
 * of this process; a cgroup of its own; and files with the programs. All of it goes when this is
 * closed, and all but the files when this process is killed.
 */
final class Stage implements AutoCloseable {
  private static final List<Integer> LENGTHS = List.of(16, 256);

  private final BpfFs fs;
  private final ScratchCgroup cgroup;
  private final Path files;

  /** What writes into the ring "live" of a peer, by the pin of the ring. */
  private final Map<Path, BpfProgram> producers = new HashMap<>();

  private Stage(BpfFs fs, ScratchCgroup cgroup, Path files) {
    this.fs = fs;
    this.cgroup = cgroup;
    this.files = files;
  }

  /**
   * Sets up.
   *
   * @param files a folder
   */
  static Stage open(Path files, List<Peer.Ready> peers) throws IOException {
    var fs = BpfFs.mountDetached();
    ScratchCgroup cgroup;
    try {
      cgroup = ScratchCgroup.create();
    } catch (IOException e) {
      fs.close();
      throw e;
    }
    var stage = new Stage(fs, cgroup, Files.createDirectories(files));
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

  /** The cgroup to attach to. */
  Path cgroup() {
    return cgroup.path();
  }

  /** The folder with the programs. */
  Path files() {
    return files;
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
