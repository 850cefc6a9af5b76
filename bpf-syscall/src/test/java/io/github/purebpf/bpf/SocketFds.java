package io.github.purebpf.bpf;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.NetworkChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Finds the file descriptor of an IPv4 socket of the JDK, which does not tell it, by its inode. */
final class SocketFds {
  private static final int LOCAL = 1;
  private static final int REMOTE = 2;
  private static final int INODE = 9;

  private SocketFds() {}

  /**
   * @param table {@code tcp} or {@code udp}
   * @param remote null if it has none
   */
  static int of(String table, NetworkChannel channel, InetSocketAddress remote) throws IOException {
    String local = hex((InetSocketAddress) channel.getLocalAddress());
    String other = remote == null ? "00000000:0000" : hex(remote);
    for (var line : Files.readAllLines(Path.of("/proc/thread-self/net", table))) {
      var words = List.of(line.strip().split("\\s+"));
      if (words.get(LOCAL).equals(local) && words.get(REMOTE).equals(other)) {
        return withLink("socket:[" + words.get(INODE) + "]");
      }
    }
    throw new AssertionError("no socket " + local + " in " + table);
  }

  private static String hex(InetSocketAddress address) {
    int ip =
        ByteBuffer.wrap(address.getAddress().getAddress()).order(ByteOrder.nativeOrder()).getInt();
    return "%08X:%04X".formatted(ip, address.getPort());
  }

  private static int withLink(String target) throws IOException {
    try (var links = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (var link : links) {
        if (Files.isSymbolicLink(link) && Files.readSymbolicLink(link).toString().equals(target)) {
          return Integer.parseInt(link.getFileName().toString());
        }
      }
    }
    throw new AssertionError("no descriptor of " + target);
  }
}
