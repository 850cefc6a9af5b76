package io.github.purebpf.redirect;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.BpfMap;
import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.Codec;
import io.github.purebpf.bpf.MapSpec;
import io.github.purebpf.bpf.ProgramSpec;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.insn.MapRef;
import java.lang.invoke.MethodHandles;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Which server each virtual address is mapped to: a map in the kernel, which the programs of a
 * {@link Connect4Redirect} read at every connect.
 *
 * <p>Pinned in a directory of a BPF file system, it is reachable for other processes, which change
 * it while connects are being made.
 *
 * <p>The map is a {@code BPF_MAP_TYPE_HASH} of {@link #CAPACITY} entries. The key is {@code struct
 * { __be32 address; __be16 port; __u16 protocol; }} with the protocol 6, TCP; the value is one
 * {@code __u64} in the machine's order, {@code user_ip4 | (__u64) user_port << 32}, both as {@code
 * struct bpf_sock_addr} holds them.
 *
 * <p>All methods can be called from any thread.
 */
public final class RedirectTable implements AutoCloseable {
  /** How many virtual addresses there is room for. */
  public static final int CAPACITY = 65_536;

  private static final MapSpec<TableKey, TableValue> SPEC =
      MapSpec.hash(
          new MapRef("redirects"),
          Codec.of(TableKey.STRUCT, MethodHandles.lookup()),
          Codec.of(TableValue.STRUCT, MethodHandles.lookup()),
          CAPACITY);

  private final BpfMap<TableKey, TableValue> map;
  private Optional<PinFolder> folder = Optional.empty();

  private RedirectTable(BpfMap<TableKey, TableValue> map) {
    this.map = map;
  }

  /**
   * Makes an empty table.
   *
   * @throws io.github.purebpf.bpf.error.BpfException if the kernel refuses; its kinds say why
   */
  public static RedirectTable create() {
    return new RedirectTable(BpfMap.create(SPEC));
  }

  /**
   * Opens the table that another process has pinned.
   *
   * @param directory the one that was given to {@link #pin}
   * @throws PinException if there is none
   * @throws io.github.purebpf.bpf.error.BpfException if the kernel refuses; its kinds say why
   */
  public static RedirectTable openPinned(Path directory) {
    return new RedirectTable(PinFolder.open(directory, SPEC));
  }

  /**
   * Maps a virtual address to a server, in place of the server that it was mapped to, if any.
   *
   * @throws TableFullException if it is new and there is no room for it
   */
  public void put(VirtualAddress vip, Server server) {
    try {
      map.put(TableKey.of(vip), TableValue.of(server));
    } catch (KernelErrorException e) {
      if (e.errnoName().equals("E2BIG")) {
        throw new TableFullException(e);
      }
      throw e;
    }
  }

  /**
   * Takes a virtual address out.
   *
   * @return whether it was in
   */
  public boolean remove(VirtualAddress vip) {
    return map.remove(TableKey.of(vip));
  }

  /** The server that a virtual address is mapped to. */
  public Optional<Server> get(VirtualAddress vip) {
    return map.get(TableKey.of(vip)).map(TableValue::server);
  }

  /**
   * What is in the table, by ascending virtual address. What others change meanwhile may be in it
   * or not.
   *
   * @throws IllegalStateException if others remove entries faster than they can be read
   */
  public SortedMap<VirtualAddress, Server> list() {
    var entries = new TreeMap<VirtualAddress, Server>();
    if (!map.forEach((key, value) -> entries.put(key.vip(), value.server()))) {
      throw new IllegalStateException("the table changes faster than it can be read; try again");
    }
    return Collections.unmodifiableSortedMap(entries);
  }

  /**
   * Makes the table reachable for other processes, which {@linkplain #openPinned open} it: pins the
   * map as {@code table} in a directory, until {@link #close} or the directory's file system ends.
   * After a {@code kill -9} the pin stays.
   *
   * @param directory in a BPF file system; missing directories are made, for their owner only
   * @throws AlreadyPinnedException if the directory holds a table
   * @throws PinException if it is in no BPF file system, or its name has a dot
   * @throws java.io.UncheckedIOException if it cannot be made or is not accessible
   * @throws io.github.purebpf.bpf.error.BpfException if the kernel refuses for another reason
   * @throws IllegalStateException if this table is pinned already
   */
  public synchronized void pin(Path directory) {
    if (folder.isPresent()) {
      throw new IllegalStateException("this table is pinned already");
    }
    folder = Optional.of(PinFolder.create(directory, map));
  }

  /** Loads a program that reads this table. */
  BpfProgram load(
      String name,
      BiFunction<String, BpfCode, ProgramSpec> spec,
      Function<MapRef, BpfCode> program) {
    return BpfProgram.load(spec.apply(name, program.apply(SPEC.name())), map);
  }

  /** Unpins the table if it was pinned here, and lets go of it. A second time does nothing. */
  @Override
  public synchronized void close() {
    try (map) {
      folder.ifPresent(pinned -> pinned.remove(SPEC));
      folder = Optional.empty();
    }
  }
}
