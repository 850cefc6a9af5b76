package io.github.purebpf.redirect.cli.config;

import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.cli.text.KeepaliveText;
import io.github.purebpf.redirect.cli.text.Words;
import java.util.Collection;
import java.util.stream.Collectors;

/** Writes what {@link ConfigParser} reads. */
public final class ConfigWriter {
  private ConfigWriter() {}

  /** A file with these services. */
  public static String write(Collection<Service> services) {
    return services.stream().map(ConfigWriter::write).collect(Collectors.joining("\n"));
  }

  private static String write(Service service) {
    var out = new StringBuilder();
    out.append("service ").append(service.vip()).append('\n');
    out.append("  policy ").append(Words.of(service.policy())).append('\n');
    out.append("  no-server ").append(Words.of(service.noServer())).append('\n');
    if (service.keepalive().isPresent()) {
      out.append("  keepalive ").append(KeepaliveText.of(service.keepalive())).append('\n');
    }
    for (var weighted : service.servers()) {
      out.append("  server ").append(weighted.server());
      if (weighted.weight() != 1) {
        out.append(" weight ").append(weighted.weight());
      }
      out.append('\n');
    }
    return out.toString();
  }
}
