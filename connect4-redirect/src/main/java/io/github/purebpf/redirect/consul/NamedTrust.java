package io.github.purebpf.redirect.consul;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/** Wants a certificate for one name, whatever the address was. */
final class NamedTrust extends X509ExtendedTrustManager {
  /** What {@link X509Certificate#getSubjectAlternativeNames()} calls the name of a host. */
  private static final Integer DNS_NAME = 2;

  private final X509ExtendedTrustManager authorities;
  private final String name;

  NamedTrust(X509ExtendedTrustManager authorities, String name) {
    this.authorities = authorities;
    this.name = name.toLowerCase(Locale.ROOT);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    checkServerTrusted(chain, type);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    checkServerTrusted(chain, type);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    authorities.checkServerTrusted(chain, type);
    var names = chain[0].getSubjectAlternativeNames();
    if (names != null) {
      for (List<?> entry : names) {
        if (DNS_NAME.equals(entry.get(0)) && matches((String) entry.get(1))) {
          return;
        }
      }
    }
    throw new CertificateException("No subject alternative DNS name matching " + name + " found");
  }

  /** An asterisk stands for the first part. */
  private boolean matches(String certified) {
    var pattern = certified.toLowerCase(Locale.ROOT);
    int dot = name.indexOf('.');
    return pattern.equals(name)
        || (pattern.startsWith("*.")
            && dot > 0
            && pattern.substring(1).equals(name.substring(dot)));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    throw noServer();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    throw noServer();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw noServer();
  }

  private static CertificateException noServer() {
    return new CertificateException("this is no server");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return authorities.getAcceptedIssuers();
  }
}
