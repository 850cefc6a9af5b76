package io.github.purebpf.redirect.consul;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Certificates for a test, made by the JDK's keytool. */
public final class TestAuthority {
  private static final String PASSWORD = "changeit";
  private final Path folder;
  private final Path store;

  /** With the certificate {@code ca}. */
  public TestAuthority(Path folder) {
    this.folder = folder;
    this.store = folder.resolve("store.p12");
    keytool("ca", "-keyalg", "EC", "-ext", "bc:c");
  }

  /** Makes one that is signed by {@code ca}. */
  public void sign(String alias, String... options) {
    var all = new ArrayList<>(List.of("-signer", "ca"));
    all.addAll(List.of(options));
    keytool(alias, all.toArray(String[]::new));
  }

  /** Makes one that is signed by itself. */
  public void selfSigned(String alias, String... options) {
    keytool(alias, options);
  }

  private void keytool(String alias, String... options) {
    var tool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    var command = new ArrayList<>(List.of(tool));
    command.addAll(
        List.of("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC")); // it lives for short
    command.addAll(List.of("-genkeypair", "-alias", alias));
    command.addAll(List.of("-dname", "CN=" + alias, "-keystore", store.toString()));
    command.addAll(List.of("-storepass", PASSWORD));
    command.addAll(List.of(options));
    try {
      var log = folder.resolve("keytool.log");
      var process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new AssertionError("keytool failed: " + Files.readString(log));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private KeyStore open() throws GeneralSecurityException, IOException {
    var keys = KeyStore.getInstance("PKCS12");
    try (var in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    return keys;
  }

  /** The chain of one, in a file of its own name. */
  public Path certificate(String alias) throws Exception {
    var pem = new StringBuilder("Subject: " + alias + "\n");
    for (Certificate certificate : open().getCertificateChain(alias)) {
      pem.append(pem("CERTIFICATE", certificate.getEncoded()));
    }
    return Files.writeString(folder.resolve(alias + ".pem"), pem, US_ASCII);
  }

  /** The key of one, in a file of its own name. */
  public Path key(String alias) throws Exception {
    byte[] key = open().getKey(alias, PASSWORD.toCharArray()).getEncoded();
    return Files.writeString(folder.resolve(alias + ".key"), pem("PRIVATE KEY", key), US_ASCII);
  }

  private static String pem(String type, byte[] der) {
    return "-----BEGIN %s-----\n%s\n-----END %1$s-----\n"
        .formatted(type, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der));
  }

  /** For a server with one certificate, which trusts clients that {@code ca} has signed. */
  public SSLContext server(String alias) throws Exception {
    var own = KeyStore.getInstance("PKCS12");
    own.load(null, null);
    var all = open();
    var key = all.getKey(alias, PASSWORD.toCharArray());
    own.setKeyEntry(alias, key, new char[0], all.getCertificateChain(alias));
    var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(own, new char[0]);
    var authorities = KeyStore.getInstance("PKCS12");
    authorities.load(null, null);
    authorities.setCertificateEntry("ca", all.getCertificate("ca"));
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(authorities);
    var context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }
}
