package io.github.purebpf.redirect;

import static io.github.purebpf.redirect.TestBed.get;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.purebpf.bpf.BpfFs;
import io.github.purebpf.redirect.cli.demo.Client;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.net.Authenticator;
import java.net.ProxySelector;
import java.security.Security;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TimeZone;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** In the JVM of another program the library is a guest: it leaves everything as it was. */
@RequiresKernel
@NoLeakedFds
class GuestIT {
  /** What all code in a JVM shares and can change. */
  private static List<Object> global() {
    var zone = TimeZone.getDefault(); // which sets a property when it is first asked for
    return Arrays.asList(
        System.getProperties().clone(),
        System.in,
        System.out,
        System.err,
        Locale.getDefault(),
        zone,
        Thread.getDefaultUncaughtExceptionHandler(),
        Authenticator.getDefault(),
        ProxySelector.getDefault(),
        List.of(Security.getProviders()));
  }

  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> !thread.getName().matches("(server|process reaper|ForkJoin|Virtual).*"))
        .collect(Collectors.toSet());
  }

  @Test
  void nothingIsChangedAndNoThreadStays() throws Exception {
    try (var bed = new TestBed();
        var pins = BpfFs.mountDetached()) {
      var client = bed.jvm();
      work(bed, pins, client); // whatever the JVM itself makes once is made now
      var before = global();
      var threads = threads();
      work(bed, pins, client);
      assertEquals(before, global());
      assertEquals(Set.of(), more(threads));
    }
  }

  private static Set<Thread> more(Set<Thread> before) {
    var more = threads();
    more.removeAll(before);
    return more;
  }

  /** All that starts or changes something. */
  private static void work(TestBed bed, BpfFs pins, Client client) throws Exception {
    var told = new CountDownLatch(1);
    var path = pins.path().resolve("guest");
    try (var redirect = Connect4Redirect.open()) {
      redirect.put(bed.vip, bed.a.server());
      try (var _ = redirect.attach(bed.cgroup.path());
          var _ = redirect.table().listen(_ -> told.countDown())) {
        assertEquals("served A", get(client.ask("socket " + bed.vip.toString().replace(':', ' '))));
        told.await();
        redirect.table().adopt(bed.cgroup.path());
        redirect.table().snapshot();
        new Drain(bed.vip, bed.a.server(), Duration.ZERO, 1).run(redirect.table());
      }
    }
    try (var persistent = PersistentRedirect.open(path)) {
      persistent.table().put(bed.vip, bed.a.server());
      persistent.attach(bed.cgroup.path());
      new Rebalance(bed.vip, 1).run(persistent.table());
      persistent.uninstall();
    }
  }
}
