package io.github.purebpf.benchmarks;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.asm.SourceLines;
import io.github.purebpf.redirect.dataplane.CgroupFilter;
import io.github.purebpf.redirect.dataplane.Hook;
import io.github.purebpf.redirect.dataplane.ProgramOptions;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** The program that each connect runs through, beside what clang makes of the same in C. */
final class Hooks implements Contest {
  private static final String CLANG = "clang";
  private static final String TITLE = "C by clang-22 -O2";
  private static final List<Integer> ADDRESSES = List.of(1, 10_000, 60_000);
  private static final int CONNECTS = 400;

  private static final List<Case> CASES =
      ADDRESSES.stream()
          .flatMap(count -> List.of(HookBed.Way.values()).stream().map(way -> of(way, count)))
          .toList();

  private static Case of(HookBed.Way way, int addresses) {
    return new Case(
        id(way, addresses),
        Case.Group.HOOK,
        "%s, %,d %s".formatted(title(way), addresses, addresses == 1 ? "address" : "addresses"),
        "run",
        Case.Timing.TOGETHER,
        CONNECTS,
        way == HookBed.Way.REWRITE ? Map.of() : Map.of(CLANG, 1.0));
  }

  /** What a way is. */
  static String title(HookBed.Way way) {
    return switch (way) {
      case SINGLE -> "hit, single";
      case LEAST -> "hit, least connections";
      case MISS -> "miss";
      case REWRITE -> "hit, rewriting without counting";
    };
  }

  /** The id of a case. */
  static String id(HookBed.Way way, int addresses) {
    return "hook-" + way.name().toLowerCase(Locale.ROOT) + "-" + addresses;
  }

  @Override
  public List<Case> cases() {
    return CASES;
  }

  /** A round takes little time, and differs from the next by a tenth. */
  @Override
  public int rounds(Mode mode) {
    return mode.rounds() * 5;
  }

  @Override
  public List<Peer> prepare(Workshop workshop) throws IOException, InterruptedException {
    var own = new Peer.Ready(Peer.OWN, "purebpf", "", List.of(), List.of());
    var twin = ClangTwin.find(workshop);
    if (twin.isEmpty()) {
      return List.of(own, Workshop.missing(CLANG, TITLE, ClangTwin.PACKAGES));
    }
    return List.of(
        own,
        new Peer.Ready(CLANG, TITLE, Workshop.version("clang-22", "clang"), List.of(), List.of()));
  }

  @Override
  public Stage open(Workshop workshop, List<Peer.Ready> peers)
      throws IOException, InterruptedException {
    var options = ProgramOptions.ofKernel(CgroupFilter.ALL);
    var codes = new HashMap<String, Function<HookBed.Way, BpfCode>>();
    var own = Hook.CONNECT4.code(options);
    var ownRewrite = Programs.connect4(SourceLines.OMITTED, HookBed.PLAIN);
    codes.put(Peer.OWN, way -> way == HookBed.Way.REWRITE ? ownRewrite : own);
    var twin = ClangTwin.find(workshop);
    if (twin.isPresent()) {
      var theirs = twin.get().compile("cgroup/connect4");
      var theirRewrite = twin.get().compile("cgroup/connect4_plain");
      codes.put(CLANG, way -> way == HookBed.Way.REWRITE ? theirRewrite : theirs);
    }
    return new HookStage(options, peers, codes);
  }

  /** A bed for each number of addresses, made when it is needed. */
  private static final class HookStage implements Stage {
    private final ProgramOptions options;
    private final List<Peer.Ready> peers;
    private final Map<String, Function<HookBed.Way, BpfCode>> codes;
    private final Map<Integer, HookBed> beds = new HashMap<>();

    HookStage(
        ProgramOptions options,
        List<Peer.Ready> peers,
        Map<String, Function<HookBed.Way, BpfCode>> codes) {
      this.options = options;
      this.peers = peers;
      this.codes = codes;
    }

    @Override
    public List<Contender> start() {
      return peers.stream().<Contender>map(peer -> new Runs(peer, this)).toList();
    }

    Answer run(String peer, Case measured, int connects) {
      try {
        for (var way : HookBed.Way.values()) {
          for (int count : ADDRESSES) {
            if (measured.id().equals(id(way, count))) {
              return new Answer.Measured(
                  bed(count).measure(way, codes.get(peer).apply(way), connects));
            }
          }
        }
        throw new IllegalArgumentException(measured.id());
      } catch (IOException e) {
        return new Answer.Failed(e.getMessage());
      }
    }

    /** The only one whose client runs. */
    private HookBed bed(int addresses) throws IOException {
      for (var bed : beds.entrySet()) {
        if (bed.getKey() != addresses) {
          bed.getValue().rest();
        }
      }
      var bed = beds.get(addresses);
      if (bed == null) {
        bed = new HookBed(addresses, options);
        beds.put(addresses, bed);
      }
      return bed;
    }

    @Override
    public void close() throws IOException {
      for (var bed : beds.values()) {
        bed.close();
      }
    }
  }

  /** The runs of one program. */
  private record Runs(Peer.Ready peer, HookStage stage) implements Contender {
    @Override
    public Answer run(Case measured, int operations) {
      return stage.run(peer.key(), measured, operations);
    }

    @Override
    public Answer latency(Case measured, int operations) {
      return new Answer.Nothing("the kernel only counts");
    }

    @Override
    public void close() {}
  }
}
