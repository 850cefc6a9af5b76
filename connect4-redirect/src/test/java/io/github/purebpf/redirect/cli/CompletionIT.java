package io.github.purebpf.redirect.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.purebpf.redirect.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The script for bash in bash, and the manual page in groff. */
class CompletionIT {
  @TempDir private Path folder;

  /**
   * What bash offers.
   *
   * @param words of the line as bash takes it apart, the last of which is being written
   */
  private String offers(String... words) throws IOException, InterruptedException {
    var script = Files.writeString(folder.resolve("script"), Result.of("completion", "bash").out());
    var line = new StringBuilder(". '" + script + "'\ncd '" + folder + "'\nCOMP_WORDS=(");
    for (var word : words) {
      line.append(" '").append(word).append('\'');
    }
    line.append(" )\nCOMP_CWORD=").append(words.length - 1);
    line.append("\n_connect4_redirect\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n");
    var output = Tool.require("bash").run("--norc", "-c", line.toString());
    return String.join(" ", new TreeSet<>(Arrays.asList(output.strip().split("\n", -1))));
  }

  @ParameterizedTest
  @CsvSource({
    "connect4-redirect;st, stats",
    "connect4-redirect;un, unset",
    "connect4-redirect;set;--p, --pin --policy",
    "connect4-redirect;set;--policy;s, single sticky-container sticky-socket",
    "connect4-redirect;set;--policy;=;w, weighted",
    "connect4-redirect;run;--scope;=, all listed not-listed",
    "connect4-redirect;run;--cgroup;/pro, /proc",
    "connect4-redirect;att, attach",
    "connect4-redirect;attach;--ta, --take-over",
    "connect4-redirect;attach;--scope;=;n, not-listed",
    "connect4-redirect;detach;--pin;/pro, /proc",
    "connect4-redirect;drain;--d, --deadline",
    "connect4-redirect;rebalance;--sh, --share",
    "connect4-redirect;completion;z, zsh",
    "connect4-redirect;demo;c, consul",
    "connect4-redirect;list;--as, --as-config",
    "connect4-redirect;apply;scr, script",
    "connect4-redirect;apply;--dr, --dry-run",
    "connect4-redirect;nonsense;, ''"
  })
  void bashOffersWhatFits(String words, String offers) throws IOException, InterruptedException {
    assertEquals(offers, offers(words.split(";", -1)));
  }

  @Test
  void groffHasNothingToSayAboutTheManualPage() throws IOException, InterruptedException {
    var page = Files.writeString(folder.resolve("page.8"), Result.of("man").out());
    var complaints =
        Tool.require("bash").run("-c", "groff -ww -man -Tutf8 '" + page + "' 2>&1 >/dev/null");
    assertEquals("", complaints);
  }
}
