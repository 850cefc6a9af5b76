package io.github.purebpf.redirect.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.purebpf.redirect.Choice;
import io.github.purebpf.redirect.NoServer;
import io.github.purebpf.redirect.Policy;
import io.github.purebpf.redirect.Scope;
import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.ServerTraffic;
import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.ServiceTraffic;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.redirect.WeightedServer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TraceTest {
  private static final Server A = Server.parse("10.1.2.3:8500");
  private static final Server B = Server.parse("10.1.2.4:8500");
  private static final Service SERVICE =
      Service.of(VirtualAddress.parse("10.0.0.1:8500"))
          .withServers(List.of(new WeightedServer(A, 2), new WeightedServer(B)));

  private static final Lineage LINEAGE =
      new Lineage(
          List.of(
              new Lineage.Member(3, Path.of("/c/a/b")), new Lineage.Member(2, Path.of("/c/a"))));

  private static void assertReach(String sentence, boolean leftAlone, Scope scope, long listed) {
    assertEquals(
        new Trace.Reach(sentence, leftAlone),
        Trace.reach(scope, Optional.of(LINEAGE), Set.of(listed)));
  }

  private static String trace(Service service, long loadOfA, long loadOfB) {
    var servers =
        service.servers().isEmpty()
            ? List.<ServerTraffic>of()
            : List.of(
                new ServerTraffic(A, true, loadOfA, loadOfA, 0, 0, loadOfA),
                new ServerTraffic(B, true, loadOfB, loadOfB, 0, 0, loadOfB));
    var traffic = new ServiceTraffic(service, 0, 0, servers);
    return String.join("\n", Trace.choice(Choice.of(traffic, OptionalLong.empty()), false));
  }

  @Test
  void theTableOfCandidatesShowsWhyOneIsTaken() {
    assertEquals(
        """
        the policy is least-connections: the server with the smallest (load + 1) / weight
        the candidates:
           SERVER         WEIGHT  LOAD  (LOAD+1)/WEIGHT   SHARE
           10.1.2.3:8500       2     5             3.00    0.0%
           10.1.2.4:8500       1     1             2.00  100.0%
        it goes to 10.1.2.4:8500""",
        trace(SERVICE, 5, 1));
  }

  @Test
  void theJsonHasTheSameWords() {
    var traffic =
        new ServiceTraffic(
            SERVICE,
            0,
            0,
            List.of(
                new ServerTraffic(A, true, 5, 5, 0, 0, 5),
                new ServerTraffic(B, true, 1, 1, 0, 0, 1)));
    var choice = Choice.of(traffic, OptionalLong.empty());
    assertEquals(
        "{\"vip\":{\"address\":\"10.0.0.1\",\"port\":8500},\"steps\":[\"the policy is"
            + " least-connections: the server with the smallest (load + 1) / weight\","
            + "\"the candidates:\",\"it goes to 10.1.2.4:8500\"],\"candidates\":["
            + "{\"address\":\"10.1.2.3\",\"port\":8500,\"weight\":2,\"load\":5,\"score\":\"3.00\","
            + "\"share\":\"0.0%\"},"
            + "{\"address\":\"10.1.2.4\",\"port\":8500,\"weight\":1,\"load\":1,\"score\":\"2.00\","
            + "\"share\":\"100.0%\"}],"
            + "\"server\":{\"address\":\"10.1.2.4\",\"port\":8500}}",
        Trace.json(choice, Trace.choice(choice, false), false));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "LEAST_CONNECTIONS | 2 servers are equal: it goes to the first of them from a random"
            + " server on",
        "WEIGHTED | a random number decides, by the shares",
        "ROUND_ROBIN | it goes to the server whose turn it is",
        "STICKY_CONTAINER | the cgroup decides; give --cgroup DIR to see which server is its own",
        "STICKY_SOCKET | the cookie of the socket decides, which only the socket has",
        "SINGLE | it goes to 10.1.2.3:8500"
      })
  void whatIsNotCertainIsSaidHowItIsDrawn(Policy policy, String last) {
    assertEquals(last, trace(SERVICE.withPolicy(policy), 1, 0).lines().toList().getLast());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "PASS | pass: it goes to the virtual address itself",
        "REFUSE | refuse: it fails with ECONNREFUSED",
        "UNREACHABLE | unreachable: it fails with EHOSTUNREACH",
        "DENY | deny: it fails with EPERM"
      })
  void withoutAServerTheAnswerIsTold(NoServer noServer, String answer) {
    assertEquals(
        "it has no server, and then the answer is " + answer,
        trace(SERVICE.withServers(List.of()).withNoServer(noServer), 0, 0));
  }

  @Test
  void aCgroupIsListedByItselfOrByOneAboveIt() {
    assertReach("/c/a/b is listed and the scope is listed: redirected", false, Scope.LISTED, 3);
    assertReach(
        "/c/a/b is listed by /c/a and the scope is listed: redirected", false, Scope.LISTED, 2);
    assertReach("/c/a/b is not listed and the scope is listed: left alone", true, Scope.LISTED, 4);
    assertReach(
        "/c/a/b is listed by /c/a and the scope is not-listed: left alone",
        true,
        Scope.NOT_LISTED,
        2);
    assertReach(
        "/c/a/b is not listed and the scope is not-listed: redirected", false, Scope.NOT_LISTED, 4);
    assertReach(
        "the scope is all: every cgroup that is attached is redirected", false, Scope.ALL, 3);
    assertEquals(
        new Trace.Reach(
            "the scope is listed and 2 cgroups are listed; give --cgroup DIR to see if one is meant",
            false),
        Trace.reach(Scope.LISTED, Optional.empty(), Set.of(1L, 2L)));
    var lineage = Optional.of(LINEAGE);
    assertEquals(OptionalLong.of(3), Trace.client(lineage));
  }
}
