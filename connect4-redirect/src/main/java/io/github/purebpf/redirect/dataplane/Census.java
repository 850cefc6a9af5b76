package io.github.purebpf.redirect.dataplane;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.BpfLink;
import io.github.purebpf.bpf.BpfMap;
import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.Codec;
import io.github.purebpf.bpf.Iteration;
import io.github.purebpf.bpf.MapSpec;
import io.github.purebpf.bpf.NetworkNamespace;
import io.github.purebpf.bpf.ProgramSpec;
import io.github.purebpf.bpf.ProgramTarget;
import io.github.purebpf.bpf.error.BpfException;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.UnsupportedKernelException;
import io.github.purebpf.btf.Btf;
import io.github.purebpf.insn.KernelVersion;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.ProgramType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Counts connections that the programs of a redirector did not see begin, or will not see end: goes
 * through all TCP sockets of some cgroups, in the kernel.
 *
 * <p>What joins keeps in its socket storage what any connection does, and leaves the counters like
 * any other. Of one that was counted before, and left when its cgroup was detached, it is known
 * which virtual address it is of. Of others only the server is known; they count for the first
 * virtual address that has it, and are {@link SocketEntry#ADOPTED}: nobody may take them for
 * connections that were redirected.
 */
public final class Census {
  /**
   * What came of it.
   *
   * @param joined how many connections were counted in
   * @param unreachable which network namespaces could not be looked at, and why, in one line each
   */
  public record Outcome(long joined, List<String> unreachable) {
    /** Keeps a copy. */
    public Outcome {
      unreachable = List.copyOf(unreachable);
    }
  }

  private static final int ENOENT = 2;
  private static final Path KERNEL_TYPES = Path.of("/sys/kernel/btf/vmlinux");

  private final Dataplane dataplane;
  private final Set<Long> cgroups;

  /**
   * @param cgroups the ids of those whose sockets are meant
   */
  public Census(Dataplane dataplane, Set<Long> cgroups) {
    this.dataplane = dataplane;
    this.cgroups = Set.copyOf(cgroups);
  }

  /**
   * Counts in what is connected to the servers of a table. Nobody may change the table meanwhile.
   *
   * @throws BpfException if the kernel refuses; its kinds say why
   */
  public Outcome join(List<ServiceFigures> services) {
    var targets = new LinkedHashMap<CensusTarget.Key, CensusTarget>();
    for (var service : services) {
      long vip = service.image().vip();
      for (var backend : service.backends()) {
        var target = new CensusTarget(vip, backend.index(), 0);
        targets.put(new CensusTarget.Key(backend.server(), vip), target);
        if (backend.active()) {
          targets.putIfAbsent(new CensusTarget.Key(backend.server(), 0), target);
        }
      }
    }
    if (targets.isEmpty() || cgroups.isEmpty()) {
      return new Outcome(0, List.of());
    }
    var lookup = MethodHandles.lookup();
    var spec =
        MapSpec.hash(
            CensusPrograms.TARGETS,
            Codec.of(CensusTarget.Key.STRUCT, lookup),
            Codec.of(CensusTarget.STRUCT, lookup),
            targets.size());
    try (var map = BpfMap.create(spec);
        var meant = meant();
        var program = dataplane.load(spec("rd_join", CensusPrograms.join(types())), map, meant)) {
      map.putAll(targets);
      var unreachable = walk(program);
      long joined = map.toMap().values().stream().mapToLong(CensusTarget::found).sum();
      return new Outcome(joined, unreachable);
    }
  }

  /**
   * Counts out what is counted.
   *
   * @throws BpfException if the kernel refuses; its kinds say why
   */
  public Outcome leave() {
    if (cgroups.isEmpty()) {
      return new Outcome(0, List.of());
    }
    try (var meant = meant();
        var program = dataplane.load(spec("rd_leave", CensusPrograms.leave(types())), meant)) {
      return new Outcome(0, walk(program));
    }
  }

  private BpfMap<Long, Integer> meant() {
    var map =
        BpfMap.create(MapSpec.hash(CensusPrograms.MEANT, Codec.u64(), Codec.u32(), cgroups.size()));
    Map<Long, Integer> all = new HashMap<>();
    cgroups.forEach(id -> all.put(id, 0));
    map.putAll(all);
    return map;
  }

  private static ProgramSpec spec(String name, BpfCode code) {
    return new ProgramSpec(
            name, ProgramType.TRACING, Optional.of(AttachType.TRACE_ITER), code, "GPL", 0)
        .withoutSourceInfo()
        .withTarget(new ProgramTarget.KernelSymbol("tcp"));
  }

  private static Btf types() {
    try {
      return Btf.read(KERNEL_TYPES);
    } catch (IOException e) {
      var missing =
          new UnsupportedKernelException(
              "connections cannot be looked for without the kernel's types in "
                  + KERNEL_TYPES
                  + " (CONFIG_DEBUG_INFO_BTF)",
              "open",
              ENOENT,
              "CONFIG_DEBUG_INFO_BTF",
              new KernelVersion(5, 2));
      missing.initCause(e);
      throw missing;
    }
  }

  /**
   * Runs a program for each socket of each network namespace that the cgroups have processes in.
   */
  private List<String> walk(BpfProgram program) {
    var namespaces = NetworkNamespaces.of(cgroups);
    var unreachable = new ArrayList<>(namespaces.hidden());
    try (var link = program.attach(new Iteration.Whole())) {
      for (var place : namespaces.places()) {
        try {
          walk(link, place);
        } catch (BpfException e) {
          unreachable.add("network namespace " + place.inode() + ": " + e.getMessage());
        }
      }
    }
    return unreachable;
  }

  private static void walk(BpfLink link, NetworkNamespaces.Place place) {
    if (place.own()) {
      walk(link);
      return;
    }
    for (var path : place.paths()) {
      try (var namespace = NetworkNamespace.open(path)) {
        namespace.call(
            () -> {
              walk(link);
              return OptionalInt.empty();
            });
        return;
      } catch (KernelErrorException e) {
        if (!e.errnoName().equals("ENOENT") && !e.errnoName().equals("ESRCH")) {
          throw e;
        }
        // What the path is named after has ended.
      }
    }
  }

  private static void walk(BpfLink link) {
    try (var sockets = link.openIterator()) {
      sockets.readAllBytes(); // nothing is written
    } catch (IOException e) {
      throw new UncheckedIOException("the sockets cannot be gone through", e);
    }
  }
}
