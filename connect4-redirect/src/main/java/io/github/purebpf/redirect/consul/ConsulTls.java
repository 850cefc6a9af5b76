package io.github.purebpf.redirect.consul;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * How Consul's HTTPS is checked, and how we show who we are. All files are PEM. They are read for
 * each request, so that new ones are taken as soon as they are there.
 *
 * @param authorities the certificates of those who may sign that of the server; without, those that
 *     the JDK trusts
 * @param client our own certificate, for servers that want one
 * @param serverName the name that the certificate of the server must have, such as {@code
 *     server.dc1.consul}; without, the host of the address. The TLS handshake still tells that host
 */
public record ConsulTls(
    Optional<Path> authorities, Optional<ClientCertificate> client, Optional<String> serverName) {
  /** Whom the JDK trusts, and no certificate of our own. */
  public static final ConsulTls DEFAULT =
      new ConsulTls(Optional.empty(), Optional.empty(), Optional.empty());

  /**
   * A certificate and its key.
   *
   * @param certificate first ours, then those between it and the authority
   * @param key PKCS #8 without password, RSA or EC
   */
  public record ClientCertificate(Path certificate, Path key) {
    /** Refuses null. */
    public ClientCertificate {
      Objects.requireNonNull(certificate, "certificate");
      Objects.requireNonNull(key, "key");
    }
  }

  /** Refuses null. */
  public ConsulTls {
    Objects.requireNonNull(authorities, "authorities");
    Objects.requireNonNull(client, "client");
    Objects.requireNonNull(serverName, "serverName");
  }

  /** The same with other authorities. */
  public ConsulTls withAuthorities(Path file) {
    return new ConsulTls(Optional.of(file), client, serverName);
  }

  /** The same with a certificate of our own. */
  public ConsulTls withClient(ClientCertificate certificate) {
    return new ConsulTls(authorities, Optional.of(certificate), serverName);
  }

  /** The same with another name that the certificate of the server must have. */
  public ConsulTls withServerName(String name) {
    return new ConsulTls(authorities, client, Optional.of(name));
  }
}
