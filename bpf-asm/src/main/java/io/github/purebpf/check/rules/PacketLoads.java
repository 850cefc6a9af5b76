package io.github.purebpf.check.rules;

import io.github.purebpf.check.Rule;
import io.github.purebpf.check.flow.Pointer;
import io.github.purebpf.check.flow.Pointer.Kind;
import io.github.purebpf.check.flow.Scalar;
import io.github.purebpf.check.flow.Value;
import io.github.purebpf.check.tables.HelperTable;
import io.github.purebpf.check.tables.ProgramTable;
import io.github.purebpf.insn.PacketLoad;
import io.github.purebpf.insn.Reg;

/** {@code ld_abs} and {@code ld_ind}. */
final class PacketLoads {
  private PacketLoads() {}

  static void execute(PacketLoad load, Site site) {
    site.walk()
        .options()
        .type()
        .filter(HelperTable.INSTANCE::has)
        .filter(type -> !ProgramTable.INSTANCE.hasPacketLoads(type))
        .ifPresent(
            type ->
                site.flaw(
                    Rule.PACKET_LOAD,
                    "packet loads are not for " + type.kernelName(),
                    "read the packet through its address in the context, or by a helper"));
    switch (site.read(Reg.R6)) {
      case Pointer pointer when pointer.kind() == Kind.CONTEXT ->
          ContextAccess.isModified(pointer, site);
      case Pointer _, Scalar _ ->
          site.flaw(
              Rule.PACKET_LOAD,
              "a packet load needs the context in r6",
              "copy r1 to r6 at the start of the program");
      case Value.Unset _, Value.Anything _ -> {}
    }
    load.index().ifPresent(site::read);
    site.loseArguments();
    site.frame().set(Reg.R0, Scalar.unknown());
  }
}
