package io.github.purebpf.bpf;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.error.VerifierException;
import io.github.purebpf.insn.Field;
import io.github.purebpf.insn.Imm;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.Load;
import io.github.purebpf.insn.Mem;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.insn.Store;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.BpfSockAddr;
import io.github.purebpf.uapi.ProgramType;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The field table of {@link BpfSockAddr} against the verifier: every access that the table allows
 * is accepted, and nothing at a field's first byte is that the table does not allow.
 */
@RequiresKernel
@NoLeakedFds
class SockAddrFieldsIT {
  @ParameterizedTest
  @EnumSource(
      value = AttachType.class,
      names = {
        "CGROUP_INET4_CONNECT",
        "CGROUP_INET6_CONNECT",
        "CGROUP_UDP4_SENDMSG",
        "CGROUP_UDP6_SENDMSG"
      })
  void theTableIsWhatTheVerifierAccepts(AttachType hook) {
    var expected = new TreeSet<String>();
    var accepted = new TreeSet<String>();
    for (var field : BpfSockAddr.FIELDS) {
      for (var size : MemSize.values()) {
        if (field.readable().contains(size) && isFor(hook, field)) {
          expected.add(access("read", field.offset(), size));
        }
        if (field.writable().contains(size) && isFor(hook, field)) {
          expected.add(access("write", field.offset(), size));
        }
      }
    }
    for (int offset = 0; offset < BpfSockAddr.SIZE; offset++) {
      for (var size : MemSize.values()) {
        var place = new Mem(R1, offset);
        if (accepts(hook, new Load(size, false, R2, place))) {
          accepted.add(access("read", offset, size));
        }
        // A constant, as the socket's address may not be written through a register either.
        if (accepts(hook, new Store(size, place, new Imm(0)))) {
          accepted.add(access("write", offset, size));
        }
      }
    }
    accepted.removeIf(access -> !startsAField(access));
    assertEquals(String.join("\n", expected), String.join("\n", accepted));
  }

  private static String access(String verb, int offset, MemSize size) {
    return "%s %02d %s".formatted(verb, offset, size);
  }

  /** The table speaks of accesses at a field's first byte. */
  private static boolean startsAField(String access) {
    int offset = Integer.parseInt(access.split(" ", -1)[1]);
    return BpfSockAddr.FIELDS.stream().anyMatch(field -> field.offset() == offset);
  }

  /** Which fields a hook has, as their documentation says. */
  private static boolean isFor(AttachType hook, Field<?> field) {
    boolean four = hook.name().contains("4");
    boolean message = hook.name().endsWith("SENDMSG");
    return switch (field.name().replaceFirst("\\[.*", "")) {
      case "user_ip4" -> four;
      case "user_ip6" -> !four;
      case "msg_src_ip4" -> four && message;
      case "msg_src_ip6" -> !four && message;
      default -> true;
    };
  }

  private static boolean accepts(AttachType hook, Insn access) {
    var code = BpfCode.build(b -> b.with(access).mov(R0, 1).exit());
    var spec =
        new ProgramSpec("access", ProgramType.CGROUP_SOCK_ADDR, Optional.of(hook), code, "", 0);
    try (var _ = BpfProgram.load(spec)) {
      return true;
    } catch (VerifierException e) {
      return false;
    }
  }
}
