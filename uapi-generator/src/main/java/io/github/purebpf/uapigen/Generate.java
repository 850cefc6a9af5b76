package io.github.purebpf.uapigen;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Writes the Java sources that follow from {@code uapi.txt} and the files next to it. */
public final class Generate {
  private final Path data;

  private Generate(Path data) {
    this.data = data;
  }

  /** Writes into the project whose root is the only argument. */
  public static void main(String[] args) throws IOException {
    if (args.length != 1) {
      throw new IllegalArgumentException("usage: Generate PROJECT");
    }
    Path project = Path.of(args[0]);
    for (var source : sources(project.resolve("uapi-generator/src/main/data")).entrySet()) {
      Path file = project.resolve(source.getKey());
      Files.createDirectories(file.getParent());
      Files.writeString(file, source.getValue());
    }
  }

  /** The sources by path below the root of the project. */
  static Map<String, String> sources(Path data) throws IOException {
    return new Generate(data).sources();
  }

  private Map<String, String> sources() throws IOException {
    var uapi = Uapi.parse(read("uapi.txt"));
    var since = Since.parse(read("since.txt"));
    var sources = new TreeMap<String, String>();
    for (var type : EnumSource.ALL) {
      sources.put(path(type.packageName(), type.javaName()), type.source(uapi, since));
    }
    new FlagsSource(uapi, since, handKept("flags.txt", 2))
        .sources()
        .forEach((name, text) -> sources.put(path(EnumSource.UAPI, name), text));
    new ContextSource(uapi, handKept("ctx-access.txt", 4))
        .sources()
        .forEach((name, text) -> sources.put(path(EnumSource.UAPI, name), text));
    var attr = new AttrSource(uapi, since, handKept("attr.txt", 3));
    sources.put(path(EnumSource.SYS, "Attr"), attr.attr());
    sources.put(path(EnumSource.SYS, "BpfMapInfo"), attr.info("BpfMapInfo", "bpf_map_info"));
    sources.put(path(EnumSource.SYS, "BpfProgInfo"), attr.info("BpfProgInfo", "bpf_prog_info"));
    sources.put(path(EnumSource.SYS, "BpfLinkInfo"), attr.info("BpfLinkInfo", "bpf_link_info"));
    sources.put(path(EnumSource.SYS, "BpfBtfInfo"), attr.info("BpfBtfInfo", "bpf_btf_info"));
    sources.put(
        path(EnumSource.SYS, "BpfIterLinkInfo"),
        attr.argument("BpfIterLinkInfo", "bpf_iter_link_info", "what an iterator goes over"));
    sources.put(
        path(EnumSource.SYS, "PerfEventAttr"),
        attr.argument("PerfEventAttr", "perf_event_attr", "what perf_event_open(2) is told"));
    sources.put(
        path(EnumSource.SYS, "PerfEventMmapPage"),
        attr.argument(
            "PerfEventMmapPage",
            "perf_event_mmap_page",
            "what stands before the records of a perf event"));
    var netlink = new NetlinkSource(uapi);
    netlink.sources().forEach((name, text) -> sources.put(path(EnumSource.SYS, name), text));
    return sources;
  }

  private HandKept handKept(String name, int columns) throws IOException {
    return HandKept.parse(name, read(name), columns);
  }

  private String read(String name) throws IOException {
    return Files.readString(data.resolve(name));
  }

  private static String path(String packageName, String className) {
    String module = packageName.equals(EnumSource.SYS) ? "bpf-syscall" : "bpf-asm";
    return module + "/src/main/java/" + packageName.replace('.', '/') + "/" + className + ".java";
  }
}
