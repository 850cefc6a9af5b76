package io.github.purebpf.benchmarks;

import io.github.purebpf.redirect.RedirectTable;
import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.VirtualAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The command, and a program that has opened its table with the library. */
final class TableControl extends Control {
  private final VirtualAddress vip;
  private final RedirectTable table;

  private TableControl(Peer.Ready peer, Process process, VirtualAddress vip, RedirectTable table) {
    super(peer, process);
    this.vip = vip;
    this.table = table;
  }

  static TableControl start(Peer.Ready peer, Path cgroup, Path pin, int port) throws IOException {
    var vip = VirtualAddress.parse(Starts.VIRTUAL + ":" + port);
    var builder =
        new ProcessBuilder(
                List.of(
                    peer.command().getFirst(),
                    "run",
                    "--cgroup",
                    cgroup.toString(),
                    "--pin",
                    pin.toString(),
                    "--vip",
                    vip + "=" + ControllerStage.FIRST + ":" + port))
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(CommandLauncher.environment());
    var process = builder.start();
    String line = process.inputReader().readLine();
    if (line == null || !line.startsWith("ready")) {
      end(process);
      throw new IOException("the command does not start: " + line);
    }
    return new TableControl(peer, process, vip, RedirectTable.openPinned(pin));
  }

  @Override
  String address() {
    return Starts.VIRTUAL;
  }

  @Override
  int port() {
    return vip.port();
  }

  @Override
  void update(String server) {
    table.put(vip, Server.parse(server + ":" + vip.port()));
  }

  @Override
  void clear() {
    table.close();
  }
}
