package io.github.purebpf.asm;

import static io.github.purebpf.insn.Reg.R0;

import io.github.purebpf.insn.AsmException;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.MemOperand;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.uapi.Helper;

/**
 * Level 2: calls with their arguments, and the map operations. The arguments are put into r1 to r5
 * from left to right; the call destroys these registers and leaves its result in r0.
 */
public sealed interface CallCode permits BpfBuilder {
  /**
   * Calls a helper.
   *
   * <p>Stands for a move into each argument register, left out where the value is there already,
   * and the call: {@code mov(R1, …).lddw(R2, map).call(helper)}.
   *
   * @throws AsmException if there are more than five arguments, or if one is the content of a
   *     register that an argument to its left has overwritten
   */
  default BpfBuilder call(Helper helper, Arg... args) {
    if (args.length > 5) {
      throw new AsmException(helper + " with " + args.length + " arguments; a call takes five");
    }
    for (int i = 0; i < args.length; i++) {
      var target = Reg.of(i + 1);
      refuseOverwritten(args[i], target);
      argument(target, args[i]);
    }
    return self().call(helper);
  }

  private void refuseOverwritten(Arg arg, Reg target) {
    var source =
        switch (arg) {
          case Arg.Register(var reg) -> reg;
          case Arg.Address(var place) -> place.mem().base();
          case Arg.Constant _, Arg.Map _, Arg.Callback _ -> R0;
        };
    if (source.number() > 0 && source.number() < target.number()) {
      throw new AsmException(
          "the argument in %s comes from %s, which holds an argument by then; move it to r0 or r6-r9"
              .formatted(target, source));
    }
  }

  private void argument(Reg target, Arg arg) {
    switch (arg) {
      case Arg.Register(var reg) -> {
        if (reg != target) {
          self().mov(target, reg);
        }
      }
      case Arg.Constant(int value) -> self().mov(target, value);
      case Arg.Map(var map) -> self().lddw(target, map);
      case Arg.Address(var place) -> self().addressOf(target, place);
      case Arg.Callback(var function) -> self().lddw(target, function);
    }
  }

  /**
   * Stores a value under a key: {@code call(MAP_UPDATE_ELEM, map, addressOf(key), addressOf(value),
   * flags)}. r0 becomes 0 or a negative errno.
   *
   * @param flags {@code BPF_ANY} 0, {@code BPF_NOEXIST} 1 or {@code BPF_EXIST} 2
   */
  default BpfBuilder mapUpdate(MapRef map, MemOperand key, MemOperand value, int flags) {
    return call(
        Helper.MAP_UPDATE_ELEM,
        Arg.map(map),
        Arg.addressOf(key),
        Arg.addressOf(value),
        Arg.imm(flags));
  }

  /**
   * Deletes a key: {@code call(MAP_DELETE_ELEM, map, addressOf(key))}. r0: 0 or a negative errno.
   */
  default BpfBuilder mapDelete(MapRef map, MemOperand key) {
    return call(Helper.MAP_DELETE_ELEM, Arg.map(map), Arg.addressOf(key));
  }

  /**
   * Goes on with the program at an index of a program array; if there is none, with the next
   * instruction. Stands for {@code call(TAIL_CALL, context, programs, index)}.
   *
   * @param context the register that holds the context
   */
  default BpfBuilder tailCall(Reg context, MapRef programs, int index) {
    return call(Helper.TAIL_CALL, Arg.reg(context), Arg.map(programs), Arg.imm(index));
  }

  /**
   * The address of a global variable: the first value of an array map, plus an offset; Linux 5.2.
   * Stands for {@code lddw(dst, new Imm64.NamedMapValue(map, offset))}.
   */
  default BpfBuilder addressOfGlobal(Reg dst, MapRef map, int offset) {
    return self().lddw(dst, new Imm64.NamedMapValue(map, offset));
  }

  private BpfBuilder self() {
    return (BpfBuilder) this;
  }
}
