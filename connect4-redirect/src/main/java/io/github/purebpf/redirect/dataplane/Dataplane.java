package io.github.purebpf.redirect.dataplane;

import io.github.purebpf.bpf.ArrayOfMaps;
import io.github.purebpf.bpf.BpfMap;
import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.Codec;
import io.github.purebpf.bpf.KernelMap;
import io.github.purebpf.bpf.MapSpec;
import io.github.purebpf.bpf.MappedArray;
import io.github.purebpf.bpf.ProgramSpec;
import io.github.purebpf.bpf.RingBuffer;
import io.github.purebpf.bpf.SocketStorage;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.sockdiag.SockDiag;
import io.github.purebpf.bpf.sockdiag.SocketFilter;
import io.github.purebpf.bpf.sockdiag.TcpState;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.layout.Struct;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The maps that programs and user space share. They live as long as anything has them: this object,
 * a program that is attached, or a pin.
 */
public final class Dataplane implements AutoCloseable {
  /** How many virtual addresses there is room for. */
  public static final int MOST_SERVICES = 65_536;

  /** How many servers there is room for, one that two virtual addresses share counted twice. */
  public static final int MOST_BACKENDS = 262_144;

  private static final int MOST_MEMBERS = 2 * MOST_BACKENDS;
  private static final int MOST_HOLDERS = 65_536;
  private static final int MOST_CGROUPS = 16_384;

  /** Room for some ten thousand events, in bytes. */
  private static final int EVENTS_SIZE = 1 << 20;

  private static final Codec<VipKey> KEYS =
      new WordCodec<>(VipKey.STRUCT, VipKey::word, VipKey::of);
  private static final MapSpec<VipKey, Slot> VIPS =
      MapSpec.hash(
          Maps.VIPS,
          KEYS,
          new WordCodec<>(Slot.STRUCT, Slot::index, word -> new Slot((int) word)),
          MOST_SERVICES);
  private static final MapSpec<Integer, ServiceEntry> SERVICES =
      array(Maps.SERVICES, ServiceEntry.STRUCT, MOST_SERVICES);
  private static final MapSpec<Integer, MemberEntry> MEMBERS =
      array(Maps.MEMBERS, MemberEntry.STRUCT, MOST_MEMBERS);
  private static final MapSpec<Integer, BackendEntry> BACKENDS =
      array(Maps.BACKENDS, BackendEntry.STRUCT, MOST_BACKENDS);
  private static final MapSpec<HolderKey, HolderEntry> HOLDERS =
      MapSpec.hash(Maps.HOLDERS, codec(HolderKey.STRUCT), codec(HolderEntry.STRUCT), MOST_HOLDERS);
  private static final MapSpec<Long, Integer> CGROUPS =
      MapSpec.hash(Maps.CGROUPS, Codec.u64(), Codec.u32(), MOST_CGROUPS);

  /** What a socket can be in that has a connection or makes one. */
  private static final SocketFilter HELD =
      SocketFilter.in(
          TcpState.ESTABLISHED,
          TcpState.SYN_SENT,
          TcpState.CLOSE_WAIT,
          TcpState.FIN_WAIT1,
          TcpState.FIN_WAIT2,
          TcpState.LAST_ACK,
          TcpState.CLOSING);

  private static final MapSpec<Integer, MetaEntry> META = array(Maps.META, MetaEntry.STRUCT, 1);
  private static final MapSpec<Long, String> WISHES =
      MapSpec.hash(Maps.WISHES, Codec.u64(), Wishes.PATHS, Wishes.MOST).withoutPreallocation();
  private static final MapSpec<VipKey, String> LEASES =
      MapSpec.hash(Maps.LEASES, KEYS, Wishes.PATHS, Leases.MOST).withoutPreallocation();
  private static final MapSpec<Integer, SourceNote.Entry> SOURCE_NOTE =
      MapSpec.array(Maps.SOURCE_NOTE, SourceNote.CODEC, 1);

  /** When CLOCK_MONOTONIC, which System.nanoTime reads on Linux, was 0 as of now. */
  private final Instant monotonicEpoch = Instant.now().minusNanos(System.nanoTime());

  private final List<KernelMap> maps = new ArrayList<>();
  private final List<MappedArray<?>> mappings = new ArrayList<>();
  private boolean closed;
  private final BpfMap<VipKey, Slot> vips;
  private final BpfMap<HolderKey, HolderEntry> holders;
  private final BpfMap<Long, Integer> cgroups;
  private final Records<ServiceEntry> services;
  private final Records<MemberEntry> members;
  private final Records<BackendEntry> backends;
  private final SocketStorage<SocketEntry> sockets;
  private final Wishes wishes;
  private final Leases leases;
  private final SourceNote sourceNote;
  private final RingBuffer events;
  private final Meta meta;

  /** How a map is made or opened. */
  private interface Source {
    <K, V> BpfMap<K, V> map(MapSpec<K, V> spec);

