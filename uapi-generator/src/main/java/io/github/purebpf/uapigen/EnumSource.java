package io.github.purebpf.uapigen;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;

/**
 * How an enum of the kernel becomes a Java enum.
 *
 * @param kernelEnum its tag in C
 * @param packageName the package of the Java enum
 * @param modifiers {@code "public "} or nothing
 * @param javaName the Java enum
 * @param prefix what the kernel puts in front of each constant
 * @param number what the Java enum calls the number
 * @param doc the first paragraph of its documentation
 */
record EnumSource(
    String kernelEnum,
    String packageName,
    String modifiers,
    String javaName,
    String prefix,
    String number,
    String doc) {
  static final String UAPI = "io.github.purebpf.uapi";
  static final String SYS = "io.github.purebpf.bpf.internal.sys";

  static final List<EnumSource> ALL =
      List.of(
          new EnumSource(
              "bpf_func_id",
              UAPI,
              "public ",
              "Helper",
              "BPF_FUNC_",
              "id",
              "The functions of the kernel that a program calls by number, {@code enum"
                  + " bpf_func_id}."),
          new EnumSource(
              "bpf_map_type",
              UAPI,
              "public ",
              "MapType",
              "BPF_MAP_TYPE_",
              "value",
              "The kinds of map, {@code enum bpf_map_type}."),
          new EnumSource(
              "bpf_prog_type",
              UAPI,
              "public ",
              "ProgramType",
              "BPF_PROG_TYPE_",
              "value",
              "The kinds of program, {@code enum bpf_prog_type}."),
          new EnumSource(
              "bpf_attach_type",
              UAPI,
              "public ",
              "AttachType",
              "BPF_",
              "value",
              "The places a program is attached to, {@code enum bpf_attach_type}."),
          new EnumSource(
              "bpf_link_type",
              UAPI,
              "public ",
              "LinkType",
              "BPF_LINK_TYPE_",
              "value",
              "The kinds of link between a program and the place it is attached to, {@code enum"
                  + " bpf_link_type}."),
          new EnumSource(
              "bpf_cmd",
              SYS,
              "public ",
              "Cmd",
              "BPF_",
              "value",
              "The commands of {@code bpf(2)}, {@code enum bpf_cmd}."));

  /** The constants that become Java constants: one for each number, old names left out. */
  List<Uapi.Constant> constants(Uapi uapi) {
    var seen = new HashSet<Long>();
    return uapi.constants("enum " + kernelEnum).stream()
        .filter(c -> !c.name().startsWith("__"))
        .filter(c -> !c.name().endsWith("_DEPRECATED"))
        .filter(c -> !c.name().toUpperCase(Locale.ROOT).endsWith("_UNSPEC"))
        .filter(c -> seen.add(c.value()))
        .toList();
  }

  String source(Uapi uapi, Since since) {
    boolean helpers = kernelEnum.equals("bpf_func_id");
    var java =
        helpers
            ? new JavaText(
                uapi.kernel(),
                packageName,
                "io.github.purebpf.insn.KernelVersion",
                "java.util.Locale",
                "java.util.Optional",
                "java.util.stream.Stream")
            : new JavaText(
                uapi.kernel(),
                packageName,
                "io.github.purebpf.insn.KernelVersion",
                "java.util.Optional",
                "java.util.stream.Stream");
    java.doc(0, doc);
    java.line(0, modifiers + "enum " + javaName + " {");
    var constants = constants(uapi);
    for (int i = 0; i < constants.size(); i++) {
      var constant = constants.get(i);
      var version = since.of(constant.name());
      java.doc(2, "{@code " + kernelName(constant) + "}, Linux " + version + ".");
      java.line(
          2,
          javaName(constant)
              + "("
              + constant.value()
              + ", "
              + version.major()
              + ", "
              + version.minor()
              + ")"
              + (i < constants.size() - 1 ? "," : ";"));
    }
    members(java, helpers);
    return java.line(0, "}").toString();
  }

  private void members(JavaText java, boolean helpers) {
    String what = helpers ? "helper" : "constant";
    java.line(0, "")
        .line(2, "private final int " + number + ";")
        .line(2, "private final int major;")
        .line(2, "private final int minor;")
        .line(0, "")
        .line(2, javaName + "(int " + number + ", int major, int minor) {")
        .line(4, "this." + number + " = " + number + ";")
        .line(4, "this.major = major;")
        .line(4, "this.minor = minor;")
        .line(2, "}")
        .line(0, "")
        .doc(2, "The number the kernel knows the " + what + " by.")
        .line(2, "public int " + number + "() {")
        .line(4, "return " + number + ";")
        .line(2, "}")
        .line(0, "");
    if (helpers) {
      java.doc(2, "The name in C, such as {@code bpf_map_lookup_elem}.")
          .line(2, "public String kernelName() {")
          .line(4, "return \"bpf_\" + name().toLowerCase(Locale.ROOT);");
    } else {
      java.doc(2, "The name in C, which begins with {@code " + prefix + "}.")
          .line(2, "public String kernelName() {")
          .line(4, "return \"" + prefix + "\" + name();");
    }
    String finder = helpers ? "byId" : "byValue";
    java.line(2, "}")
        .line(0, "")
        .doc(2, "The first release of Linux that has it.")
        .line(2, "public KernelVersion since() {")
        .line(4, "return new KernelVersion(major, minor);")
        .line(2, "}")
        .line(0, "")
        .doc(2, "The " + what + " with a number; empty for a number that this table does not have.")
        .line(2, "public static Optional<" + javaName + "> " + finder + "(int " + number + ") {")
        .line(
            4,
            "return Stream.of(values()).filter(v -> v."
                + number
                + " == "
                + number
                + ").findFirst();")
        .line(2, "}");
  }

  private String javaName(Uapi.Constant constant) {
    if (!constant.name().startsWith(prefix)) {
      throw new IllegalArgumentException(constant.name() + " does not begin with " + prefix);
    }
    return constant.name().substring(prefix.length()).toUpperCase(Locale.ROOT);
  }

  private String kernelName(Uapi.Constant constant) {
    return constant.name().replace("BPF_FUNC_", "bpf_");
  }
}
