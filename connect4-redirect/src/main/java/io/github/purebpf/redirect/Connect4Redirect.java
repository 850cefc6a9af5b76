package io.github.purebpf.redirect;

import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.ProgramSpec;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Redirects TCP connects of the programs in a cgroup: one to a virtual address and port lands on
 * the server that the table names for it.
 *
 * <pre>{@code
 * try (var redirect = Connect4Redirect.open();
 *     var _ = redirect.attach(cgroup)) {
 *   redirect.put(VirtualAddress.parse("10.0.0.1:8500"), Server.parse("10.1.2.3:8500"));
 *   ...
 * }
 * }</pre>
 *
 * <p>It works on sockets of {@code AF_INET} and on those of {@code AF_INET6} that connect to an
 * IPv4-mapped address, as the JVM's do. Other IPv6 connects, and all that is not TCP, are left
 * alone; so is what is not in the table.
 *
 * <p>Needs {@code CAP_BPF} and {@code CAP_NET_ADMIN}, or {@code CAP_SYS_ADMIN}, and Linux 5.7. All
 * methods can be called from any thread.
 */
public final class Connect4Redirect implements AutoCloseable {
  private final RedirectTable table;
  private final BpfProgram connect4;
  private final BpfProgram connect6;
  private final Deque<Attachment> attachments = new ArrayDeque<>();
  private boolean closed;

  private Connect4Redirect(RedirectTable table, BpfProgram connect4, BpfProgram connect6) {
    this.table = table;
    this.connect4 = connect4;
    this.connect6 = connect6;
  }

  /**
   * Makes an empty table and loads the programs. Nothing is redirected before {@link #attach}.
   *
   * @throws io.github.purebpf.bpf.error.MissingPrivilegeException if a capability is missing
   * @throws io.github.purebpf.bpf.error.UnsupportedKernelException if the kernel is too old
   * @throws io.github.purebpf.bpf.error.KernelErrorException if the kernel refuses for another
   *     reason
   */
  public static Connect4Redirect open() {
    var table = RedirectTable.create();
    try {
      var connect4 = table.load("redirect4", ProgramSpec::connect4, RedirectPrograms::connect4);
      try {
        var connect6 = table.load("redirect6", ProgramSpec::connect6, RedirectPrograms::connect6);
        return new Connect4Redirect(table, connect4, connect6);
      } catch (RuntimeException e) {
        connect4.close();
        throw e;
      }
    } catch (RuntimeException e) {
      table.close();
      throw e;
    }
  }

  /**
   * Maps a virtual address to a server, in place of the server that it was mapped to, if any.
   * Connects that begin from now on go there; those that are made stay where they are.
   *
   * @throws TableFullException if it is new and there is no room for it
   */
  public void put(VirtualAddress vip, Server server) {
    table.put(vip, server);
  }

  /**
   * Takes a virtual address out of the table, so that connects to it are left alone.
   *
   * @return whether it was in it
   */
  public boolean remove(VirtualAddress vip) {
    return table.remove(vip);
  }

  /** The server that a virtual address is mapped to. */
  public Optional<Server> get(VirtualAddress vip) {
    return table.get(vip);
  }

  /** What is in the table, as it is now. */
  public SortedMap<VirtualAddress, Server> list() {
    return table.list();
  }

  /**
   * Makes the table reachable for other processes, see {@link RedirectTable#pin}; {@link #close}
   * ends that.
   *
   * @throws AlreadyPinnedException if the directory holds a table
   * @throws PinException if it is in no BPF file system, or its name has a dot
   */
  public void pin(Path directory) {
    table.pin(directory);
  }

  /**
   * Begins to redirect the connects of all programs in a cgroup and in the cgroups below it, with
   * both hooks or with none.
   *
   * @param cgroup its directory in the cgroup2 hierarchy
   * @throws io.github.purebpf.bpf.NotCgroup2Exception if it is no such directory
   * @throws io.github.purebpf.bpf.error.MissingPrivilegeException if a capability is missing
   * @throws io.github.purebpf.bpf.error.KernelErrorException if the kernel refuses for another
   *     reason, such as a foreign program that tolerates no other
   * @throws IllegalStateException if this is closed
   */
  public Attachment attach(Path cgroup) {
    synchronized (attachments) {
      if (closed) {
        throw new IllegalStateException("the redirector is closed");
      }
      var link4 = connect4.attachToCgroup(cgroup);
      try {
        var attachment = new Attachment(cgroup, link4, connect6.attachToCgroup(cgroup));
        attachments.push(attachment);
        return attachment;
      } catch (RuntimeException e) {
        link4.close();
        throw e;
      }
    }
  }

  /** Detaches whatever it attached, unpins what it pinned, and lets go of table and programs. */
  @Override
  public void close() {
    synchronized (attachments) {
      closed = true;
      try (table;
          connect4;
          connect6) {
        while (!attachments.isEmpty()) {
          attachments.pop().close();
        }
      }
    }
  }
}
