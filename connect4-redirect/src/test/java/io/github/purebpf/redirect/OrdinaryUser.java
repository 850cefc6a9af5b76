package io.github.purebpf.redirect;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A program that embeds a redirector, for a user who may do little: {@code CGROUP SCOPE}. It opens
 * one and attaches it, prints {@code ready} or what the refusal said, and answers requests.
 */
final class OrdinaryUser {
  private OrdinaryUser() {}

  public static void main(String[] args) throws IOException {
    var options = new RedirectOptions(Scope.valueOf(args[1]), true);
    try (var redirect = Connect4Redirect.open(options)) {
      if (options.scope() == Scope.LISTED) {
        redirect.table().listCgroup(Path.of(args[0]));
      }
      try (var _ = redirect.attach(Path.of(args[0]))) {
        System.out.println("ready");
        var requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (var line = requests.readLine();
            line != null && !line.equals("close");
            line = requests.readLine()) {
          System.out.println(answer(redirect.table(), line.split(" ", -1)));
        }
      }
    } catch (RuntimeException e) {
      System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
    }
  }

  private static String answer(RedirectTable table, String[] words) {
    return switch (words[0]) {
      case "put" -> {
        table.put(VirtualAddress.parse(words[1]), Server.parse(words[2]));
        yield "done";
      }
      case "remove" -> Boolean.toString(table.remove(VirtualAddress.parse(words[1])));
      case "list" -> table.list().keySet().toString();
      case "established" ->
          Long.toString(
              table
                  .traffic(VirtualAddress.parse(words[1]))
                  .orElseThrow()
                  .servers()
                  .getFirst()
                  .established());
      default -> throw new IllegalArgumentException(words[0]);
    };
  }
}
