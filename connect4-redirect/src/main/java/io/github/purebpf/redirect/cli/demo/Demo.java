package io.github.purebpf.redirect.cli.demo;

import io.github.purebpf.bpf.BpfFs;
import io.github.purebpf.bpf.Cgroup2;
import io.github.purebpf.redirect.Connect4Redirect;
import io.github.purebpf.redirect.VirtualAddress;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * The main job on real sockets: connects of ordinary programs in a cgroup go where the table says,
 * and another process changes the table.
 */
public final class Demo {
  private static final int PREFERRED_PORT = 8500;
  private static final int LIMIT_SECONDS = 10;
  private static final String REFUSED = "refused";
  private static final String SERVED = "served ";

  private final Story story;
  private final Class<?> command;
  private final VirtualAddress vip;
  private final NamedServer a;
  private final NamedServer b;
  private final List<Client> clients = new ArrayList<>();

  private Demo(Story story, Class<?> command, NamedServer a, NamedServer b) throws IOException {
    this.story = story;
    this.command = command;
    this.a = a;
    this.b = b;
    this.vip = DemoVip.free(PREFERRED_PORT);
  }

  /**
   * Tells the story while it happens, and cleans up, also when it is interrupted or killed.
   *
   * @param out where it is told
   * @param colors whether that is a terminal that shows colors
   * @param command the main class of the command, which the other process runs
   * @return the steps that did not happen
   */
  public static List<String> run(PrintStream out, boolean colors, Class<?> command)
      throws IOException, InterruptedException {
    var story = Story.to(out, colors);
    Path scratch;
    // The redirector first: without the privileges that it needs, nothing at all is made. The
    // cgroup last: once it is removed no client is left to wait for.
    try (var redirect = Connect4Redirect.open();
        var pins = BpfFs.mountDetached();
        var threads = Executors.newVirtualThreadPerTaskExecutor();
        var a = NamedServer.start("A");
        var b = NamedServer.start("B");
        var cgroup = DemoCgroup.create(Cgroup2.mount(), "demo");
        var _ = new ClearOnKill(story, cgroup)) {
      scratch = cgroup.path();
      var demo = new Demo(story, command, a, b);
      demo.start(cgroup, threads);
      demo.tell(redirect, pins.path().resolve("demo"), cgroup);
    }
    story.step("the cgroup is gone, and all that was in it", !Files.exists(scratch));
    story.end();
    return story.failures();
  }

  private void start(DemoCgroup cgroup, Executor threads) throws IOException, InterruptedException {
    story.title("connect4-redirect: a connect goes elsewhere, and no program notices");
    story.fact("virtual address", vip + ", where nobody listens");
    story.fact("server A", a.server() + ", answers with its name");
    story.fact("server B", b.server() + ", likewise");
    story.fact("cgroup", cgroup.path() + ", with these programs in it:");
    var starting = new ArrayList<CompletableFuture<String>>();
    for (var program : ClientProgram.available()) {
      var client = new Client(program.name(), cgroup.start(program.command()), threads);
      clients.add(client);
      starting.add(client.started());
      story.fact("  " + program.name(), program.socket());
    }
    for (var started : starting) {
      var answer = await(started);
      if (!answer.equals("ready")) {
        throw new IOException("a client does not start: " + answer);
      }
    }
  }

  private void tell(Connect4Redirect redirect, Path pin, DemoCgroup cgroup)
      throws IOException, InterruptedException {
    story.chapter("Without the redirector");
    each(vip.toString(), client -> client.connect(vip), REFUSED);

    redirect.pin(pin);
    redirect.put(vip, a.server());
    try (var _ = redirect.attach(cgroup.path())) {
      story.chapter("With it, and " + vip + " mapped to server A");
      story.note("programs for connect4, connect6 and what follows, assembled in Java: attached");
      each(vip.toString(), client -> client.connect(vip), SERVED + "A");

      story.chapter("Another process maps it to server B, and nothing else is told so");
      setByAnotherProcess(pin);
      each(vip.toString(), client -> client.connect(vip), SERVED + "B");

      story.chapter("What is not mapped goes its way");
      each(a.server().toString(), client -> client.connect(a.server()), SERVED + "A");
      var other = new VirtualAddress(vip.address(), vip.port() == 1 ? 2 : 1);
      each(other.toString(), client -> client.connect(other), REFUSED);
      var outside = ConnectClient.connect(vip.address().toString(), vip.port());
      story.step("a process outside", vip.toString(), REFUSED, outside);
    }

    story.chapter("Detached again");
    each(vip.toString(), client -> client.connect(vip), REFUSED);

    story.chapter("How many connects each server took");
    story.count("server A", 2 * clients.size(), a.served());
    story.count("server B", clients.size(), b.served());

    story.chapter("Nothing stays behind");
  }

  private void setByAnotherProcess(Path pin) throws IOException, InterruptedException {
    var arguments = List.of("set", "--pin", pin.toString(), vip + "=" + b.server());
    var process =
        new ProcessBuilder(OwnJvm.withNativeAccess(command, arguments))
            .redirectErrorStream(true)
            .start();
    story.note("process " + process.pid() + ": connect4-redirect " + String.join(" ", arguments));
    process.getOutputStream().close();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    story.step(output.strip(), process.waitFor() == 0);
  }

  /** Lets all clients connect at once, and tells what they say one after the other. */
  private void each(String to, Function<Client, CompletableFuture<String>> connect, String expected)
      throws InterruptedException {
    var answers = clients.stream().map(connect).toList();
    for (int i = 0; i < answers.size(); i++) {
      story.step(clients.get(i).name(), to, expected, await(answers.get(i)));
    }
  }

  private static String await(CompletableFuture<String> answer) throws InterruptedException {
    try {
      return answer.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      return "no answer within " + LIMIT_SECONDS + " seconds";
    } catch (ExecutionException e) {
      return "failed " + e.getCause();
    }
  }
}
