import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;

/**
 * {@code Javadoc MODULE SOURCES OUT MODULE_PATH} writes the documentation of a module and fails on
 * whatever javadoc with all its checks complains about, except for two things: a comment may leave
 * out the tags for parameters, results and exceptions when its prose says what they are, and a
 * private field needs no comment because its class happens to be serializable.
 */
public final class Javadoc {
  /** A line that says so, the line of the source, and one with a caret below. */
  private static final Pattern TOLERATED =
      Pattern.compile(
          "(?m)^.+:\\d+: warning: (no @(param|return|throws)\\b.*\\R.*|no comment\\R\\s+private .*)"
              + "\\R\\s*\\^\\R");

  private static final Pattern COUNT = Pattern.compile("(?m)^\\d+ warnings?\\R");

  public static void main(String[] args) {
    var output = new StringWriter();
    int status;
    try (var writer = new PrintWriter(output)) {
      status =
          ToolProvider.findFirst("javadoc")
              .orElseThrow()
              .run(writer, writer, options(args[0], args[1], args[2], args[3]));
    }
    String complaints =
        COUNT.matcher(TOLERATED.matcher(output.toString()).replaceAll("")).replaceAll("");
    System.err.print(complaints);
    System.exit(status == 0 && complaints.isBlank() ? 0 : 1);
  }

  private static String[] options(String module, String sources, String out, String modulePath) {
    return new String[] {
      "-quiet",
      "-Xdoclint:all",
      "-Xmaxwarns",
      "100000",
      "-notimestamp",
      "-encoding",
      "UTF-8",
      "-d",
      out,
      "--module-path",
      modulePath,
      "--module-source-path",
      module + "=" + sources,
      "--module",
      module
    };
  }
}
