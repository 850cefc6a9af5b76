package io.github.purebpf.redirect.consul;

import java.security.KeyManagementException;
import java.security.SecureRandom;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;

/** For a server whose certificate is renewed while it runs: what new connections begin with. */
final class RenewableTls extends SSLContextSpi {
  private volatile SSLContext now;

  RenewableTls(SSLContext first) {
    this.now = first;
  }

  /** From the next connection on. */
  void renew(SSLContext next) {
    now = next;
  }

  SSLContext context() {
    return new SSLContext(this, now.getProvider(), now.getProtocol()) {};
  }

  @Override
  protected void engineInit(KeyManager[] keys, TrustManager[] trust, SecureRandom random)
      throws KeyManagementException {
    throw new KeyManagementException("it is made of others that are ready");
  }

  @Override
  protected SSLEngine engineCreateSSLEngine() {
    return now.createSSLEngine();
  }

  @Override
  protected SSLEngine engineCreateSSLEngine(String host, int port) {
    return now.createSSLEngine(host, port);
  }

  @Override
  protected SSLSocketFactory engineGetSocketFactory() {
    return now.getSocketFactory();
  }

  @Override
  protected SSLServerSocketFactory engineGetServerSocketFactory() {
    return now.getServerSocketFactory();
  }

  @Override
  protected SSLSessionContext engineGetServerSessionContext() {
    return now.getServerSessionContext();
  }

  @Override
  protected SSLSessionContext engineGetClientSessionContext() {
    return now.getClientSessionContext();
  }
}
