package io.github.purebpf.redirect.cli.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * An ordinary program that knows nothing of any redirection: for each line {@code address port} of
 * its input it connects and prints one line, {@code served} and what the server said, {@code
 * refused}, or {@code failed} and why. It ends with its input.
 */
public final class ConnectClient {
  private ConnectClient() {}

  /** Takes no arguments. */
  public static void main(String[] args) throws IOException {
    // Before the first request, so that the first connect does not wait for half of java.net.
    System.out.println("ready");
    var requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (var line = requests.readLine(); line != null; line = requests.readLine()) {
      int space = line.indexOf(' ');
      System.out.println(
          connect(line.substring(0, space), Integer.parseInt(line.substring(space + 1))));
    }
  }

  static String connect(String address, int port) {
    try (var socket = new Socket(address, port)) {
      var answer =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      return "served " + answer.readLine();
    } catch (IOException e) {
      return failure(e);
    }
  }

  /** Why there is no connection: {@code refused}, or {@code failed} and why. */
  static String failure(IOException e) {
    if (e instanceof ConnectException) {
      var refused = "Connection refused".equals(e.getMessage());
      return refused ? "refused" : "failed " + e.getMessage();
    }
    return "failed " + e;
  }
}
