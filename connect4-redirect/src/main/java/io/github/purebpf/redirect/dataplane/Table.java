package io.github.purebpf.redirect.dataplane;

import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * Changes what the programs read while they read it. A program sees a virtual address as it was
 * before a change or as it is after it, and never the servers of another one:
 *
 * <ul>
 *   <li>an entry of {@code vips} names the same slot as long as it is there, and the slot says
 *       whose it is, because the kernel recycles entries at once;
 *   <li>a set of servers is written where nobody looks, and takes the place of the old one with one
 *       word, {@link ServiceEntry#head};
 *   <li>a slot, a set or a server that is out of use is written again only after a {@linkplain
 *       Grace grace period}, when no program is left that has seen it in use.
 * </ul>
 *
 * <p>What is in use can be told from the arrays alone, so that another process can go on with them.
 * Only one may change them at a time, which is up to the caller; he says {@link #begin} and {@link
 * #end}. Others may {@linkplain #read read} at the same time.
 */
public final class Table {
  /** The hash map from virtual addresses to slots. */
  interface Vips {
    /** The slot of an address. */
    OptionalInt slot(long vip);

    /** Adds one that is not there; false if there is no room for it. */
    boolean add(long vip, int slot);

    /** Removes one. */
    void remove(long vip);

    /** All of them. */
    Map<Long, Integer> all();
  }

  /** Waits until the programs that run now have ended. */
  interface Grace {
    /** Returns when they have. */
    void await();
  }

  /** Told of a server that is no more, so that nothing of it is left elsewhere. */
  interface Farewell {
    /** The indexes of servers that nobody has a connection to any more. */
    void to(BitSet backends);
  }

  private final Vips vips;
  private final Records<ServiceEntry> services;
  private final Records<MemberEntry> members;
  private final Records<BackendEntry> backends;
  private final Meta meta;
  private final Grace grace;
  private final Farewell farewell;

  /** The epoch of which the fields below tell. */
  private long knownEpoch;

  /** Whether a grace period has passed since the fields below were learned. */
  private boolean settled;

  /** Whether the fields below are true; if not, they are learned from the arrays. */
  private boolean known;

  private Regions slotsInUse;
  private Regions membersInUse;
  private Regions backendsInUse;

  /** By slot and {@link ServerWord}: the servers that are or were in the set of the slot. */
  private Map<Integer, Map<Long, Integer>> backendOf;

  // What no program that begins now finds any more.
  private List<Integer> retiredSlots;
  private List<Head> retiredSets;
  private BitSet retiredBackends;

  Table(
      Vips vips,
      Records<ServiceEntry> services,
      Records<MemberEntry> members,
      Records<BackendEntry> backends,
      Meta meta,
      Grace grace,
      Farewell farewell) {
    this.vips = vips;
    this.services = services;
    this.members = members;
    this.backends = backends;
    this.meta = meta;
    this.grace = grace;
    this.farewell = farewell;
  }

  /** Begins a change: learns anew what is in use if another process has changed something. */
  public void begin() {
    long epoch = meta.epoch();
    if (epoch != knownEpoch) {
      known = false;
    }
    // Odd until the end, and left so by whoever is killed before.
    meta.epoch(epoch | 1);
    VarHandle.fullFence();
    if (epoch == 0 && !known) {
      // Nobody has ever changed the arrays, so they need not be read.
      knowNothing();
      settled = true;
      known = true;
    }
    learn();
    settle();
  }

  /**
   * Ends a change.
   *
   * @param done false if something unforeseen broke it off, so that what is in use has to be
   *     learned anew
   */
  public void end(boolean done) {
    knownEpoch = (meta.epoch() | 1) + 1;
    known = done;
    meta.epoch(knownEpoch);
  }

  /**
   * Reads something while others may change it.
   *
   * @return empty if somebody changed something meanwhile, or was killed in the middle
   */
  public <T> Optional<T> read(Supplier<T> something) {
    long epoch = meta.epoch();
    if ((epoch & 1) != 0) {
      return Optional.empty();
    }
    if (epoch != knownEpoch) {
      known = false;
    }
    try {
      var read = something.get();
      if (isStill(epoch)) {
        knownEpoch = epoch;
        return Optional.of(read);
      }
    } catch (RuntimeException e) {
      // What does not fit together while it is changed may look like anything.
      if (isStill(epoch)) {
        throw e;
      }
    }
    known = false;
    return Optional.empty();
  }

  private boolean isStill(long epoch) {
    VarHandle.fullFence();
    return meta.epoch() == epoch;
  }

  /** Reads something while the caller keeps others from changing it. Changes nothing. */
  public <T> T readAlone(Supplier<T> something) {
    known = false;
    try {
      return something.get();
    } finally {
      known = false;
    }
  }

  private void knowNothing() {
    slotsInUse = new Regions(services.size());
    membersInUse = new Regions(members.size());
    backendsInUse = new Regions(backends.size());
    backendOf = new HashMap<>();
    retiredSlots = new ArrayList<>();
    retiredSets = new ArrayList<>();
    retiredBackends = new BitSet();
  }

  /** Learns what is in use from the arrays. */
  private void learn() {
    if (known) {
      return;
    }
    knowNothing();
    settled = false;
    var referenced = new BitSet();
    for (int slot : vips.all().values()) {
      slotsInUse.mark(slot, 1);
      var head = head(slot);
      membersInUse.mark(head.first(), head.count());
      for (int i = 0; i < head.count(); i++) {
        referenced.set(members.number(head.first() + i, MemberEntry.BACKEND));
      }
    }
    for (int backend = 0; backend < backends.size(); backend++) {
      long word = backends.word(backend, BackendEntry.WORD);
      if (word != 0) {
        backendsInUse.mark(backend, 1);
        int slot = (int) backends.word(backend, BackendEntry.SERVICE);
        if (referenced.get(backend)) {
          backendOf.computeIfAbsent(slot, _ -> new HashMap<>()).put(word, backend);
        } else {
          retiredBackends.set(backend);
          if (slotsInUse.contains(slot)) {
            backendOf.computeIfAbsent(slot, _ -> new HashMap<>()).putIfAbsent(word, backend);
          }
        }
      }
    }
    for (int slot = 0; slot < services.size(); slot++) {
      if (!slotsInUse.contains(slot) && services.word(slot, ServiceEntry.VIP) != 0) {
        slotsInUse.mark(slot, 1);
        retiredSlots.add(slot);
      }
    }
    known = true;
  }

  /** What another process has taken out may still be looked at. */
  private void settle() {
    if (!settled) {
      grace.await();
      settled = true;
    }
  }

  /**
   * Adds a virtual address, or puts a new set of servers in place of its old one.
   *
   * @throws NoRoomException if there is no room for it; nothing has changed then
   */
  public void put(ServiceImage image) {
    var present = vips.slot(image.vip());
    int slot = present.isPresent() ? present.getAsInt() : take(slotsInUse, 1, "virtual addresses");
    var made = new ArrayList<Integer>();
    var revived = new ArrayList<Integer>();
    int first = -1;
    int count = image.members().size();
    boolean done = false;
    try {
      first = count == 0 ? 0 : take(membersInUse, count, "servers in a row");
      var chosen = backends(slot, image, made, revived);
      fill(first, image, chosen);
      var old = present.isPresent() ? head(slot) : new Head(0, 0, 0, 0);
      var head = new Head(first, count, image.policy(), image.errno());
      if (present.isEmpty()) {
        services.clear(slot);
        services.publish(slot, ServiceEntry.VIP, image.vip());
      }
      services.publish(slot, ServiceEntry.PROBES, image.probes());
      services.publish(slot, ServiceEntry.HEAD, head.word());
      if (present.isEmpty() && !vips.add(image.vip(), slot)) {
        throw new NoRoomException("no room for one more of the virtual addresses");
      }
      done = true;
      retire(old, chosen);
    } finally {
      if (!done) {
        undo(slot, present.isEmpty(), first, count, made);
        revived.forEach(retiredBackends::set);
      }
    }
  }

  private int take(Regions regions, int count, String what) {
    var free = regions.take(count);
    if (free.isEmpty()) {
      reclaim();
      free = regions.take(count);
    }
    return free.orElseThrow(
        () ->
            new NoRoomException(
                "no room for %d more %s; %d of %d are in use"
                    .formatted(count, what, regions.inUse(), regions.size())));
  }

  /**
   * The indexes of the servers of a set.
   *
   * @param made gets those that are new
   * @param revived gets those that were out of use
   */
  private List<Integer> backends(
      int slot, ServiceImage image, List<Integer> made, List<Integer> revived) {
    var known = backendOf.computeIfAbsent(slot, _ -> new HashMap<>());
    for (var member : image.members()) {
      var backend = known.get(member.server());
      if (backend != null && retiredBackends.get(backend)) {
        retiredBackends.clear(backend); // before room is made
        revived.add(backend);
      }
    }
    var chosen = new ArrayList<Integer>();
    for (var member : image.members()) {
      var backend = known.get(member.server());
      if (backend == null) {
        backend = take(backendsInUse, 1, "servers");
        made.add(backend);
        backends.clear(backend);
        backends.publish(backend, BackendEntry.SERVICE, slot);
        backends.publish(backend, BackendEntry.WORD, member.server());
        known.put(member.server(), backend);
      }
      chosen.add(backend);
    }
    return chosen;
  }

  private void fill(int first, ServiceImage image, List<Integer> chosen) {
    int sum = 0;
    for (int i = 0; i < chosen.size(); i++) {
      int weight = image.members().get(i).weight();
      sum += weight;
      members.number(first + i, MemberEntry.BACKEND, chosen.get(i));
      members.number(first + i, MemberEntry.WEIGHT, weight);
      members.number(first + i, MemberEntry.CUMULATIVE, sum);
    }
  }

  private void retire(Head old, List<Integer> chosen) {
    if (old.count() > 0) {
      retiredSets.add(old);
    }
    for (int i = 0; i < old.count(); i++) {
      int backend = members.number(old.first() + i, MemberEntry.BACKEND);
      if (!chosen.contains(backend)) {
        retiredBackends.set(backend);
      }
    }
  }

  private void undo(int slot, boolean fresh, int first, int count, List<Integer> made) {
    for (int backend : made) {
      backendOf.get(slot).remove(backends.word(backend, BackendEntry.WORD));
      backends.clear(backend);
      backendsInUse.give(backend, 1);
    }
    if (count > 0 && first >= 0) {
      membersInUse.give(first, count);
    }
    if (fresh) {
      services.clear(slot);
      slotsInUse.give(slot, 1);
    }
  }

  /** Takes a virtual address out, if it is there. */
  public boolean remove(long vip) {
    var slot = vips.slot(vip);
    if (slot.isEmpty()) {
      return false;
    }
    vips.remove(vip);
    retire(head(slot.getAsInt()), List.of());
    backendOf.remove(slot.getAsInt());
    retiredSlots.add(slot.getAsInt());
    return true;
  }

  /** Makes room of what is out of use. Waits for a grace period. */
  public void reclaim() {
    grace.await();
    disown(retiredSlots);
    for (int slot : retiredSlots) {
      services.clear(slot);
      slotsInUse.give(slot, 1);
    }
    retiredSlots.clear();
    retiredSets.forEach(set -> membersInUse.give(set.first(), set.count()));
    retiredSets.clear();
    var gone = new BitSet();
    retiredBackends.stream()
        .filter(backend -> backends.word(backend, BackendEntry.LOAD) <= 0)
        .forEach(gone::set);
    farewell.to(gone);
    gone.stream()
        .forEach(
            backend -> {
              int slot = (int) backends.word(backend, BackendEntry.SERVICE);
              var known = backendOf.get(slot);
              if (known != null) {
                known.remove(backends.word(backend, BackendEntry.WORD), backend);
              }
              backends.clear(backend);
              backendsInUse.give(backend, 1);
            });
    retiredBackends.andNot(gone);
  }

  /**
   * Takes the servers that still have connections from virtual addresses that are no more, before
   * the slots of these are others'.
   */
  private void disown(List<Integer> slots) {
    var gone = new BitSet();
    slots.forEach(gone::set);
    retiredBackends.stream()
        .filter(backend -> gone.get((int) backends.word(backend, BackendEntry.SERVICE)))
        .forEach(backend -> backends.publish(backend, BackendEntry.SERVICE, BackendEntry.NOBODY));
  }

  /** A virtual address as it was put. */
  public Optional<ServiceImage> get(long vip) {
    var slot = vips.slot(vip);
    return slot.isEmpty() ? Optional.empty() : Optional.of(image(slot.getAsInt()));
  }

  private ServiceImage image(int slot) {
    var head = head(slot);
    var list = new ArrayList<ServiceImage.MemberImage>();
    for (int i = 0; i < head.count(); i++) {
      int backend = members.number(head.first() + i, MemberEntry.BACKEND);
      list.add(
          new ServiceImage.MemberImage(
              backends.word(backend, BackendEntry.WORD),
              members.number(head.first() + i, MemberEntry.WEIGHT)));
    }
    return new ServiceImage(
        services.word(slot, ServiceEntry.VIP),
        head.policy(),
        head.errno(),
        services.word(slot, ServiceEntry.PROBES),
        list);
  }

  /** All virtual addresses. */
  public Map<Long, ServiceImage> all() {
    var all = new LinkedHashMap<Long, ServiceImage>();
    vips.all().forEach((vip, slot) -> all.put(vip, image(slot)));
    return all;
  }

  /** What came of the connects to a virtual address. */
  public Optional<ServiceFigures> figures(long vip) {
    var slot = vips.slot(vip);
    if (slot.isEmpty()) {
      return Optional.empty();
    }
    learn();
    return Optional.of(figures(slot.getAsInt()));
  }

  /** Whether no server, in use or not, has a connection or gets one. */
  public boolean isAtRest() {
    learn();
    for (int i = 0; i < backends.size(); i++) {
      if (backendsInUse.contains(i) && backends.word(i, BackendEntry.LOAD) != 0) {
        return false;
      }
    }
    return true;
  }

  /** What came of the connects to all virtual addresses. */
  public List<ServiceFigures> allFigures() {
    learn();
    return vips.all().values().stream().map(this::figures).toList();
  }

  private ServiceFigures figures(int slot) {
    var list = new ArrayList<ServiceFigures.BackendFigures>();
    var image = image(slot);
    var of = backendOf.getOrDefault(slot, Map.of());
    var active = new HashSet<Long>();
    for (var member : image.members()) {
      active.add(member.server());
      list.add(figures(of.get(member.server()), true));
    }
    of.forEach(
        (server, backend) -> {
          if (!active.contains(server) && backends.word(backend, BackendEntry.LOAD) > 0) {
            list.add(figures(backend, false));
          }
        });
    return new ServiceFigures(
        image,
        services.word(slot, ServiceEntry.REFUSED),
        services.word(slot, ServiceEntry.UNTRACKED),
        list);
  }

  private ServiceFigures.BackendFigures figures(int backend, boolean active) {
    return new ServiceFigures.BackendFigures(
        backend,
        backends.word(backend, BackendEntry.WORD),
        active,
        backends.word(backend, BackendEntry.LOAD),
        backends.word(backend, BackendEntry.ATTEMPTED),
        backends.word(backend, BackendEntry.ESTABLISHED),
        backends.word(backend, BackendEntry.FAILED),
        backends.word(backend, BackendEntry.OPEN));
  }

  /** How many virtual addresses there are. */
  public int servicesInUse() {
    return vips.all().size();
  }

  /** The same of servers; those that drain are among them. */
  public int backendsInUse() {
    learn();
    return backendsInUse.inUse();
  }

  private Head head(int slot) {
    return Head.of(services.word(slot, ServiceEntry.HEAD));
  }
}
