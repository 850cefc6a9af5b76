package io.github.purebpf.redirect.cli.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Stands for the sidecars of a host, which know nothing of any redirection: each holds a
 * connection, and connects again when it is lost or refused. For each line {@code address port
 * count} of its input it starts so many. Each prints its number and what has become of its
 * connection: {@code 3 served A}, {@code 3 lost}, {@code 3 refused}, or {@code 3 failed} and why.
 * It ends with its input.
 */
public final class SidecarProgram {
  private static final int RETRY_MILLIS = 100;

  /** One connects after the other, so that each is counted before the next is placed. */
  private static final ReentrantLock TURN = new ReentrantLock();

  private final int number;
  private final InetSocketAddress address;

  private SidecarProgram(int number, InetSocketAddress address) {
    this.number = number;
    this.address = address;
  }

  /** Takes no arguments. */
  public static void main(String[] args) throws IOException {
    int number = 0;
    var requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (var line = requests.readLine(); line != null; line = requests.readLine()) {
      var words = line.split(" ", -1);
      var address = new InetSocketAddress(words[0], Integer.parseInt(words[1]));
      for (int i = 0; i < Integer.parseInt(words[2]); i++) {
        var sidecar = new SidecarProgram(number++, address);
        Thread.ofVirtual().start(sidecar::live);
      }
    }
  }

  private void live() {
    try {
      while (true) {
        var socket = connect();
        if (socket.isPresent()) {
          hold(socket.get());
        } else {
          TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
        }
      }
    } catch (InterruptedException e) {
      say("failed " + e);
    }
  }

  private Optional<Socket> connect() {
    TURN.lock();
    try {
      return Optional.of(new Socket(address.getAddress(), address.getPort()));
    } catch (IOException e) {
      say(ConnectClient.failure(e));
      return Optional.empty();
    } finally {
      TURN.unlock();
    }
  }

  private void hold(Socket socket) {
    try (socket) {
      var answers =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      say("served " + answers.readLine());
      while (answers.read() >= 0) {}
    } catch (IOException e) {
      // As a proxy does: it is lost, whatever the reason.
    }
    say("lost");
  }

  private void say(String what) {
    System.out.println(number + " " + what);
  }
}
