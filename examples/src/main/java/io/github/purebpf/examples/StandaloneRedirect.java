package io.github.purebpf.examples;

import io.github.purebpf.redirect.Connect4Redirect;
import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.VirtualAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The standalone redirection: TCP connects of the programs in a cgroup to one virtual address land
 * on one server. Each line of the input names another server; the end of the input is the end.
 *
 * <pre>{@code
 * StandaloneRedirect /sys/fs/cgroup/sidecars 127.77.0.1:8500 127.0.0.1:9001
 * }</pre>
 *
 * <p>Needs CAP_BPF and CAP_NET_ADMIN, or root.
 */
public final class StandaloneRedirect {
  private StandaloneRedirect() {}

  /** Takes the folder of the cgroup, the virtual address, and the server. */
  public static void main(String[] args) throws IOException {
    if (args.length != 3) {
      System.err.println("usage: StandaloneRedirect CGROUP VIP:PORT SERVER:PORT");
      System.exit(2);
    }
    var vip = VirtualAddress.parse(args[1]);
    try (var redirect = Connect4Redirect.open()) {
      redirect.put(vip, Server.parse(args[2]));
      redirect.attach(Path.of(args[0]));
      System.out.println("redirecting " + vip + " to " + args[2]);

      var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (var line = input.readLine(); line != null; line = input.readLine()) {
        redirect.put(vip, Server.parse(line));
        System.out.println("redirecting " + vip + " to " + line);
      }
    } // detached here, or when the process ends
  }
}
