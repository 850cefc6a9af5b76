package io.github.purebpf.uapigen;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes what netlink messages about sockets are made of. */
record NetlinkSource(Uapi uapi) {
  /** The class with the numbers, and the unnamed enums that they are of. */
  private static final String NUMBERS = "InetDiagNumbers";

  private static final List<String> ENUMS =
      List.of(
          "INET_DIAG_REQ_NONE",
          "INET_DIAG_NONE",
          "INET_DIAG_BC_NOP",
          "SK_DIAG_BPF_STORAGE_REQ_NONE",
          "SK_DIAG_BPF_STORAGE_REP_NONE",
          "SK_DIAG_BPF_STORAGE_NONE");

  private static final Map<String, String> STRUCTS =
      Map.of(
          "NlMsgHdr", "nlmsghdr",
          "NlMsgErr", "nlmsgerr",
          "NlAttr", "nlattr",
          "InetDiagReqV2", "inet_diag_req_v2",
          "InetDiagBcOp", "inet_diag_bc_op",
          "InetDiagHostCond", "inet_diag_hostcond",
          "InetDiagMsg", "inet_diag_msg");

  /** The sources by class name. */
  Map<String, String> sources() {
    var sources = new LinkedHashMap<String, String>();
    STRUCTS.forEach((name, struct) -> sources.put(name, offsets(name, struct)));
    sources.put(NUMBERS, numbers());
    return sources;
  }

  private String offsets(String name, String struct) {
    var java = new JavaText(uapi.kernel(), EnumSource.SYS);
    java.doc(
            0,
            "Offsets in {@code struct " + struct + "} of netlink.",
            "Numbers are in host order, ports and addresses in network order.")
        .line(0, "public final class " + name + " {");
    AttrSource.offsets(java, 2, uapi.struct(struct).slots(), new HashSet<>());
    return java.line(2, "private " + name + "() {}").line(0, "}").toString();
  }

  private String numbers() {
    var java = new JavaText(uapi.kernel(), EnumSource.SYS);
    java.doc(
            0,
            "The types of the attributes of requests and answers about sockets, and the operations"
                + " of their filters.")
        .line(0, "public final class " + NUMBERS + " {");
    for (String anchor : ENUMS) {
      for (var constant : uapi.constants("flags " + anchor)) {
        if (!constant.name().startsWith("__")) {
          java.doc(2, "{@code " + constant.name() + "}.")
              .line(
                  2, "public static final int " + constant.name() + " = " + constant.value() + ";")
              .line(0, "");
        }
      }
    }
    return java.line(2, "private " + NUMBERS + "() {}").line(0, "}").toString();
  }
}
