package io.github.purebpf.uapigen;

import java.util.LinkedHashMap;
import java.util.Map;

/** Turns {@code flags.txt} into classes of int constants. */
record FlagsSource(Uapi uapi, Since since, HandKept file) {
  private static final int SECTION_CLASS = 0;
  private static final int SECTION_PREFIX = 1;
  private static final int SECTION_ENUM = 2;

  /** The sources by class name. */
  Map<String, String> sources() {
    var sources = new LinkedHashMap<String, String>();
    var lines = file.lines();
    for (int start = 0; start < lines.size(); ) {
      int end = start + 1;
      while (end < lines.size() && !lines.get(end).opensSection()) {
        end++;
      }
      var heading = lines.get(start);
      sources.put(heading.section().get(SECTION_CLASS), source(start, end));
      start = end;
    }
    return sources;
  }

  private String source(int start, int end) {
    var heading = file.lines().get(start);
    String name = heading.section().get(SECTION_CLASS);
    String prefix = heading.section().get(SECTION_PREFIX);
    String anchor = heading.section().get(SECTION_ENUM);
    boolean defined = anchor.equals("define");
    var values = new LinkedHashMap<String, Long>();
    if (!defined) {
      uapi.constants("flags " + anchor).forEach(c -> values.put(c.name(), c.value()));
    }
    var java = new JavaText(uapi.kernel(), EnumSource.UAPI);
    java.doc(0, heading.column(1)).line(0, "public final class " + name + " {");
    for (var line : file.lines().subList(start + 1, end)) {
      var words = line.words(0);
      String constant = words.getFirst();
      Long value = defined ? Long.valueOf(words.getLast()) : values.remove(constant);
      if (value == null || words.size() != (defined ? 2 : 1)) {
        throw file.fault(line, constant + " is not in the enum with " + anchor);
      }
      // BPF_ANY and BPF_F_LOCK share an enum: the F of "flag" says nothing in a class of flags.
      String javaName = constant.substring(prefix.length()).replaceFirst("^F_", "");
      java.doc(2, line.column(1), "{@code " + constant + "}, Linux " + since.of(constant) + ".")
          .line(2, "public static final int " + javaName + " = " + Math.toIntExact(value) + ";")
          .line(0, "");
    }
    if (!values.isEmpty()) {
      throw file.fault(heading, "not described: " + values.keySet());
    }
    return java.line(2, "private " + name + "() {}").line(0, "}").toString();
  }
}
