package io.github.purebpf.uapigen;

import io.github.purebpf.btf.Btf;
import io.github.purebpf.btf.BtfType;
import io.github.purebpf.insn.KernelVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes the constants and struct layouts that purebpf uses, as the BTF of the running kernel has
 * them, into {@code uapi.txt}.
 */
public final class Extract {
  private static final List<String> ENUMS =
      List.of(
          "bpf_cmd",
          "bpf_map_type",
          "bpf_prog_type",
          "bpf_attach_type",
          "bpf_link_type",
          "bpf_func_id");

  /** Unnamed enums, each known by one of its constants. */
  private static final List<String> FLAGS =
      List.of(
          "BPF_ANY",
          "BPF_F_NO_PREALLOC",
          "BPF_RB_NO_WAKEUP",
          "INET_DIAG_REQ_NONE",
          "INET_DIAG_NONE",
          "INET_DIAG_BC_NOP",
          "SK_DIAG_BPF_STORAGE_REQ_NONE",
          "SK_DIAG_BPF_STORAGE_REP_NONE",
          "SK_DIAG_BPF_STORAGE_NONE");

  /** Only structs that are the same on every architecture. */
  private static final List<String> STRUCTS =
      List.of(
          "bpf_attr",
          "bpf_map_info",
          "bpf_prog_info",
          "bpf_link_info",
          "bpf_btf_info",
          "bpf_sock_addr",
          "bpf_sock",
          "__sk_buff",
          "xdp_md",
          "bpf_sock_ops",
          "bpf_sk_lookup",
          "bpf_flow_keys",
          "sk_msg_md",
          "sk_reuseport_md",
          "bpf_cgroup_dev_ctx",
          "bpf_sysctl",
          "bpf_sockopt",
          "bpf_iter_link_info",
          "perf_event_attr",
          "perf_event_mmap_page",
          "nlmsghdr",
          "nlmsgerr",
          "nlattr",
          "inet_diag_req_v2",
          "inet_diag_bc_op",
          "inet_diag_hostcond",
          "inet_diag_msg");

  private final Btf btf;
  private final StringBuilder out = new StringBuilder();

  private Extract(Btf btf) {
    this.btf = btf;
  }

  /** Writes the file named by the only argument. */
  public static void main(String[] args) throws IOException {
    if (args.length != 1) {
      throw new IllegalArgumentException("usage: Extract uapi.txt");
    }
    Files.writeString(Path.of(args[0]), ofRunningKernel());
  }

  /** The text of {@code uapi.txt} for the kernel this runs on. */
  static String ofRunningKernel() throws IOException {
    var release = KernelVersion.parse(Files.readString(Path.of("/proc/sys/kernel/osrelease")));
    return of(Btf.read(Path.of("/sys/kernel/btf/vmlinux")), release);
  }

  /** The text of {@code uapi.txt} for a kernel. */
  static String of(Btf btf, KernelVersion release) {
    var extract = new Extract(btf);
    extract.out.append("# What purebpf uses of the kernel's BTF, written by Extract.\n");
    extract.out.append("kernel ").append(release).append('\n');
    ENUMS.forEach(extract::namedEnum);
    FLAGS.forEach(extract::flags);
    STRUCTS.forEach(extract::struct);
    return extract.out.toString();
  }

  private void namedEnum(String name) {
    var type =
        btf.byName(name, BtfType.Enumeration.class)
            .orElseThrow(() -> new IllegalStateException("this kernel has no enum " + name));
    constants("enum " + name, type);
  }

  private void flags(String anchor) {
    var type =
        btf.types(BtfType.Enumeration.class)
            .filter(e -> e.enumerators().stream().anyMatch(c -> c.name().equals(anchor)))
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("this kernel has no enum with " + anchor));
    constants("flags " + anchor, type);
  }

  private void constants(String heading, BtfType.Enumeration type) {
    out.append('\n').append(heading).append('\n');
    for (var constant : type.enumerators()) {
      line(constant.name(), constant.value());
    }
  }

  private void struct(String name) {
    var type =
        btf.byName(name, BtfType.Composite.class)
            .orElseThrow(() -> new IllegalStateException("this kernel has no struct " + name));
    out.append("\nstruct ").append(name).append(' ').append(type.size()).append('\n');
    boolean union = type instanceof BtfType.Union;
    for (var member : type.members()) {
      // The parts of union bpf_attr have no names; their first field tells them apart.
      boolean part = union && member.name().isEmpty();
      member(part ? "(" + firstName(member) + ")." : "", member, 0);
    }
  }

  private void member(String prefix, BtfType.Member member, int base) {
    int bits = base + member.bitOffset();
    String path = prefix + member.name();
    if (btf.resolve(member.type()) instanceof BtfType.Composite inner) {
      String nested = member.name().isEmpty() ? prefix : path + ".";
      inner.members().forEach(m -> member(nested, m, bits));
    } else if (member.bitfieldSize() > 0) {
      line(
          path,
          bits / 8,
          btf.sizeOf(member.type()),
          "bits:" + bits % 8 + "+" + member.bitfieldSize());
    } else {
      line(path, bits / 8, btf.sizeOf(member.type()), kind(member.type()));
    }
  }

  private String firstName(BtfType.Member member) {
    if (!member.name().isEmpty()) {
      return member.name();
    }
    var inner = (BtfType.Composite) btf.resolve(member.type());
    return firstName(inner.members().getFirst());
  }

  private String kind(int id) {
    return switch (btf.resolve(id)) {
      case BtfType.Ptr _ -> "ptr";
      case BtfType.Array array -> kind(array.elementType()) + "[" + array.length() + "]";
      case BtfType.Int(String name, int _, int _, int _, BtfType.IntEncoding _)
          when name.equals("char") ->
          "char";
      case BtfType.Int(String _, int size, int _, int _, BtfType.IntEncoding encoding) ->
          (encoding == BtfType.IntEncoding.SIGNED ? "s" : "u") + size * 8;
      case BtfType.Enumeration _ -> "u32";
      case BtfType other ->
          throw new IllegalStateException("a field of the kind " + other + " is not expected");
    };
  }

  private void line(Object... words) {
    out.append(' ');
    for (Object word : words) {
      out.append(' ').append(word);
    }
    out.append('\n');
  }
}
