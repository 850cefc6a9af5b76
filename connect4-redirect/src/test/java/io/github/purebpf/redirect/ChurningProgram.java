package io.github.purebpf.redirect;

import io.github.purebpf.bpf.inspect.KernelObjects;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A redirector in a JVM of its own, with a small heap, whose table is changed very often: {@code
 * CGROUP SEED SERVER…}. For {@code churn COUNT} it puts and removes at random; for {@code remember}
 * it keeps what it takes of the machine, for {@code compare} it says whether that is more by now.
 */
final class ChurningProgram {
  static final int ADDRESSES = 3000;

  private static final long MORE_HEAP = 4L << 20;

  /** Pages of the mapped arrays that are touched for the first time are among it. */
  private static final long MORE_RESIDENT = 48L << 20;

  /** Objects of others, who come and go meanwhile, are counted as well. */
  private static final int MORE_OBJECTS = 200;

  private static final Pattern RESIDENT = Pattern.compile("(?m)^VmRSS:\\s*(\\d+) kB$");
  private static final Pattern ID = Pattern.compile("(?m)^((?:map|prog|link)_id):\\s*(\\d+)$");

  private final RedirectTable table;
  private final Random random;
  private final List<Server> servers;

  /** What the table holds. */
  private final TreeMap<VirtualAddress, Service> model = new TreeMap<>();

  private Figures remembered;

  private ChurningProgram(RedirectTable table, long seed, List<Server> servers) {
    this.table = table;
    this.random = new Random(seed);
    this.servers = servers;
  }

  public static void main(String[] args) throws IOException {
    try (var redirect = Connect4Redirect.open();
        var _ = redirect.attach(Path.of(args[0]))) {
      var program =
          new ChurningProgram(
              redirect.table(),
              Long.parseLong(args[1]),
              Stream.of(args).skip(2).map(Server::parse).toList());
      System.out.println("ready");
      var requests =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
      for (var line = requests.readLine(); line != null; line = requests.readLine()) {
        System.out.println(program.answer(line.split(" ", -1)));
      }
    }
  }

  private String answer(String[] words) throws IOException {
    switch (words[0]) {
      case "churn" -> churn(Integer.parseInt(words[1]));
      case "remember" -> remembered = figures();
      case "compare" -> {
        return figures().comparedTo(remembered);
      }
      case "list" -> {
        return table.list().equals(model) ? "as put" : table.list().toString();
      }
      case "servers" -> {
        var service = model.get(VirtualAddress.parse(words[1]));
        return service == null
            ? ""
            : service.servers().stream()
                .map(weighted -> weighted.server().toString())
                .collect(Collectors.joining(" "));
      }
      case "clear" -> {
        List.copyOf(model.keySet()).forEach(table::remove);
        model.clear();
      }
      default -> throw new IllegalArgumentException(words[0]);
    }
    return "done";
  }

  static VirtualAddress vip(int number) {
    return new VirtualAddress(Ipv4.ofBits(0x7f510000 + number), 80);
  }

  private void churn(int changes) {
    for (int i = 0; i < changes; i++) {
      var vip = vip(random.nextInt(ADDRESSES));
      if (random.nextInt(3) == 0) {
        if (table.remove(vip) != (model.remove(vip) != null)) {
          throw new AssertionError("it was or was not there: " + vip);
        }
      } else {
        var service = service(vip);
        table.put(service);
        model.put(vip, service);
      }
    }
  }

  private Service service(VirtualAddress vip) {
    var set = new ArrayList<>(servers);
    Collections.shuffle(set, random);
    return Service.of(vip)
        .withServers(
            set.subList(0, 1 + random.nextInt(2)).stream()
                .map(server -> new WeightedServer(server, 1))
                .toList());
  }

  private Figures figures() throws IOException {
    // What is out of use is forgotten when its room is needed, or so.
    var inner = table.dataplane().table();
    inner.begin();
    inner.reclaim();
    inner.end(true);
    return Figures.now();
  }

  /**
   * What must not grow.
   *
   * @param heap bytes of it that are in use
   * @param resident bytes of memory
   * @param fds descriptors
   * @param ids the BPF objects that they are of
   * @param maps how many there are on the machine
   * @param programs the same
   */
  private record Figures(
      long heap, long resident, long fds, SortedSet<String> ids, long maps, long programs) {
    static Figures now() throws IOException {
      System.gc();
      var runtime = Runtime.getRuntime();
      var resident = RESIDENT.matcher(Files.readString(Path.of("/proc/self/status")));
      if (!resident.find()) {
        throw new IOException("no VmRSS in /proc/self/status");
      }
      var ids = new TreeSet<String>();
      long fds = 0;
      try (var infos = Files.newDirectoryStream(Path.of("/proc/self/fdinfo"))) {
        for (var info : infos) {
          fds++;
          try {
            ID.matcher(Files.readString(info))
                .results()
                .forEach(found -> ids.add(found.group(1) + " " + found.group(2)));
          } catch (NoSuchFileException gone) {
            // That of the folder itself
          }
        }
      }
      return new Figures(
          runtime.totalMemory() - runtime.freeMemory(),
          Long.parseLong(resident.group(1)) << 10,
          fds,
          ids,
          KernelObjects.maps().count(),
          KernelObjects.programs().count());
    }

    String comparedTo(Figures before) {
      boolean more =
          heap > before.heap + MORE_HEAP
              || resident > before.resident + MORE_RESIDENT
              || fds != before.fds
              || !ids.equals(before.ids)
              || maps > before.maps + MORE_OBJECTS
              || programs > before.programs + MORE_OBJECTS;
      return more ? before + ", now " + this : "no more";
    }
  }
}
