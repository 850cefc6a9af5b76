package io.github.purebpf.redirect.consul;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.consul.ConsulTls.ClientCertificate;
import io.github.purebpf.redirect.consul.ConsulWatchTest.Watched;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConsulTlsTest {
  private static final Server A = Server.parse("10.0.0.1:8502");
  private static final String NAME = "server.dc1.consul";

  @TempDir private static Path shared;
  @TempDir private Path folder;

  private static TestAuthority authority;
  private static Path ca;

  @BeforeAll
  static void makeCertificates() throws Exception {
    authority = new TestAuthority(shared);
    authority.sign("server", "-keyalg", "EC", "-ext", "san=ip:127.0.0.1");
    authority.sign("named", "-keyalg", "EC", "-ext", "san=dns:" + NAME + ",dns:*.dc2.consul");
    authority.sign(
        "expired",
        "-keyalg",
        "EC",
        "-startdate",
        "-3d",
        "-validity",
        "1",
        "-ext",
        "san=ip:127.0.0.1");
    authority.sign("client", "-keyalg", "RSA", "-keysize", "2048");
    authority.selfSigned("stranger", "-keyalg", "EC");
    ca = authority.certificate("ca");
  }

  private static Watched watch(FakeConsul consul, ConsulTls tls) {
    return new Watched(ConsulOptions.of(List.of(consul.uri())).withTls(tls));
  }

  private static ConsulTls trusting() {
    return ConsulTls.DEFAULT.withAuthorities(ca);
  }

  private static ClientCertificate client(String alias) throws Exception {
    return new ClientCertificate(authority.certificate(alias), authority.key(alias));
  }

  private static FakeConsul start(String alias, boolean wantsClient) throws Exception {
    var consul = FakeConsul.startTls(authority.server(alias), wantsClient);
    consul.join("a", A);
    return consul;
  }

  @Test
  void trustsWhomTheFileSaysAndNobodyElse() throws Exception {
    try (var consul = start("server", false)) {
      try (var watched = watch(consul, trusting())) {
        watched.awaitServers(A);
        assertEquals(List.of(), watched.failures());
      }
      try (var watched = watch(consul, ConsulTls.DEFAULT)) {
        watched.awaitFailure("signed by none that the JDK trusts: give a CA file");
      }
      var other = authority.certificate("stranger");
      try (var watched = watch(consul, ConsulTls.DEFAULT.withAuthorities(other))) {
        watched.awaitFailure("its certificate is signed by none of those in " + other);
      }
    }
  }

  @Test
  void theNameOfTheServerIsChecked() throws Exception {
    try (var consul = start("named", false)) {
      try (var watched = watch(consul, trusting())) {
        watched.awaitFailure("its certificate is for another name");
      }
      try (var watched = watch(consul, trusting().withServerName("server.dc3.consul"))) {
        watched.awaitFailure("its certificate is for another name");
      }
      for (var name : List.of(NAME, "SERVER.dc1.Consul", "x.dc2.consul")) {
        try (var watched = watch(consul, trusting().withServerName(name))) {
          watched.awaitServers(A);
        }
      }
      for (var name : List.of("dc2.consul", "y.x.dc2.consul", ".dc2.consul")) {
        try (var watched = watch(consul, trusting().withServerName(name))) {
          var why = watched.awaitFailure("its certificate is for another name");
          assertTrue(why.contains(name), why);
        }
      }
    }
  }

  @Test
  void anExpiredCertificateOfTheServerIsToldInWords() throws Exception {
    try (var consul = start("expired", false)) {
      try (var watched = watch(consul, trusting())) {
        var why = watched.awaitFailure("its certificate has expired (NotAfter: ");
        assertTrue(why.endsWith("renew it there"), why);
      }
      try (var watched = watch(consul, trusting().withServerName("x"))) {
        watched.awaitFailure("its certificate has expired");
      }
    }
  }

  @Test
  void showsItsOwnCertificateToAServerThatWantsOne() throws Exception {
    try (var consul = start("server", true)) {
      try (var watched = watch(consul, trusting().withClient(client("client")))) {
        watched.awaitServers(A);
        assertEquals(List.of(), watched.failures());
      }
      try (var watched = watch(consul, trusting())) {
        watched.awaitFailure("it may want a client certificate");
      }
      try (var watched = watch(consul, trusting().withClient(client("stranger")))) {
        watched.awaitFailure("ertificate");
      }
      try (var watched = watch(consul, trusting().withClient(client("expired")))) {
        watched.awaitFailure("has expired on 20");
      }
    }
  }

  @Test
  void newFilesAreTakenAsSoonAsTheyAreThere() throws Exception {
    var certificate = Files.copy(authority.certificate("client"), folder.resolve("c.pem"));
    var key = Files.copy(authority.key("client"), folder.resolve("c.key"));
    var authorities = Files.copy(ca, folder.resolve("ca.pem"));
    var tls =
        ConsulTls.DEFAULT
            .withAuthorities(authorities)
            .withClient(new ClientCertificate(certificate, key));
    try (var consul = start("server", true);
        var watched = watch(consul, tls)) {
      watched.awaitServers(A);
      Files.copy(authority.certificate("server"), certificate, StandardCopyOption.REPLACE_EXISTING);
      consul.touch();
      watched.awaitFailure("the key in " + key + " is not that of the certificate in");
      Files.copy(authority.key("server"), key, StandardCopyOption.REPLACE_EXISTING);
      int before = watched.findings().size();
      consul.join("b", Server.parse("10.0.0.2:8502"));
      watched.awaitServers(A, Server.parse("10.0.0.2:8502"));
      assertTrue(watched.findings().size() > before);
      Files.writeString(authorities, "nothing");
      consul.touch();
      watched.awaitFailure(authorities + " holds no certificate: it must be PEM");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY"})
  void aKeyOfAnotherFormIsToldWithTheRemedy(String type) throws Exception {
    var key = folder.resolve("k");
    Files.writeString(key, Files.readString(authority.key("client")).replace("PRIVATE KEY", type));
    var tls = trusting().withClient(new ClientCertificate(authority.certificate("client"), key));
    try (var consul = start("server", true);
        var watched = watch(consul, tls)) {
      watched.awaitFailure(key + " is not PKCS #8 without password: make it so with openssl pkcs8");
      assertEquals(List.of(), consul.requests());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | holds no key",
        "-----BEGIN PRIVATE KEY-----!-----END PRIVATE KEY----- | is not that of the certificate",
        "-----BEGIN PRIVATE KEY-----AAAA-----END PRIVATE KEY----- | is not that of the certificate"
      })
  void aKeyThatIsNoneIsToldInWords(String pem, String words) throws Exception {
    var key = Files.writeString(folder.resolve("k"), pem);
    var tls = trusting().withClient(new ClientCertificate(authority.certificate("client"), key));
    try (var consul = start("server", true);
        var watched = watch(consul, tls)) {
      watched.awaitFailure(words);
    }
  }

  /** As Go's server does, which Consul has. */
  @Test
  void theWrongKindOfPortIsToldInWords() throws Exception {
    byte[] answer =
        "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    try (var plain = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"))) {
      Thread.ofVirtual()
          .start(
              () -> {
                while (!plain.isClosed()) {
                  try (var client = plain.accept()) {
                    client.getInputStream().read();
                    client.getOutputStream().write(answer);
                  } catch (IOException e) {
                    // The client has seen enough, or the test is over.
                  }
                }
              });
      var https = URI.create("https://127.0.0.1:" + plain.getLocalPort());
      try (var watched = new Watched(ConsulOptions.of(List.of(https)).withTls(trusting()))) {
        watched.awaitFailure("is it an https port?");
      }
    }
    try (var consul = FakeConsul.start()) {
      consul.failWith(400, "Client sent an HTTP request to an HTTPS server.\n");
      try (var watched = new Watched(ConsulOptions.of(List.of(consul.uri())))) {
        watched.awaitFailure("(400 Client sent an HTTP request to an HTTPS server.)");
      }
    }
  }
}
