import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code Format check DIR} names every Java file below the directory that google-java-format would
 * write differently and fails when there is one; {@code Format fix DIR} rewrites them.
 */
public final class Format {
  public static void main(String[] args) throws IOException {
    if (args.length != 2 || !(args[0].equals("check") || args[0].equals("fix"))) {
      System.err.println("usage: Format check|fix DIR");
      System.exit(2);
    }
    boolean fix = args[0].equals("fix");
    Path root = Path.of(args[1]);
    int bad = 0;
    for (Path file : sources(root)) {
      String before = Files.readString(file);
      String after;
      try {
        after = format(before);
      } catch (FormatterException e) {
        System.err.println("format: " + root.relativize(file) + ": " + e.getMessage().strip());
        bad++;
        continue;
      }
      if (before.equals(after)) {
        continue;
      }
      if (fix) {
        Files.writeString(file, after);
        System.out.println("format: " + root.relativize(file) + ": rewritten");
      } else {
        System.err.println(
            "format: "
                + root.relativize(file)
                + ":"
                + firstDifference(before, after)
                + ": not in google-java-format");
        bad++;
      }
    }
    if (bad > 0) {
      System.err.println(
          "format: " + bad + (bad == 1 ? " file" : " files") + " to mend; run bin/format");
      System.exit(1);
    }
  }

  private static String format(String source) throws FormatterException {
    var formatter = new Formatter(JavaFormatterOptions.builder().reorderModifiers(true).build());
    return formatter.formatSource(
        RemoveUnusedImports.removeUnusedImports(
            ImportOrderer.reorderImports(source, JavaFormatterOptions.Style.GOOGLE)));
  }

  private static List<Path> sources(Path root) throws IOException {
    var found = new ArrayList<Path>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
            String name = dir.getFileName().toString();
            boolean skipped = !dir.equals(root) && (name.equals("target") || name.startsWith("."));
            return skipped ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.getFileName().toString().endsWith(".java")) {
              found.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    found.sort(null);
    return found;
  }

  private static long firstDifference(String before, String after) {
    long same = 0;
    while (same < Math.min(before.length(), after.length())
        && before.charAt((int) same) == after.charAt((int) same)) {
      same++;
    }
    return 1 + before.substring(0, (int) same).chars().filter(c -> c == '\n').count();
  }
}
