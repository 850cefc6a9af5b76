package io.github.purebpf.redirect.consul;

import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import javax.net.ssl.SSLException;

/** Says in words what broke a connection, and what may help. */
final class Trouble {
  private Trouble() {}

  static String words(IOException broken, ConsulTls tls) {
    if (broken instanceof HttpConnectTimeoutException) {
      return "it does not take a connection: check the address, and the firewalls on the way";
    }
    if (broken instanceof ConnectException) {
      return cause(broken, UnresolvedAddressException.class) != null
          ? "its name is not known: check the address, and DNS"
          : "it refuses the connection: does Consul listen there?";
    }
    if (broken instanceof SSLException) {
      return tlsWords(broken, tls);
    }
    return "the connection or the answer is broken: " + Line.of(broken.getMessage());
  }

  private static String tlsWords(IOException broken, ConsulTls tls) {
    var expired = cause(broken, CertificateExpiredException.class);
    if (expired != null) {
      return "its certificate has expired (%s): renew it there"
          .formatted(Line.of(expired.getMessage()));
    }
    var early = cause(broken, CertificateNotYetValidException.class);
    if (early != null) {
      return "its certificate is not valid yet (%s): check the clocks"
          .formatted(Line.of(early.getMessage()));
    }
    if (cause(broken, CertPathBuilderException.class) != null) {
      return tls.authorities()
          .map(file -> "its certificate is signed by none of those in " + file)
          .orElse("its certificate is signed by none that the JDK trusts: give a CA file");
    }
    var message = Line.of(broken.getMessage());
    if (message.contains("alert")) {
      return tls.client().isPresent()
          ? "it refuses our certificate (%s): is it signed by whom the server trusts?"
              .formatted(message)
          : "it ended TLS (%s): it may want a client certificate".formatted(message);
    }
    var certificate = cause(broken, CertificateException.class);
    if (certificate != null) {
      return "its certificate is for another name (%s): set the server name, such as server.dc1.consul"
          .formatted(Line.of(certificate.getMessage()));
    }
    return "TLS fails (%s): is it an https port?".formatted(message);
  }

  private static <T> T cause(Throwable broken, Class<T> type) {
    int limit = 20; // in case they go in a circle
    for (var cause = broken; cause != null && limit-- > 0; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return type.cast(cause);
      }
    }
    return null;
  }
}
