package io.github.purebpf.redirect;

import io.github.purebpf.redirect.dataplane.EventFeed;
import io.github.purebpf.redirect.dataplane.Holdings;
import io.github.purebpf.redirect.dataplane.Probes;
import io.github.purebpf.redirect.dataplane.ServerWord;
import io.github.purebpf.redirect.dataplane.ServiceFigures;
import io.github.purebpf.redirect.dataplane.ServiceImage;
import io.github.purebpf.redirect.dataplane.SourceNote;
import io.github.purebpf.redirect.dataplane.VipKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Between the values of this package and the words that the programs read. */
final class Images {
  private Images() {}

  static long key(VirtualAddress vip) {
    return VipKey.tcp(vip.address().bits(), vip.port()).word();
  }

  static VirtualAddress vip(long word) {
    var key = VipKey.of(word);
    return new VirtualAddress(Ipv4.ofBits(key.address()), Short.toUnsignedInt(key.port()));
  }

  static long word(Server server) {
    return ServerWord.of(server.address().bits(), server.port());
  }

  static Server server(long word) {
    return new Server(Ipv4.ofBits(ServerWord.address(word)), ServerWord.port(word));
  }

  static ServiceImage of(Service service) {
    return new ServiceImage(
        key(service.vip()),
        service.policy().code(),
        service.noServer().errno(),
        service.keepalive().map(Images::probes).orElse(0L),
        service.servers().stream()
            .map(
                weighted ->
                    new ServiceImage.MemberImage(word(weighted.server()), weighted.weight()))
            .toList());
  }

  static Service service(ServiceImage image) {
    return new Service(
        vip(image.vip()),
        image.members().stream()
            .map(member -> new WeightedServer(server(member.server()), member.weight()))
            .toList(),
        Policy.of(image.policy()),
        NoServer.of(image.errno()),
        image.probes() == 0 ? Optional.empty() : Optional.of(keepalive(image.probes())));
  }

  static SourceNote.Entry note(SourceState state) {
    return new SourceNote.Entry(
        state.written().toEpochMilli(),
        state.heard().map(Instant::toEpochMilli).orElse(0L),
        state.source(),
        state.problem().orElse(""));
  }

  static SourceState source(SourceNote.Entry note) {
    return new SourceState(
        Instant.ofEpochMilli(note.written()),
        note.source(),
        Optional.of(note.heard()).filter(heard -> heard != 0).map(Instant::ofEpochMilli),
        Optional.of(note.problem()).filter(problem -> !problem.isEmpty()));
  }

  static ConnectionEvent event(EventFeed.Report report) {
    var vip = vip(report.vip());
    var client =
        new ConnectionEvent.Client(
            report.cgroup(), (int) (report.process() >>> Integer.SIZE), (int) report.process());
    return switch (report.kind()) {
      case ESTABLISHED ->
          new ConnectionEvent.Established(
              report.at(), vip, server(report.server()), client, report.after());
      case FAILED ->
          new ConnectionEvent.Failed(
              report.at(), vip, server(report.server()), client, report.after());
      case CLOSED ->
          new ConnectionEvent.Closed(
              report.at(), vip, server(report.server()), client, report.after());
      case REFUSED -> new ConnectionEvent.Refused(report.at(), vip, client);
    };
  }

  private static long probes(Keepalive keepalive) {
    return new Probes(
            (int) keepalive.idle().toSeconds(),
            (int) keepalive.interval().toSeconds(),
            keepalive.probes(),
            (int) keepalive.userTimeout().toMillis())
        .word();
  }

  private static Keepalive keepalive(long word) {
    var probes = Probes.of(word);
    return new Keepalive(
        Duration.ofSeconds(probes.idle()),
        Duration.ofSeconds(probes.interval()),
        probes.count(),
        Duration.ofMillis(probes.userTimeout()));
  }

  static ServiceTraffic traffic(ServiceFigures figures) {
    return new ServiceTraffic(
        service(figures.image()),
        figures.refused(),
        figures.untracked(),
        figures.backends().stream().map(Images::traffic).toList());
  }

  private static ServerTraffic traffic(ServiceFigures.BackendFigures figures) {
    return new ServerTraffic(
        server(figures.server()),
        figures.active(),
        figures.attempted(),
        figures.established(),
        figures.failed(),
        Math.max(0, figures.load() - figures.open()),
        figures.open());
  }

  static List<ContainerTraffic> containers(ServiceFigures figures, Holdings holdings) {
    var vip = vip(figures.image().vip());
    return figures.backends().stream()
        .flatMap(
            backend ->
                holdings.of(backend.index()).stream()
                    .map(
                        holding ->
                            new ContainerTraffic(
                                holding.cgroup(),
                                vip,
                                server(backend.server()),
                                holding.open(),
                                holding.since())))
        .sorted(
            Comparator.comparing((ContainerTraffic traffic) -> traffic.server().toString())
                .thenComparingLong(ContainerTraffic::cgroup))
        .toList();
  }
}
