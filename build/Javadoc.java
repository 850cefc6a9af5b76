import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;

/**
 * {@code Javadoc MODULE SOURCES OUT MODULE_PATH} writes the documentation of a module with every
 * check of its comments, and fails on each warning but one kind: a comment may leave out the tags
 * for parameters, results and exceptions when its prose says what they are. A missing comment is a
 * failure.
 */
public final class Javadoc {
  private static final Pattern PLACED = Pattern.compile("\\S+:\\d+: (warning|error): .*");
  private static final Pattern MISSING_TAG =
      Pattern.compile("\\S+:\\d+: warning: no @(param|return|throws)\\b.*");
  private static final Pattern COUNT = Pattern.compile("\\d+ (warning|error)s?");

  public static void main(String[] args) {
    var output = new StringWriter();
    int status;
    try (var writer = new PrintWriter(output)) {
      status =
          ToolProvider.findFirst("javadoc")
              .orElseThrow()
              .run(
                  writer,
                  writer,
                  "-quiet",
                  "-Xdoclint:all",
                  "-Xmaxwarns",
                  "100000",
                  "-notimestamp",
                  "-encoding",
                  "UTF-8",
                  "-d",
                  args[2],
                  "--module-path",
                  args[3],
                  "--module-source-path",
                  args[0] + "=" + args[1],
                  "--module",
                  args[0]);
    }
    boolean clean = status == 0;
    boolean shown = true;
    for (String line : output.toString().lines().toList()) {
      if (PLACED.matcher(line).matches()) {
        shown = !MISSING_TAG.matcher(line).matches();
        clean &= !shown;
      } else if (COUNT.matcher(line).matches()) {
        shown = false;
      } else if (line.startsWith("warning:") || line.startsWith("error:")) {
        shown = true;
        clean = false;
      }
      if (shown) {
        System.err.println(line);
      }
    }
    System.exit(clean ? 0 : 1);
  }
}
