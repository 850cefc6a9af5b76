package io.github.purebpf.redirect;

import static io.github.purebpf.redirect.TestBed.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.redirect.cli.demo.Client;
import io.github.purebpf.redirect.cli.demo.NamedServer;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tables that are nearly full and full, at work. */
@RequiresKernel
@NoLeakedFds
class ManyAddressesIT {
  private static final int MANY = 60_000;
  private static final int CONNECTS = 400;

  private TestBed bed;
  private NamedServer third;
  private List<NamedServer> servers;
  private Connect4Redirect redirect;
  private RedirectTable table;
  private Client client;
  private final Random random = new Random(9);

  @BeforeEach
  void open() throws IOException {
    bed = new TestBed();
    third = NamedServer.start("C");
    servers = List.of(bed.a, bed.b, third);
    redirect = Connect4Redirect.open();
    table = redirect.table();
    redirect.attach(bed.cgroup.path());
    client = bed.jvm();
  }

  @AfterEach
  void close() throws IOException {
    redirect.close();
    third.close();
    bed.close();
  }

  /** 127.80.0.0 to 127.80.255.255, and ports that differ. */
  private static VirtualAddress vip(int number) {
    return new VirtualAddress(Ipv4.ofBits(0x7f500000 + number), 1 + number % 1021);
  }

  private NamedServer serverOf(int number) {
    return servers.get(number * 7 % 3);
  }

  private String answer(int number) {
    var how = number % 2 == 0 ? "socket " : "inet-channel ";
    return get(client.ask(how + vip(number).toString().replace(':', ' ')));
  }

  private void fill(int count) {
    for (int i = 0; i < count; i++) {
      table.put(vip(i), serverOf(i).server());
    }
  }

  private void assertSomeAreAnswered(int count) {
    for (int i = 0; i < CONNECTS; i++) {
      int number = random.nextInt(count);
      assertEquals("served " + serverOf(number).name(), answer(number), vip(number)::toString);
    }
  }

  private void assertEmptyAfterAllAreRemoved(int count) {
    for (int i = 0; i < count; i++) {
      assertTrue(table.remove(vip(i)), vip(i)::toString);
    }
    assertEquals(Map.of(), table.list());
    assertEquals(0, table.use().vips());
    int number = random.nextInt(count);
    assertEquals("refused", answer(number));
  }

  @Test
  void eachOfManyHasItsServer() {
    long start = System.nanoTime();
    fill(MANY);
    System.err.printf("%d put in %d ms%n", MANY, (System.nanoTime() - start) / 1_000_000);
    var expected = new TreeMap<VirtualAddress, Service>();
    for (int i = 0; i < MANY; i++) {
      expected.put(vip(i), Service.of(vip(i), serverOf(i).server()));
    }
    assertEquals(expected, table.list());
    assertSomeAreAnswered(MANY);
    assertEquals("refused", answer(MANY));
    assertEmptyAfterAllAreRemoved(MANY);
  }

  @Test
  void aFullOneLosesNothingAndHasRoomAgainForWhatIsRemoved() {
    int full = RedirectTable.CAPACITY;
    fill(full);
    var other = bed.vip;
    var list = table.list();
    assertThrows(TableFullException.class, () -> table.put(other, bed.a.server()));
    assertEquals(list, table.list());
    assertEquals("refused", get(client.ask("socket " + other.toString().replace(':', ' '))));
    assertSomeAreAnswered(full);

    for (int i = 0; i < 3; i++) {
      int gone = random.nextInt(full);
      assertTrue(table.remove(vip(gone)));
      assertEquals("refused", answer(gone));
      table.put(other, bed.b.server());
      assertEquals("served B", get(client.ask("socket " + other.toString().replace(':', ' '))));
      assertThrows(TableFullException.class, () -> table.put(vip(gone), bed.a.server()));
      assertTrue(table.remove(other));
      table.put(vip(gone), serverOf(gone).server());
      assertEquals("served " + serverOf(gone).name(), answer(gone));
    }
    assertEquals(list, table.list());
    assertEmptyAfterAllAreRemoved(full);
  }
}
