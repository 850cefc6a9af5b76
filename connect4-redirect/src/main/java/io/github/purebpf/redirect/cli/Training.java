package io.github.purebpf.redirect.cli;

import io.github.purebpf.bpf.BpfFs;
import io.github.purebpf.bpf.Cgroup2;
import io.github.purebpf.bpf.error.BpfException;
import io.github.purebpf.redirect.Connect4Redirect;
import io.github.purebpf.redirect.cli.demo.DemoCgroup;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * Does what the command is started for most, so that the JVM can note which classes that takes: the
 * launcher makes its AOT cache from this. It redirects a cgroup of its own that nobody else is in,
 * its pins are in a BPF file system that nobody sees, and both go with the process. Without the
 * privileges for that it does as much as it can.
 */
public final class Training {
  private static final String MAPPED = "127.77.0.1:1=127.0.0.1:1";
  private static final String OTHER = "127.77.0.1:2=127.0.0.1:2*3";

  private Training() {}

  /** Takes no arguments and says nothing. */
  public static void main(String[] args) throws InterruptedException {
    var nowhere = new PrintStream(OutputStream.nullOutputStream());
    command(nowhere, "--help");
    try {
      // Both stay open: what is pinned and attached is taken away first, by the end of run.
      var pin = BpfFs.mountDetached().path().resolve("training").toString();
      var cgroup = DemoCgroup.create(Cgroup2.mount(), "training");
      // So that there is somebody who may have connections.
      cgroup.start(List.of("cat"));
      run(cgroup.path().toString(), pin);
      command(nowhere, "set", "--pin", pin, OTHER);
      command(nowhere, "list", "--pin", pin);
      command(nowhere, "list", "--pin", pin, "--json");
      command(nowhere, "stats", "--pin", pin);
      command(nowhere, "unset", "--pin", pin, OTHER.substring(0, OTHER.indexOf('=')));
    } catch (BpfException | IOException | IllegalStateException e) {
      open();
    }
    System.exit(ExitCode.OK.status());
  }

  private static void command(PrintStream out, String... words) {
    var _ = Main.run(List.of(words), out, out);
  }

  /** Returns when it redirects, or cannot; it ends with the process. */
  private static void run(String cgroup, String pin) throws InterruptedException {
    var told = new CountDownLatch(1);
    var out =
        new PrintStream(
            new OutputStream() {
              @Override
              public void write(int b) {
                told.countDown();
              }
            });
    Thread.ofPlatform()
        .daemon()
        .start(() -> command(out, "run", "--cgroup", cgroup, "--vip", MAPPED, "--pin", pin));
    told.await();
  }

  /** What does not need a place: maps and programs, as far as the kernel lets. */
  private static void open() {
    try {
      Connect4Redirect.open().close();
    } catch (BpfException e) {
      // Then the rest is loaded when it is needed.
    }
  }
}
