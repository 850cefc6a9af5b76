package io.github.purebpf.redirect.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.purebpf.redirect.AddressLease;
import io.github.purebpf.redirect.NoServer;
import io.github.purebpf.redirect.Policy;
import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.SourceState;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.redirect.WeightedServer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ListCommandTest {
  @Test
  void theJsonOfAnEmptyTableHasAnEmptyList() {
    assertEquals(
        "{\"services\":[],\"source\":null}",
        ListCommand.json(List.of(), Map.of(), Optional.empty()));
  }

  @Test
  void theJsonHoldsWhatAServiceIs() {
    var vip = VirtualAddress.parse("10.0.0.1:80");
    var service =
        Service.of(vip)
            .withPolicy(Policy.ROUND_ROBIN)
            .withNoServer(NoServer.PASS)
            .withServers(
                List.of(
                    new WeightedServer(Server.parse("10.1.2.3:8080"), 3),
                    new WeightedServer(Server.parse("10.1.2.4:8443"))));
    assertEquals(
        "{\"services\":[{\"vip\":{\"address\":\"10.0.0.1\",\"port\":80},\"protocol\":\"tcp\","
            + "\"policy\":\"round-robin\",\"no_server\":\"pass\",\"servers\":["
            + "{\"address\":\"10.1.2.3\",\"port\":8080,\"weight\":3},"
            + "{\"address\":\"10.1.2.4\",\"port\":8443,\"weight\":1}],"
            + "\"keepalive\":null,\"cgroup\":\"/sys/fs/cgroup/a\"}],"
            + "\"source\":{\"source\":\"dns\",\"written\":\"2026-01-31T12:00:00Z\",\"heard\":null,"
            + "\"problem\":\"no such name\"}}",
        ListCommand.json(
            List.of(service),
            Map.of(vip, new AddressLease(vip, Path.of("/sys/fs/cgroup/a"))),
            Optional.of(
                new SourceState(
                    Instant.parse("2026-01-31T12:00:00.9Z"),
                    "dns",
                    Optional.empty(),
                    Optional.of("no such name")))));
  }
}
