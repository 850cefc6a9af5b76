package io.github.purebpf.redirect.dataplane;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.ProgramSpec;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.ProgramType;
import java.util.Optional;
import java.util.function.Function;

/** Where the programs are attached to a cgroup, in the order in which that is done. */
public enum Hook {
  // Who counts is there before who redirects, so that no connection is missed.
  /** Follows connections. */
  OPERATIONS(
      "rd_operations",
      ProgramType.SOCK_OPS,
      AttachType.CGROUP_SOCK_OPS,
      _ -> ConnectionPrograms.socketOperations()),
  /** Sees sockets that are closed. */
  RELEASE(
      "rd_release",
      ProgramType.CGROUP_SOCK,
      AttachType.CGROUP_INET_SOCK_RELEASE,
      _ -> ConnectionPrograms.release()),
  /** Connects of {@code AF_INET}. */
  CONNECT4(
      "rd_connect4",
      ProgramType.CGROUP_SOCK_ADDR,
      AttachType.CGROUP_INET4_CONNECT,
      ConnectProgram::connect4),
  /** Connects of {@code AF_INET6} to mapped addresses. */
  CONNECT6(
      "rd_connect6",
      ProgramType.CGROUP_SOCK_ADDR,
      AttachType.CGROUP_INET6_CONNECT,
      ConnectProgram::connect6),
  /** Answers {@code getpeername} on {@code AF_INET}. */
  PEER_NAME4(
      "rd_peername4",
      ProgramType.CGROUP_SOCK_ADDR,
      AttachType.CGROUP_INET4_GETPEERNAME,
      _ -> ConnectionPrograms.peerName4()),
  /** Answers {@code getpeername} on {@code AF_INET6}. */
  PEER_NAME6(
      "rd_peername6",
      ProgramType.CGROUP_SOCK_ADDR,
      AttachType.CGROUP_INET6_GETPEERNAME,
      _ -> ConnectionPrograms.peerName6());

  private final String programName;
  private final ProgramType type;
  private final AttachType attachType;

  @SuppressWarnings("ImmutableEnumChecker") // without state
  private final Function<ProgramOptions, BpfCode> code;

  Hook(
      String programName,
      ProgramType type,
      AttachType attachType,
      Function<ProgramOptions, BpfCode> code) {
    this.programName = programName;
    this.type = type;
    this.attachType = attachType;
    this.code = code;
  }

  /** The kernel's name for it. */
  public AttachType attachType() {
    return attachType;
  }

  /** The kernel's name for programs of its kind. */
  public ProgramType programType() {
    return type;
  }

  /** Whether it follows connections and leaves addresses as they are. */
  public boolean isFollowing() {
    return this == OPERATIONS || this == RELEASE;
  }

  /** Whether it is attached only when it is asked for. */
  public boolean isOptional() {
    return this == PEER_NAME4 || this == PEER_NAME6;
  }

  /** Its program. */
  public BpfCode code(ProgramOptions options) {
    return code.apply(options);
  }

  /** Without source lines, which would take longer than to build it. */
  ProgramSpec spec(ProgramOptions options) {
    return new ProgramSpec(programName, type, Optional.of(attachType), code(options), "GPL", 0)
        .withoutSourceInfo();
  }
}
