package io.github.purebpf.redirect;

import io.github.purebpf.bpf.BpfLink;
import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.redirect.dataplane.CgroupFilter;
import io.github.purebpf.redirect.dataplane.Dataplane;
import io.github.purebpf.redirect.dataplane.Hook;
import io.github.purebpf.redirect.dataplane.ProgramOptions;
import io.github.purebpf.uapi.AttachType;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

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
 * <p>Needs {@code CAP_BPF} and {@code CAP_NET_ADMIN}, or {@code CAP_SYS_ADMIN}, and Linux 5.15. All
 * methods can be called from any thread.
 */
public final class Connect4Redirect implements AutoCloseable {
  private final RedirectTable table;

  /** By hook, in the order in which they are attached. */
  private final Map<Hook, BpfProgram> programs;

  /** Those that are not closed. */
  private final SequencedSet<Attachment> attachments = new LinkedHashSet<>();

  private boolean closed;

  private Connect4Redirect(RedirectTable table, Map<Hook, BpfProgram> programs) {
    this.table = table;
    this.programs = programs;
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
    return open(RedirectOptions.DEFAULT);
  }

  /**
   * The same with options.
   *
   * @throws io.github.purebpf.bpf.error.BpfException as above
   */
  public static Connect4Redirect open(RedirectOptions options) {
    var table = RedirectTable.create();
    try {
      var programs = load(table.dataplane(), options);
      table.dataplane().meta().options(OptionsWord.of(options));
      return new Connect4Redirect(table, programs);
    } catch (RuntimeException e) {
      table.close();
      throw e;
    }
  }

  /**
   * Loads the programs that the options ask for, or none. All at once, as the verifier takes
   * milliseconds for one, and tens on a kernel without {@code may_goto}; a thread has the
   * capabilities of the one that starts it.
   */
  static Map<Hook, BpfProgram> load(Dataplane dataplane, RedirectOptions options) {
    var programOptions = programOptions(options.scope());
    var loads = new EnumMap<Hook, FutureTask<BpfProgram>>(Hook.class);
    for (var hook : Hook.values()) {
      if (!hook.isOptional() || options.peerName()) {
        var load = new FutureTask<>(() -> dataplane.load(hook, programOptions));
        loads.put(hook, load);
        Thread.ofPlatform().name(hook.name()).daemon().start(load);
      }
    }
    var programs = new EnumMap<Hook, BpfProgram>(Hook.class);
    RuntimeException failure = null;
    for (var load : loads.entrySet()) {
      try {
        programs.put(load.getKey(), outcome(load.getValue()));
      } catch (RuntimeException e) {
        failure = failure == null ? e : failure;
      }
    }
    if (failure != null) {
      programs.values().forEach(BpfProgram::close);
      throw failure;
    }
    return programs;
  }

  /** Waits for it; an interrupt is kept for later. */
  private static BpfProgram outcome(FutureTask<BpfProgram> load) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return load.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          switch (e.getCause()) {
            case RuntimeException cause -> throw cause;
            case Error cause -> throw cause;
            default -> throw new IllegalStateException(e.getCause());
          }
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static ProgramOptions programOptions(Scope scope) {
    return ProgramOptions.ofKernel(
        switch (scope) {
          case ALL -> CgroupFilter.ALL;
          case LISTED -> CgroupFilter.LISTED;
          case NOT_LISTED -> CgroupFilter.NOT_LISTED;
        });
  }

  /**
   * Where in a cgroup the programs are attached, in that order: to tell what else is there.
   *
   * @param options those that the redirector is opened with
   */
  public static List<AttachType> hooks(RedirectOptions options) {
    return Arrays.stream(Hook.values())
        .filter(hook -> !hook.isOptional() || options.peerName())
        .map(Hook::attachType)
        .toList();
  }

  /** The virtual addresses, their servers, and what came of the connects to them. */
  public RedirectTable table() {
    return table;
  }

  /**
   * Maps a virtual address to a server: {@code table().put(vip, server)}.
   *
   * @throws TableFullException if it is new and there is no room for it
   */
  public void put(VirtualAddress vip, Server server) {
    table.put(vip, server);
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
   * all hooks or with none.
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
      var links = new EnumMap<Hook, BpfLink>(Hook.class);
      try {
        programs.forEach((hook, program) -> links.put(hook, program.attachToCgroup(cgroup)));
        var attachment = new Attachment(cgroup, links, this::forget);
        attachments.add(attachment);
        return attachment;
      } catch (RuntimeException e) {
        Attachment.closeAll(List.copyOf(links.values()));
        throw e;
      }
    }
  }

  /** Counts out the connections of one that is being closed, but for those of others. */
  private void forget(Attachment attachment) {
    synchronized (attachments) {
      attachments.remove(attachment);
      table.forget(
          absolute(attachment.cgroup()),
          attachments.stream().map(other -> absolute(other.cgroup())).toList());
    }
  }

  private static Path absolute(Path path) {
    return path.toAbsolutePath().normalize();
  }

  /** Detaches whatever it attached, unpins what it pinned, and lets go of table and programs. */
  @Override
  public void close() {
    synchronized (attachments) {
      closed = true;
      try (table) {
        while (!attachments.isEmpty()) {
          attachments.removeLast().end();
        }
        programs.values().forEach(BpfProgram::close);
      }
    }
  }
}
