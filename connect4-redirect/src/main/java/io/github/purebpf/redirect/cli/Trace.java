package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.Choice;
import io.github.purebpf.redirect.NoServer;
import io.github.purebpf.redirect.Policy;
import io.github.purebpf.redirect.Scope;
import io.github.purebpf.redirect.cli.text.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** What becomes of a connect, in sentences. */
final class Trace {
  private Trace() {}

  static OptionalLong client(Optional<Lineage> cgroup) {
    return cgroup.stream().mapToLong(lineage -> lineage.self().id()).findFirst();
  }

  /**
   * Whether a program is redirected at all.
   *
   * @param sentence why, or why not, or what that depends on
   * @param leftAlone whether it is certain that it is not
   */
  record Reach(String sentence, boolean leftAlone) {}

  /** What the scope and the list of cgroups mean for a cgroup. */
  static Reach reach(Scope scope, Optional<Lineage> cgroup, Set<Long> listed) {
    if (scope == Scope.ALL) {
      return new Reach("the scope is all: every cgroup that is attached is redirected", false);
    }
    var count = listed.size() + (listed.size() == 1 ? " cgroup is" : " cgroups are");
    if (cgroup.isEmpty()) {
      return new Reach(
          "the scope is %s and %s listed; give --cgroup DIR to see if one is meant"
              .formatted(Words.of(scope), count),
          false);
    }
    var lineage = cgroup.get();
    var by = lineage.members().stream().filter(member -> listed.contains(member.id())).findFirst();
    boolean redirected = by.isPresent() == (scope == Scope.LISTED);
    return new Reach(
        "%s is %slisted%s and the scope is %s: %s"
            .formatted(
                lineage.self().path(),
                by.isPresent() ? "" : "not ",
                by.filter(member -> !member.equals(lineage.self()))
                    .map(member -> " by " + member.path())
                    .orElse(""),
                Words.of(scope),
                redirected ? "redirected" : "left alone"),
        !redirected);
  }

  /**
   * How it finds its server.
   *
   * @param clientKnown whether the cgroup of the client is known
   */
  static List<String> choice(Choice choice, boolean clientKnown) {
    var lines = new ArrayList<String>();
    if (choice.candidates().isEmpty()) {
      lines.add("it has no server, and then the answer is " + answer(choice.service().noServer()));
      return lines;
    }
    var policy = choice.service().policy();
    lines.add("the policy is " + Words.of(policy) + ": " + explain(policy));
    lines.add("the candidates:");
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("SERVER", "WEIGHT", "LOAD", "(LOAD+1)/WEIGHT", "SHARE"));
    for (var candidate : choice.candidates()) {
      rows.add(
          List.of(
              candidate.server().toString(),
              Integer.toString(candidate.weight()),
              Long.toString(candidate.load()),
              score(candidate),
              share(candidate)));
    }
    Columns.of(rows, 1).forEach(row -> lines.add("   " + row));
    lines.add(
        choice
            .certain()
            .map(server -> "it goes to " + server)
            .orElseGet(() -> drawn(policy, choice, clientKnown)));
    return lines;
  }

  private static String score(Choice.Candidate candidate) {
    return decimal("%.2f", (1.0 + candidate.load()) / candidate.weight());
  }

  private static String share(Choice.Candidate candidate) {
    return decimal("%.1f%%", 100 * candidate.share());
  }

  /**
   * The same for programs.
   *
   * @param lines the sentences, and the table among them, which begins with blanks
   * @param leftAlone whether it is not redirected
   */
  static String json(Choice choice, List<String> lines, boolean leftAlone) {
    var vip = choice.service().vip();
    return Json.write(
        ServiceJson.ordered(
            "vip",
            ServiceJson.endpoint(vip.address(), vip.port()),
            "steps",
            lines.stream().filter(line -> !line.startsWith(" ")).toList(),
            "candidates",
            leftAlone ? List.of() : choice.candidates().stream().map(Trace::json).toList(),
            "server",
            choice
                .certain()
                .filter(_ -> !leftAlone)
                .map(server -> ServiceJson.endpoint(server.address(), server.port()))
                .orElse(null)));
  }

  private static Map<String, Object> json(Choice.Candidate candidate) {
    var json = ServiceJson.endpoint(candidate.server().address(), candidate.server().port());
    json.put("weight", candidate.weight());
    json.put("load", candidate.load());
    json.put("score", score(candidate));
    json.put("share", share(candidate));
    return json;
  }

  private static String decimal(String format, double number) {
    return String.format(Locale.ROOT, format, number);
  }

  private static String drawn(Policy policy, Choice choice, boolean clientKnown) {
    return switch (policy) {
      case LEAST_CONNECTIONS ->
          "%d servers are equal: it goes to the first of them from a random server on"
              .formatted(choice.candidates().stream().filter(c -> c.share() > 0).count());
      case WEIGHTED -> "a random number decides, by the shares";
      case ROUND_ROBIN -> "it goes to the server whose turn it is";
      case STICKY_CONTAINER ->
          clientKnown
              ? "the cgroup decides"
              : "the cgroup decides; give --cgroup DIR to see which server is its own";
      case STICKY_SOCKET -> "the cookie of the socket decides, which only the socket has";
      case SINGLE -> "it goes to the first";
    };
  }

  private static String explain(Policy policy) {
    return switch (policy) {
      case LEAST_CONNECTIONS -> "the server with the smallest (load + 1) / weight";
      case WEIGHTED -> "a random server, each as often as its weight says";
      case ROUND_ROBIN -> "one after the other, each as many times in a row as its weight says";
      case STICKY_CONTAINER -> "the same server for all connects of a cgroup";
      case STICKY_SOCKET -> "the same server for all connects of a socket";
      case SINGLE -> "the first server";
    };
  }

  private static String answer(NoServer noServer) {
    return Words.of(noServer)
        + switch (noServer) {
          case PASS -> ": it goes to the virtual address itself";
          case REFUSE -> ": it fails with ECONNREFUSED";
          case UNREACHABLE -> ": it fails with EHOSTUNREACH";
          case DENY -> ": it fails with EPERM";
        };
  }
}
