package io.github.purebpf.bpf;

import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.LinkType;
import io.github.purebpf.uapi.ProgramType;
import java.lang.foreign.Arena;
import java.util.Set;

/** Attaches programs to maps of sockets. */
final class SocketMapLinks {
  static final Suitability SOCKET_MAP =
      new Suitability(
          "a map of sockets",
          Set.of(ProgramType.SK_SKB, ProgramType.SK_MSG),
          Set.of(
              AttachType.SK_SKB_STREAM_PARSER,
              AttachType.SK_SKB_STREAM_VERDICT,
              AttachType.SK_SKB_VERDICT,
              AttachType.SK_MSG_VERDICT),
          true);

  private SocketMapLinks() {}

  static BpfLink create(BpfProgram program, AttachPoint.SocketMap point) {
    SOCKET_MAP.require(program);
    var type = program.attachType().orElseThrow();
    return point
        .map()
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
                    point.map().title(),
                    failure ->
                        failure
                            .feature("links of maps of sockets", LinkType.SOCKMAP.since())
                            .hint(Errno.EINVAL, "it is no map of sockets")
                            .hint(Errno.EBUSY, "a program for this or a rival hook is attached")
                            .hint(Errno.EOPNOTSUPP, "it is no map of sockets"));
              }
            });
  }
}
