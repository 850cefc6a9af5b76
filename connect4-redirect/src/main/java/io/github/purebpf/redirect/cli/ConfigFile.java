package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.RedirectTable;
import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.redirect.cli.config.Changes;
import io.github.purebpf.redirect.cli.config.ConfigException;
import io.github.purebpf.redirect.cli.config.ConfigParser;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** A file that says what a table holds. */
record ConfigFile(Path path) {
  /**
   * Its text.
   *
   * @throws CommandException with {@link ExitCode#CONFIG}
   */
  String read() {
    try {
      return Files.readString(path);
    } catch (NoSuchFileException e) {
      throw unreadable("there is no such file", e);
    } catch (CharacterCodingException e) {
      throw unreadable("it is no UTF-8 text", e);
    } catch (IOException e) {
      throw unreadable(e.getMessage(), e);
    }
  }

  private CommandException unreadable(String why, IOException e) {
    return new CommandException(ExitCode.CONFIG, "cannot read " + path + ": " + why, e);
  }

  /**
   * What a text says.
   *
   * @throws CommandException with {@link ExitCode#CONFIG}, that says where the text is wrong
   */
  SortedMap<VirtualAddress, Service> parse(String text) {
    try {
      return ConfigParser.parse(text);
    } catch (ConfigException e) {
      throw new CommandException(
          ExitCode.CONFIG,
          "%s:%d:%d: %s".formatted(path, e.line(), e.column(), e.getMessage()),
          e.excerpt(),
          e);
    }
  }

  /**
   * Makes a table equal to what is wanted, all or nothing, while nobody else changes it. Addresses
   * of containers that nobody speaks of are left alone.
   */
  static Changes apply(RedirectTable table, SortedMap<VirtualAddress, Service> wanted) {
    return table.edit(
        edit -> {
          var changes = changes(edit.list(), edit.leases().keySet(), wanted);
          changes.applyTo(edit);
          return changes;
        });
  }

  /** What {@link #apply} would change. */
  static Changes changes(RedirectTable table, SortedMap<VirtualAddress, Service> wanted) {
    return changes(table.list(), table.leases().keySet(), wanted);
  }

  private static Changes changes(
      SortedMap<VirtualAddress, Service> before,
      Set<VirtualAddress> leased,
      SortedMap<VirtualAddress, Service> wanted) {
    var own = new TreeMap<>(before);
    own.keySet().removeIf(vip -> leased.contains(vip) && !wanted.containsKey(vip));
    return Changes.between(own, wanted);
  }
}
