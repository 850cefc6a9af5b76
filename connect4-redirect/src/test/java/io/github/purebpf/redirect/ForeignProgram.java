package io.github.purebpf.redirect;

import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R6;

import io.github.purebpf.asm.BpfBuilder;
import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.ProgramSpec;
import io.github.purebpf.insn.Field;
import io.github.purebpf.insn.StructRef;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.BpfSockAddr;
import io.github.purebpf.uapi.ProgramType;
import io.github.purebpf.uapi.SkBuff;
import java.util.Optional;

/** Programs for cgroups that are not ours, for sockets of one family: inet or inet6. */
final class ForeignProgram {
  private static final int REFUSE = 0;
  private static final int PROCEED = 1;

  private ForeignProgram() {}

  /** Sends connects to one address to another. */
  static BpfProgram rewriting(String family, Object from, Object to) {
    var source = Server.parse(from.toString());
    return connect(
        family,
        "foreign_rewrite",
        BpfCode.build(
            b -> {
              var ctx = b.keepContext(R6, BpfSockAddr.class);
              var out = b.newLabel();
              b.load(R1, ctx.get(address(family)))
                  .be32(R1)
                  .jne(R1, source.address().bits(), out)
                  .load(R1, ctx.get(BpfSockAddr.USER_PORT))
                  .be16(R1)
                  .jne(R1, source.port(), out);
              write(b, ctx, family, to);
              b.labelBinding(out).returning(PROCEED);
            }));
  }

  /** Lets nobody connect. */
  static BpfProgram refusing(String family) {
    return connect(family, "foreign_veto", BpfCode.build(b -> b.returning(REFUSE)));
  }

  /** Answers {@code getpeername} with one address. */
  static BpfProgram naming(String family, Object name) {
    var code =
        BpfCode.build(
            b -> {
              write(b, b.keepContext(R6, BpfSockAddr.class), family, name);
              b.returning(PROCEED);
            });
    return load(
        "foreign_name",
        ProgramType.CGROUP_SOCK_ADDR,
        family.equals("inet")
            ? AttachType.CGROUP_INET4_GETPEERNAME
            : AttachType.CGROUP_INET6_GETPEERNAME,
        code);
  }

  /** Loses all that is sent to a port, without a word to anybody. */
  static BpfProgram losing(int port) {
    var code =
        BpfCode.build(
            b -> {
              var ctx = b.keepContext(R6, SkBuff.class);
              var out = b.newLabel();
              b.load(R1, ctx.get(SkBuff.REMOTE_PORT))
                  .be32(R1)
                  .jne(R1, port, out)
                  .returning(REFUSE)
                  .labelBinding(out)
                  .returning(PROCEED);
            });
    return load("foreign_loss", ProgramType.CGROUP_SKB, AttachType.CGROUP_INET_EGRESS, code);
  }

  /** Does nothing. */
  static BpfProgram idle(String name, ProgramType type, AttachType hook) {
    return load(name, type, hook, BpfCode.build(b -> b.returning(PROCEED)));
  }

  private static void write(BpfBuilder b, StructRef<BpfSockAddr> ctx, String family, Object place) {
    var to = Server.parse(place.toString());
    b.mov(R1, to.address().bits())
        .be32(R1)
        .store(ctx.get(address(family)), R1)
        .mov(R1, to.port())
        .be16(R1)
        .store(ctx.get(BpfSockAddr.USER_PORT), R1);
  }

  private static Field<BpfSockAddr> address(String family) {
    return family.equals("inet") ? BpfSockAddr.USER_IP4 : BpfSockAddr.USER_IP6_3;
  }

  private static BpfProgram connect(String family, String name, BpfCode code) {
    return BpfProgram.load(
        family.equals("inet")
            ? ProgramSpec.connect4(name, code)
            : ProgramSpec.connect6(name, code));
  }

  private static BpfProgram load(String name, ProgramType type, AttachType hook, BpfCode code) {
    return BpfProgram.load(new ProgramSpec(name, type, Optional.of(hook), code, "GPL", 0));
  }
}
