package io.github.purebpf.bpf.features;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.uapi.ProgramType;

/**
 * A program to try.
 *
 * @param attachType {@code expected_attach_type}
 * @param flags {@code prog_flags}
 * @param targetType {@code attach_btf_id}
 * @param targetFd {@code attach_prog_fd}
 * @param source where its function's name is; null for none
 */
record Candidate(
    ProgramType type,
    BpfCode code,
    int attachType,
    int flags,
    int targetType,
    int targetFd,
    Source source) {

  /**
   * The one function of the program in type information.
   *
   * @param btfFd the descriptor of the information
   * @param function the id of the function in it
   */
  record Source(int btfFd, int function) {}

  static Candidate of(ProgramType type, BpfCode code) {
    return new Candidate(type, code, 0, 0, 0, 0, null);
  }

  Candidate withAttachType(int newType) {
    return new Candidate(type, code, newType, flags, targetType, targetFd, source);
  }

  Candidate withFlags(int newFlags) {
    return new Candidate(type, code, attachType, newFlags, targetType, targetFd, source);
  }

  Candidate withTarget(int typeId, int fd) {
    return new Candidate(type, code, attachType, flags, typeId, fd, source);
  }

  Candidate withSource(Source newSource) {
    return new Candidate(type, code, attachType, flags, targetType, targetFd, newSource);
  }

  Candidate withCode(BpfCode newCode) {
    return new Candidate(type, newCode, attachType, flags, targetType, targetFd, source);
  }
}
