package io.github.purebpf.bpf;

import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.ProgramType;
import java.lang.foreign.Arena;
import java.util.Set;

/** Attaches programs to network namespaces, and to netfilter in them. */
final class NamespaceLinks {
  private static final Suitability NETNS =
      new Suitability(
          "a network namespace",
          Set.of(ProgramType.SK_LOOKUP, ProgramType.FLOW_DISSECTOR),
          Set.of(AttachType.SK_LOOKUP, AttachType.FLOW_DISSECTOR),
          true);

  private static final Suitability NETFILTER =
      Suitability.of("netfilter", ProgramType.NETFILTER, AttachType.NETFILTER).needingHook();

  private NamespaceLinks() {}

  static BpfLink create(BpfProgram program, AttachPoint.Netns point) {
    NETNS.require(program);
    var type = program.attachType().orElseThrow();
    return point
        .namespace()
        .withFd(
            fd -> {
              try (var arena = Arena.ofConfined()) {
                var attr =
                    BpfAttr.allocate(arena, Attr.LinkCreate.FLAGS + Integer.BYTES)
                        .u32(Attr.LinkCreate.TARGET_FD, fd)
                        .u32(Attr.LinkCreate.ATTACH_TYPE, type.value());
                return BpfLink.create(
                    program,
                    Cmd.LINK_CREATE,
                    attr,
                    point.namespace().toString(),
                    failure ->
                        failure
                            .feature(type.kernelName(), type.since())
                            .hint(Errno.EINVAL, "that is no network namespace")
                            .hint(
                                Errno.E2BIG,
                                type == AttachType.SK_LOOKUP
                                    ? "64 programs are attached there already, and no more fit; detach one"
                                    : "a flow dissector is attached there; there is but one")
                            .hint(
                                Errno.EEXIST,
                                "a flow dissector is attached there, or to the initial namespace"
                                    + " for all, without a link"));
              }
            });
  }

  static BpfLink create(BpfProgram program, AttachPoint.Netfilter point) {
    NETFILTER.require(program);
    try (var arena = Arena.ofConfined()) {
      var attr =
          BpfAttr.allocate(arena, Attr.LinkCreate.NETFILTER_FLAGS + Integer.BYTES)
              .u32(Attr.LinkCreate.ATTACH_TYPE, AttachType.NETFILTER.value())
              .u32(Attr.LinkCreate.NETFILTER_PF, point.family())
              .u32(Attr.LinkCreate.NETFILTER_HOOKNUM, point.hook())
              .u32(Attr.LinkCreate.NETFILTER_PRIORITY, point.priority());
      return BpfLink.create(
          program,
          Cmd.LINK_CREATE,
          attr,
          "hook %d of netfilter".formatted(point.hook()),
          failure ->
              failure
                  .feature(AttachType.NETFILTER.kernelName(), AttachType.NETFILTER.since())
                  .hint(Errno.EINVAL, "this kernel is built without CONFIG_NETFILTER_BPF_LINK")
                  .hint(
                      Errno.EAFNOSUPPORT,
                      "family %d is neither 2 (IPv4) nor 10 (IPv6)".formatted(point.family()))
                  .hint(Errno.EBUSY, "another program is attached there with this priority"));
    }
  }
}
