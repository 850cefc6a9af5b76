package io.github.purebpf.redirect;

import static io.github.purebpf.redirect.TestBed.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.redirect.cli.demo.Client;
import io.github.purebpf.testkit.Await;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As many connects as the machine makes, while the table is changed without a pause. */
@RequiresKernel
@NoLeakedFds
class StormIT {
  private static final int SETS = 8;
  private static final int THREADS = 4;
  private static final int FEW = 20_000;
  private static final int MANY = 1_000_000;
  private static final int SWAPS = 10_000;
  private static final int AT_ONCE = 2_000;
  private static final int LIMIT_MINUTES = 10;
  private static final long SEED = 77;
  private static final Pattern COUNTS = Pattern.compile("\\{(?:refused=(\\d+), )?right=(\\d+)}");

  private static final Pattern SPANS = Pattern.compile("\\{(?:any=(\\d+), )?right=(\\d+)}");

  @TempDir private Path folder;
  private TestBed bed;
  private Connect4Redirect redirect;
  private StormProgram.Turn turn;
  private Client client;
  private final List<ByteServer> servers = new ArrayList<>();

  @BeforeEach
  void open() throws IOException {
    bed = new TestBed();
    redirect = Connect4Redirect.open();
    redirect.attach(bed.cgroup.path());
    for (int i = 0; i < SETS * StormProgram.MEMBERS; i++) {
      servers.add(ByteServer.start(i));
    }
    var file = folder.resolve("turn");
    turn = new StormProgram.Turn(file);
    client =
        bed.client(
            bed.cgroup.path(),
            ChildJvm.command(StormProgram.class, file.toString(), Integer.toString(THREADS)));
  }

  @AfterEach
  void close() throws IOException {
    redirect.close();
    for (var server : servers) {
      server.close();
    }
    bed.close();
  }

  private Service service(VirtualAddress vip, int set) {
    return Service.of(vip)
        .withServers(
            servers.subList(set * StormProgram.MEMBERS, (set + 1) * StormProgram.MEMBERS).stream()
                .map(server -> new WeightedServer(server.server(), 1))
                .toList());
  }

  private CompletableFuture<String> connect(int count, List<VirtualAddress> vips) {
    var places =
        vips.stream().map(vip -> vip.toString().replace(':', ' ')).collect(Collectors.joining(" "));
    return client.ask("%d %d %s".formatted(count, SETS, places));
  }

  private long served() {
    return servers.stream().mapToLong(ByteServer::served).sum();
  }

  private static String await(CompletableFuture<String> answer) throws Exception {
    return answer.get(LIMIT_MINUTES, TimeUnit.MINUTES);
  }

  private static List<VirtualAddress> vips(int count) {
    var vips = new ArrayList<VirtualAddress>();
    for (int i = 0; i < count; i++) {
      vips.add(new VirtualAddress(Ipv4.ofBits(0x7f520000 + i), 80));
    }
    return vips;
  }

  /** Addresses that come and go, each with servers of its own. */
  private void assertNoneIsServedByTheServersOfAnother(int about) throws Exception {
    int connects = about / THREADS * THREADS;
    var vips = vips(SETS);
    var random = new Random(SEED);
    var answer = connect(connects, vips);
    int changes = 0;
    while (!answer.isDone()) {
      int number = random.nextInt(SETS);
      // Three times in four it is there.
      if (random.nextInt(4) == 0) {
        redirect.table().remove(vips.get(number));
      } else {
        redirect.table().put(service(vips.get(number), number));
      }
      changes++;
    }
    var counts = COUNTS.matcher(await(answer));
    assertTrue(counts.matches(), () -> answer.join());
    long refused = counts.group(1) == null ? 0 : Long.parseLong(counts.group(1));
    long right = Long.parseLong(counts.group(2));
    assertEquals(connects, refused + right);
    assertTrue(refused > 0 && right > connects / 4, () -> answer.join());
    assertTrue(changes > connects / 100, "too few changes to tell: " + changes);
    assertEquals(right, served());
  }

  @Test
  void noAddressIsServedByTheServersOfAnother() throws Exception {
    assertNoneIsServedByTheServersOfAnother(FEW);
  }

  @Test
  @Tag(LongRun.TAG)
  void noAddressOfAMillionConnectsIsServedByTheServersOfAnother() throws Exception {
    assertNoneIsServedByTheServersOfAnother(LongRun.times(MANY));
  }

  /** A connect is served by a set that was in the table at some time between its begin and end. */
  @Test
  void whenSetsAreSwappedEveryConnectIsServedByOneOfItsTime() throws Exception {
    var vips = vips(1);
    var vip = vips.getFirst();
    redirect.table().put(service(vip, 0));
    long swaps = 0;
    long narrow = 0;
    long connects = 0;
    while (swaps < SWAPS) {
      var answer = connect(AT_ONCE, vips);
      connects += AT_ONCE;
      while (!answer.isDone()) {
        turn.begin(++swaps);
        redirect.table().put(service(vip, (int) (swaps % SETS)));
        turn.end(swaps);
        // So that a connect spans few of them.
        long before = served();
        while (served() == before && !answer.isDone()) {
          Thread.onSpinWait();
        }
      }
      var counts = SPANS.matcher(get(answer));
      assertTrue(counts.matches(), () -> answer.join());
      narrow += Long.parseLong(counts.group(2));
    }
    assertTrue(narrow > connects / 2, "too many that spanned all sets: " + narrow);
    assertEquals(connects, served());
    Await.until(
        "all connections to end",
        () ->
            redirect.table().traffic(vip).orElseThrow().servers().stream()
                .allMatch(traffic -> traffic.open() == 0 && traffic.connecting() == 0));
    assertEquals(
        Set.copyOf(service(vip, (int) (swaps % SETS)).servers()),
        Set.copyOf(redirect.table().get(vip).orElseThrow().servers()));
  }
}
