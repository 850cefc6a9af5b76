package io.github.purebpf.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How many file descriptors this process has open, by kind: {@code anon_inode:bpf-map}, {@code
 * anon_inode:bpf-prog}, {@code anon_inode:bpf_link}, {@code socket}, {@code pipe}, {@code file}.
 *
 * @param counts a kind is missing when there is none
 */
public record OpenFds(SortedMap<String, Integer> counts) {
  /** Copies the counts. */
  public OpenFds {
    counts = Collections.unmodifiableSortedMap(new TreeMap<>(counts));
  }

  /** Counts them now. */
  public static OpenFds now() throws IOException {
    var targets = new ArrayList<String>();
    try (var fds = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path fd : fds) {
        try {
          targets.add(Files.readSymbolicLink(fd).toString());
        } catch (NoSuchFileException gone) {
          // Closed since the directory was read, for example by another thread
        }
      }
    }
    return of(targets);
  }

  static OpenFds of(Collection<String> targets) {
    var counts = new TreeMap<String, Integer>();
    targets.forEach(target -> counts.merge(kind(target), 1, Integer::sum));
    return new OpenFds(counts);
  }

  /** How many of a kind are open. */
  public int count(String kind) {
    return counts.getOrDefault(kind, 0);
  }

  /** Those that belong to BPF: maps, programs, links, BTF, iterators. */
  public OpenFds bpf() {
    var counts = new TreeMap<>(this.counts);
    counts.keySet().removeIf(k -> !k.startsWith("anon_inode:bpf") && !k.equals("anon_inode:btf"));
    return new OpenFds(counts);
  }

  /** Those that are more than before, each kind with the difference. */
  public OpenFds since(OpenFds before) {
    var more = new TreeMap<String, Integer>();
    counts.forEach(
        (kind, count) -> {
          if (count > before.count(kind)) {
            more.put(kind, count - before.count(kind));
          }
        });
    return new OpenFds(more);
  }

  /** Whether there is none. */
  public boolean isEmpty() {
    return counts.isEmpty();
  }

  private static String kind(String target) {
    if (target.startsWith("/")) {
      return "file";
    }
    return target.startsWith("anon_inode:") ? target : target.replaceFirst(":\\[\\d+]$", "");
  }

  /** For example {@code {anon_inode:bpf-map=2}}. */
  @Override
  public String toString() {
    return counts.toString();
  }
}