    SocketStorage<SocketEntry> sockets();

    RingBuffer events();
  }

  private Dataplane(Source source) {
    try {
      vips = keep(source.map(VIPS));
      services = mapped(source.map(SERVICES), ServiceEntry.STRUCT);
      members = mapped(source.map(MEMBERS), MemberEntry.STRUCT);
      backends = mapped(source.map(BACKENDS), BackendEntry.STRUCT);
      holders = keep(source.map(HOLDERS));
      cgroups = keep(source.map(CGROUPS));
      sockets = keep(source.sockets());
      wishes = new Wishes(keep(source.map(WISHES)));
      leases = new Leases(keep(source.map(LEASES)));
      sourceNote = new SourceNote(keep(source.map(SOURCE_NOTE)));
      events = keep(source.events());
      // The last to be pinned: where it is, the others are.
      meta = new Meta(mapped(source.map(META), MetaEntry.STRUCT));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private <M extends KernelMap> M keep(M map) {
    maps.add(map);
    return map;
  }

  private <S extends Record> Records<S> mapped(BpfMap<Integer, S> map, Struct<S> struct) {
    keep(map);
    return new Records<>(
        (first, count) -> map(map, first, count), struct, map.shape().maxEntries());
  }

  private MemorySegment map(BpfMap<?, ?> map, int first, int count) {
    synchronized (mappings) {
      if (closed) {
        throw new IllegalStateException("the maps are closed");
      }
      var memory = map.mapMemory(first, count);
      mappings.add(memory);
      return memory.memory();
    }
  }

  private static <S extends Record> MapSpec<Integer, S> array(
      MapRef name, Struct<S> struct, int size) {
    return MapSpec.array(name, codec(struct), size).mappable();
  }

  private static <S extends Record> Codec<S> codec(Struct<S> struct) {
    return Codec.of(struct, MethodHandles.lookup());
  }

  /**
   * Makes new maps.
   *
   * @throws io.github.purebpf.bpf.error.BpfException if the kernel refuses; its kinds say why
   */
  public static Dataplane create() {
    var made =
        new Dataplane(
            new Source() {
              @Override
              public <K, V> BpfMap<K, V> map(MapSpec<K, V> spec) {
                return BpfMap.create(spec);
              }

              @Override
              public SocketStorage<SocketEntry> sockets() {
                return SocketStorage.create(Maps.SOCKETS, codec(SocketEntry.STRUCT));
              }

              @Override
              public RingBuffer events() {
                return RingBuffer.create(Maps.EVENTS, EVENTS_SIZE);
              }
            });
    made.meta.nameLayout();
    return made;
  }

  /**
   * Opens those that are pinned in a folder.
   *
   * @throws IllegalArgumentException if one of them has another layout
   * @throws io.github.purebpf.bpf.error.BpfException if the kernel refuses; its kinds say why
   */
  public static Dataplane open(Path folder) {
    return new Dataplane(
        new Source() {
          @Override
          public <K, V> BpfMap<K, V> map(MapSpec<K, V> spec) {
            return BpfMap.openPinned(folder.resolve(spec.name().name()), spec);
          }

          @Override
          public SocketStorage<SocketEntry> sockets() {
            return SocketStorage.openPinned(
                folder.resolve(Maps.SOCKETS.name()), Maps.SOCKETS, codec(SocketEntry.STRUCT));
          }

          @Override
          public RingBuffer events() {
            return RingBuffer.openPinned(
                folder.resolve(Maps.EVENTS.name()), Maps.EVENTS, EVENTS_SIZE);
          }
        });
  }

  /** Pins each map under its name in a folder. */
  public void pin(Path folder) {
    maps.forEach(map -> map.pin(folder.resolve(map.name().name())));
  }

  /**
   * Whether all maps are pinned in a folder, which is not so if whoever pinned them was killed
   * meanwhile.
   */
  public static boolean isIn(Path folder) {
    return Files.exists(folder.resolve(Maps.META.name()), LinkOption.NOFOLLOW_LINKS);
  }

  /** Whether it is these maps that are pinned in a folder. */
  public boolean isPinnedIn(Path folder) {
    try (var pinned = BpfMap.openPinned(folder.resolve(Maps.VIPS.name()), VIPS)) {
      return pinned.id() == vips.id();
    } catch (IllegalArgumentException e) {
      return false; // it is of another layout
    } catch (KernelErrorException e) {
      if (e.errnoName().equals("ENOENT")) {
        return false;
      }
      throw e;
    }
  }

  /** Loads the program of a hook. */
  public BpfProgram load(Hook hook, ProgramOptions options) {
    return load(hook.spec(options));
  }

  /** Loads any program that refers to these maps, and maybe to others. */
  public BpfProgram load(ProgramSpec spec, KernelMap... others) {
    var all = new ArrayList<KernelMap>(maps);
    all.addAll(List.of(others));
    return BpfProgram.load(spec, all.toArray(KernelMap[]::new));
  }

  /** Changes and reads what the maps hold. */
  public Table table() {
    return table(services.size(), members.size(), backends.size());
  }

  /** One that uses a part of the arrays, and so has to reuse it soon. */
  Table table(int mostServices, int mostMembers, int mostBackends) {
    return new Table(
        new KernelVips(vips),
        services.first(mostServices),
        members.first(mostMembers),
        backends.first(mostBackends),
        meta,
        new RcuGrace(),
        this::forget);
  }

  /** Removes the containers of servers that nobody has a connection to. */
  private void forget(BitSet gone) {
    if (gone.isEmpty()) {
      return;
    }
    var keys = new ArrayList<HolderKey>();
    holders.forEach(
        (key, _) -> {
          if (gone.get(key.backend())) {
            keys.add(key);
          }
        });
    holders.removeAll(keys);
  }

  /** What the processes that share these maps tell one another. */
  public Meta meta() {
    return meta;
  }

  /** Begins to listen to what programs report; empty if somebody does. */
  public Optional<EventFeed> listen() {
    return EventFeed.open(meta, monotonicEpoch, events);
  }

  /** Where the programs shall be attached, if they are to stay. */
  public Wishes wishes() {
    return wishes;
  }

  /** Which virtual addresses were given to which cgroups. */
  public Leases leases() {
    return leases;
  }

  /** What is said of the source that the servers come from. */
  public SourceNote sourceNote() {
    return sourceNote;
  }

  /** Names a cgroup to the {@link CgroupFilter}. */
  public void listCgroup(long id) {
    cgroups.put(id, 0);
  }

  /** Takes it back; false if it was not named. */
  public boolean unlistCgroup(long id) {
    return cgroups.remove(id);
  }

  /** The ids of those that are named. */
  public Set<Long> listedCgroups() {
    return cgroups.toMap().keySet();
  }

  /** Who holds connections now. */
  public Holdings holders() {
    return new Holdings(holders.toMap(), monotonicEpoch);
  }

  /** The containers that hold connections to some servers now, by the indexes of these. */
  public Set<Long> cgroupsOf(Set<Integer> servers) {
    var cgroups = new HashSet<Long>();
    holders.forEach(
        (key, entry) -> {
          if (entry.open() > 0 && servers.contains(key.backend())) {
            cgroups.add(key.cgroup());
          }
        });
    return cgroups;
  }

  /**
   * The sockets of a network namespace that were redirected through these maps, and whose
   * connection is open or being made.
   *
   * @throws io.github.purebpf.bpf.error.BpfException as {@link SockDiag#tcp(SocketFilter,
   *     SocketStorage)} does
   */
  public List<RedirectedSocket> sockets(SockDiag namespace) {
    var list = new ArrayList<RedirectedSocket>();
    namespace
        .tcp(HELD, sockets)
        .forEach(
            (socket, entry) -> {
              if (entry.state() == SocketEntry.CONNECTING
                  || entry.state() == SocketEntry.ESTABLISHED) {
                list.add(
                    new RedirectedSocket(
                        socket,
                        entry.vip(),
                        entry.backend(),
                        entry.state() == SocketEntry.ESTABLISHED,
                        entry.cgroup(),
                        monotonicEpoch.plusNanos(entry.since())));
              }
            });
    return list;
  }

  @Override
  public void close() {
    synchronized (mappings) {
      closed = true;
      mappings.forEach(MappedArray::close);
    }
    maps.reversed().forEach(KernelMap::close);
  }

  private record KernelVips(BpfMap<VipKey, Slot> map) implements Table.Vips {
    @Override
    public OptionalInt slot(long vip) {
      var slot = map.get(VipKey.of(vip));
      return slot.isPresent() ? OptionalInt.of(slot.get().index()) : OptionalInt.empty();
    }

    @Override
    public boolean add(long vip, int slot) {
      return map.putIfAbsent(VipKey.of(vip), new Slot(slot));
    }

    @Override
    public void remove(long vip) {
      map.remove(VipKey.of(vip));
    }

    @Override
    public Map<Long, Integer> all() {
      var all = new HashMap<Long, Integer>();
      map.toMap().forEach((key, slot) -> all.put(key.word(), slot.index()));
      return all;
    }
  }

  /**
   * The kernel lets a change of a map of maps wait for all programs that may look at the old one,
   * which are all that run: {@code synchronize_rcu} behind {@code maybe_wait_bpf_programs}.
   */
  private static final class RcuGrace implements Table.Grace {
    private static final MapSpec<Integer, Integer> INNER =
        MapSpec.array(new MapRef("rd_inner"), Codec.u32(), 1);

    @Override
    public void await() {
      try (var inner = BpfMap.create(INNER);
          var outer = ArrayOfMaps.create(new MapRef("rd_grace"), inner, 1)) {
        outer.put(0, inner);
      }
    }
  }
}
