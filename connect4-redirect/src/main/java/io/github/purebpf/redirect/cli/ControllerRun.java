package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.CgroupFollower;
import io.github.purebpf.redirect.CgroupWork;
import io.github.purebpf.redirect.PersistentRedirect;
import io.github.purebpf.redirect.PersistentState;
import io.github.purebpf.redirect.PinnedAttachment;
import io.github.purebpf.redirect.RedirectOptions;
import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.TakenOverException;
import io.github.purebpf.redirect.Takeover;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.redirect.cli.metrics.Answer;
import io.github.purebpf.redirect.cli.metrics.HttpEndpoint;
import io.github.purebpf.redirect.cli.metrics.Routes;
import io.github.purebpf.redirect.controller.Controller;
import io.github.purebpf.redirect.controller.ControllerEvent;
import io.github.purebpf.redirect.controller.ControllerOptions;
import io.github.purebpf.redirect.source.ServerSource;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** A controller that works until a signal, and leaves the redirection behind. */
final class ControllerRun {
  private final Path pin;
  private final RedirectOptions options;
  private final Takeover takeover;
  private final Places places;
  private final EventLog log;
  private final ControllerLog events;

  /** What is to be closed, the last that was opened first. */
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  private final CountDownLatch lost = new CountDownLatch(1);
  private boolean stopped;

  /**
   * @param options of a redirector that begins anew
   */
  ControllerRun(Path pin, RedirectOptions options, Takeover takeover, Places places, EventLog log) {
    this.pin = pin;
    this.options = options;
    this.takeover = takeover;
    this.places = places;
    this.log = log;
    this.events = new ControllerLog(log);
  }

  /** Begins; a signal waits until that is done. */
  synchronized void start(
      ServerSource source, ControllerOptions work, Optional<InetSocketAddress> listen) {
    if (stopped) {
      return;
    }
    var before = PersistentRedirect.look(pin);
    var redirect =
        opened(
            PersistentRedirect.open(
                pin, before.map(PersistentState::options).orElse(options), takeover));
    var known = new HashSet<VirtualAddress>();
    try {
      known.addAll(redirect.table().list().keySet());
      places.cgroups().forEach(redirect::attach);
      var controller = opened(Controller.start(redirect.table(), source, work, this::accept));
      var attaching = CgroupWork.attaching(redirect);
      if (work.containers().isPresent()) {
        places.cgroups().forEach(controller::lease);
        attaching = controller.leasing(attaching);
      }
      if (places.followed().isPresent()) {
        opened(CgroupFollower.start(places.followed().get(), attaching, events));
      }
      var served = listen.map(address -> serve(address, redirect, controller));
      var fields = new LinkedHashMap<String, Object>();
      fields.put("source", source.description());
      fields.put("vips", work.services().stream().map(Service::vip).toList());
      work.containers().ifPresent(containers -> fields.put("vip_range", containers.range()));
      fields.put("places", places.text());
      fields.put("pin", pin);
      served.ifPresent(address -> fields.put("listen", "http://" + text(address)));
      log.info("ready", fields);
    } catch (RuntimeException e) {
      open.removeLast();
      close().forEach(e::addSuppressed);
      try (redirect) {
        takeBack(redirect, before, work, known);
      } catch (RuntimeException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
  }

  /** Leaves nothing that was not there before. */
  private static void takeBack(
      PersistentRedirect redirect,
      Optional<PersistentState> before,
      ControllerOptions work,
      Set<VirtualAddress> known) {
    if (redirect.isNew()) {
      redirect.uninstall();
      return;
    }
    var table = redirect.table();
    var added = new TreeSet<>(table.leases().keySet());
    work.services().forEach(service -> added.add(service.vip()));
    added.removeAll(known);
    for (var vip : added) {
      table.edit(
          edit -> {
            edit.removeLease(vip);
            return edit.remove(vip);
          });
    }
    var old = new HashSet<Long>();
    before.ifPresent(
        state -> state.attachments().forEach(attachment -> old.add(attachment.cgroupId())));
    for (var attachment : redirect.attachments()) {
      if (!old.contains(attachment.cgroupId())) {
        redirect.detach(attachment.cgroupId());
      }
    }
  }

  private void accept(ControllerEvent event) {
    events.accept(event);
    if (event instanceof ControllerEvent.Failed(var _, TakenOverException _)) {
      lost.countDown();
    }
  }

  /**
   * Returns never, unless another process takes over.
   *
   * @throws CommandException then
   */
  void await() throws InterruptedException {
    lost.await();
    synchronized (this) {
      close();
    }
    throw new CommandException(
        ExitCode.IN_USE,
        "controller: another process has taken %s over and has the work now".formatted(pin));
  }

  private <T extends AutoCloseable> T opened(T resource) {
    open.push(resource);
    return resource;
  }

  private InetSocketAddress serve(
      InetSocketAddress address, PersistentRedirect redirect, Controller controller) {
    var answers = new LinkedHashMap<String, Supplier<Answer>>();
    answers.put("/metrics", () -> figures(redirect, controller));
    answers.put("/healthz", () -> Answer.sentence(200, "the controller works"));
    answers.put("/readyz", () -> readiness(redirect, controller));
    try {
      return opened(HttpEndpoint.open(address, new Routes(answers))).address();
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.IN_USE, "controller: cannot listen: " + e.getMessage(), e);
    }
  }

  private static String text(InetSocketAddress address) {
    var host = address.getAddress().getHostAddress();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  private static Answer figures(PersistentRedirect redirect, Controller controller) {
    var state = redirect.table().snapshot();
    return Answer.figures(
        Metrics.of(state, CgroupNames.find(state.cgroups()))
            + ControllerMetrics.of(controller.status()));
  }

  /** Whether what programs connect to works; never whether the source does. */
  private Answer readiness(PersistentRedirect redirect, Controller controller) {
    if (!redirect.isOwner()) {
      return Answer.sentence(503, "another process has taken over");
    }
    var broken =
        redirect.attachments().stream()
            .filter(attachment -> attachment.state() != PinnedAttachment.State.WORKING)
            .map(attachment -> attachment.path().toString())
            .collect(Collectors.joining(", "));
    if (!broken.isEmpty()) {
      return Answer.sentence(503, "not attached any more: " + broken);
    }
    if (!controller.status().isReady()) {
      return Answer.sentence(
          503,
          "no server is known: "
              + controller.status().problem().orElse("the source has not answered yet"));
    }
    return Answer.sentence(200, "attached, and servers are known");
  }

  private List<Exception> close() {
    var failures = new ArrayList<Exception>();
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception e) {
        failures.add(e);
      }
    }
    return failures;
  }

  /** The shutdown hook; a supervisor takes no other status than 0 for well. */
  synchronized void stop() {
    boolean started = !open.isEmpty();
    stopped = true;
    var failures = close();
    if (started) {
      failures.forEach(e -> System.err.println(Main.NAME + ": " + Diagnosis.of(e).sentence()));
      log.info("stopped", new LinkedHashMap<String, Object>());
      Runtime.getRuntime().halt((failures.isEmpty() ? ExitCode.OK : ExitCode.UNEXPECTED).status());
    }
  }
}
