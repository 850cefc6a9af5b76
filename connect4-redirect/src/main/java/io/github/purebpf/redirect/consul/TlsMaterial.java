package io.github.purebpf.redirect.consul;

import io.github.purebpf.redirect.consul.ConsulTls.ClientCertificate;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * What is in the files of a {@link ConsulTls} at one time. Two are equal if the files were.
 *
 * @param authorities empty if there is no such file
 * @param certificate empty if there is no such file
 * @param key empty if there is no such file
 */
record TlsMaterial(String authorities, String certificate, String key) {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");

  static TlsMaterial read(ConsulTls tls) throws ConsulException {
    var authorities = tls.authorities();
    var client = tls.client();
    return new TlsMaterial(
        authorities.isPresent() ? SmallFile.read(authorities.get()) : "",
        client.isPresent() ? SmallFile.read(client.get().certificate()) : "",
        client.isPresent() ? SmallFile.read(client.get().key()) : "");
  }

  /** Makes of it what a client needs. */
  SSLContext context(ConsulTls tls) throws ConsulException {
    try {
      var context = SSLContext.getInstance("TLS");
      context.init(keyManagers(tls.client()), trustManagers(tls), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new ConsulException("TLS cannot be prepared: " + Line.of(e.getMessage()));
    }
  }

  private TrustManager[] trustManagers(ConsulTls tls)
      throws ConsulException, GeneralSecurityException, IOException {
    KeyStore trusted = null; // means those of the JDK
    if (tls.authorities().isPresent()) {
      trusted = emptyStore();
      int count = 0;
      for (var authority : certificates(tls.authorities().get(), authorities)) {
        trusted.setCertificateEntry("authority" + count++, authority);
      }
    }
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(trusted);
    var managers = factory.getTrustManagers();
    if (tls.serverName().isEmpty()) {
      return managers;
    }
    return new TrustManager[] {
      new NamedTrust((X509ExtendedTrustManager) managers[0], tls.serverName().get())
    };
  }

  private KeyManager[] keyManagers(Optional<ClientCertificate> client)
      throws ConsulException, GeneralSecurityException, IOException {
    if (client.isEmpty()) {
      return new KeyManager[0];
    }
    var chain = certificates(client.get().certificate(), certificate);
    var own = chain.getFirst();
    requireValid(client.get().certificate(), own);
    var privateKey = privateKey(client.get(), own.getPublicKey());
    var store = emptyStore();
    store.setKeyEntry("client", privateKey, new char[0], chain.toArray(X509Certificate[]::new));
    var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, new char[0]);
    return factory.getKeyManagers();
  }

  private static void requireValid(Path file, X509Certificate certificate) throws ConsulException {
    try {
      certificate.checkValidity();
    } catch (CertificateExpiredException e) {
      throw new ConsulException(
          "our certificate in %s has expired on %s: put a new one there"
              .formatted(file, certificate.getNotAfter().toInstant()));
    } catch (CertificateNotYetValidException e) {
      throw new ConsulException(
          "our certificate in %s is valid from %s only: check the clock"
              .formatted(file, certificate.getNotBefore().toInstant()));
    }
  }

  private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
    var store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static List<X509Certificate> certificates(Path file, String pem) throws ConsulException {
    var found = new ArrayList<X509Certificate>();
    Matcher blocks = BLOCK.matcher(pem);
    try {
      while (blocks.find()) {
        if (blocks.group(1).endsWith("CERTIFICATE")) {
          var der = new ByteArrayInputStream(decode(blocks.group(2)));
          var factory = CertificateFactory.getInstance("X.509");
          found.add((X509Certificate) factory.generateCertificate(der));
        }
      }
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new ConsulException(
          "%s holds a certificate that cannot be read: %s"
              .formatted(file, Line.of(e.getMessage())));
    }
    if (found.isEmpty()) {
      throw new ConsulException(
          "%s holds no certificate: it must be PEM, with -----BEGIN CERTIFICATE-----"
              .formatted(file));
    }
    return found;
  }

  private PrivateKey privateKey(ClientCertificate client, PublicKey certified)
      throws ConsulException {
    var file = client.key();
    Matcher blocks = BLOCK.matcher(key);
    while (blocks.find()) {
      switch (blocks.group(1)) {
        case "PRIVATE KEY" -> {
          return privateKey(client, decode(blocks.group(2)), certified);
        }
        case "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY" ->
            throw new ConsulException(
                "%s is not PKCS #8 without password: make it so with openssl pkcs8 -topk8 -nocrypt"
                    .formatted(file));
        default -> {
          // Such as EC PARAMETERS, or the certificate.
        }
      }
    }
    throw new ConsulException(
        "%s holds no key: it must be PEM, with -----BEGIN PRIVATE KEY-----".formatted(file));
  }

  private static PrivateKey privateKey(ClientCertificate client, byte[] pkcs8, PublicKey certified)
      throws ConsulException {
    try {
      var algorithm = certified.getAlgorithm();
      var key = KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
      var signature =
          Signature.getInstance(
              switch (algorithm) {
                case "RSA" -> "SHA256withRSA";
                case "EC" -> "SHA256withECDSA";
                default -> algorithm;
              });
      byte[] sample = "sample".getBytes(StandardCharsets.US_ASCII);
      signature.initSign(key);
      signature.update(sample);
      byte[] signed = signature.sign();
      signature.initVerify(certified);
      signature.update(sample);
      if (signature.verify(signed)) {
        return key;
      }
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      // A key of another kind.
    }
    throw new ConsulException(
        "the key in %s is not that of the certificate in %s; are both replaced?"
            .formatted(client.key(), client.certificate()));
  }

  private static byte[] decode(String base64) {
    return Base64.getMimeDecoder().decode(base64);
  }

  /** Nobody needs to see the key. */
  @Override
  public String toString() {
    return "TlsMaterial";
  }
}
