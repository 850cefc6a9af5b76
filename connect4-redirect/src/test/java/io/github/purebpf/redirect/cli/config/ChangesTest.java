package io.github.purebpf.redirect.cli.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.redirect.AddressLease;
import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.TableEdit;
import io.github.purebpf.redirect.VirtualAddress;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class ChangesTest {
  @Provide
  Arbitrary<SortedMap<VirtualAddress, Service>> tables() {
    return Services.tables();
  }

  /** A table in memory. */
  private record Memory(SortedMap<VirtualAddress, Service> list) implements TableEdit {
    @Override
    public Optional<Service> get(VirtualAddress vip) {
      return Optional.ofNullable(list.get(vip));
    }

    @Override
    public void put(Service service) {
      list.put(service.vip(), service);
    }

    @Override
    public boolean remove(VirtualAddress vip) {
      return list.remove(vip) != null;
    }

    @Override
    public SortedMap<VirtualAddress, AddressLease> leases() {
      return new TreeMap<>();
    }

    @Override
    public void putLease(AddressLease lease) {
      throw new AssertionError("a file leases nothing");
    }

    @Override
    public boolean removeLease(VirtualAddress vip) {
      throw new AssertionError("a file takes no lease back");
    }
  }

  @Property
  void theyMakeTheTableEqualToWhatIsWanted(
      @ForAll("tables") SortedMap<VirtualAddress, Service> before,
      @ForAll("tables") SortedMap<VirtualAddress, Service> wanted) {
    var changes = Changes.between(before, wanted);
    var memory = new Memory(new TreeMap<>(before));
    changes.applyTo(memory);
    assertEquals(wanted, memory.list());
    assertEquals(List.of(), Changes.between(memory.list(), wanted).list());
    assertEquals(
        wanted.size(),
        changes.unchanged()
            + changes.list().stream().filter(c -> !(c instanceof Change.Removed)).count());
  }

  private static SortedMap<VirtualAddress, Service> table(String text) {
    return ConfigParser.parse(text);
  }

  @Test
  void eachIsALine() {
    var before =
        table(
            """
            service 10.0.0.1:80
              server 10.1.2.3:80
              server 10.1.2.4:80
            service 10.0.0.2:80
            service 10.0.0.3:80
              server 10.1.2.3:80
              server 10.1.2.4:80
            service 10.0.0.5:80
            """);
    var after =
        table(
            """
            service 10.0.0.1:80
              policy single
              no-server pass
              keepalive 30s/10s/3
              server 10.1.2.3:80 weight 2
              server 10.1.2.5:80 weight 3
            service 10.0.0.3:80
              server 10.1.2.4:80
              server 10.1.2.3:80
            service 10.0.0.4:80
              server 10.1.2.3:80 weight 2
              server 10.1.2.4:80
            service 10.0.0.5:80
            """);
    var changes = Changes.between(before, after);
    assertEquals(
        List.of(
            "- 10.0.0.2:80 least-connections no server",
            "~ 10.0.0.1:80 policy least-connections -> single, no-server refuse -> pass, keepalive"
                + " off -> 30s/10s/3, weight of 10.1.2.3:80 1 -> 2, server + 10.1.2.5:80*3, server"
                + " - 10.1.2.4:80",
            "~ 10.0.0.3:80 the order of the servers",
            "+ 10.0.0.4:80 least-connections 10.1.2.3:80*2,10.1.2.4:80"),
        changes.list().stream().map(Change::toString).toList());
    assertEquals("1 added, 2 changed, 1 removed, 1 unchanged", changes.toString());
    assertTrue(Changes.between(after, after).list().isEmpty());
  }
}
