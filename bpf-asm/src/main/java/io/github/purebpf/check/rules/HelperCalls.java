package io.github.purebpf.check.rules;

import static io.github.purebpf.check.flow.Value.Anything.ANYTHING;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.check.CheckOptions.License;
import io.github.purebpf.check.Rule;
import io.github.purebpf.check.flow.Pointer;
import io.github.purebpf.check.flow.Pointer.Kind;
import io.github.purebpf.check.flow.Pointer.Nullness;
import io.github.purebpf.check.flow.Scalar;
import io.github.purebpf.check.flow.Value;
import io.github.purebpf.check.tables.HelperEntry;
import io.github.purebpf.check.tables.HelperTable;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.uapi.Helper;
import io.github.purebpf.uapi.MapType;
import java.util.Optional;

/** Calls of kernel helpers: whether they are allowed, and what they leave behind. */
final class HelperCalls {
  private static final int TAIL_CALL = Helper.TAIL_CALL.id();
  private static final int ARRAY_KEY_BYTES = 4;

  private final Site site;
  private final int id;

  private HelperCalls(Site site, int id) {
    this.site = site;
    this.id = id;
  }

  static void execute(int id, Site site) {
    new HelperCalls(site, id).execute();
  }

  private void execute() {
    var entry = HelperTable.INSTANCE.byId(id);
    if (entry.isEmpty()) {
      unknown();
      site.loseArguments();
      site.frame().set(Reg.R0, ANYTHING);
      site.state().forgetReferences();
      return;
    }
    var helper = entry.orElseThrow();
    allowed(helper);
    if (id == TAIL_CALL && !site.state().references().isEmpty()) {
      PathRules.leak(site);
    }
    var type = site.walk().options().type();
    var key = site.frame().get(Reg.R2);
    var firstArgument = site.frame().get(Reg.R1);
    int reserved =
        key instanceof Scalar size && size.isConstant()
            ? Math.clamp(size.min(), 0, Integer.MAX_VALUE)
            : 0;
    // The arguments of one helper differ in the program types that were not measured.
    HelperArguments.check(
        helper, name(), type.isEmpty() || type.filter(HelperTable.INSTANCE::has).isPresent(), site);
    if (site.walk().hasCallbacks()) {
      site.state().forgetStacks();
    }
    var map = firstArgument instanceof Pointer pointer ? pointer.map() : Optional.<MapShape>empty();
    if (helper.releases() && firstArgument instanceof Pointer released) {
      release(released);
    }
    site.loseArguments();
    site.frame().set(Reg.R0, result(helper, map, key, reserved));
  }

  private void unknown() {
    boolean never = id <= 0;
    String why =
        never
            ? "there is no helper " + id
            : "helper %d is newer than Linux 6.18, or none".formatted(id);
    if (never) {
      site.flaw(Rule.UNKNOWN_HELPER, why, "use a number from 1 on");
    } else {
      site.warn(Rule.UNKNOWN_HELPER, why, "helpers up to 6.18 are 1 to 211");
    }
  }

  private String name() {
    return Helper.byId(id).map(Helper::kernelName).orElse("helper") + "#" + id;
  }

  private void allowed(HelperEntry helper) {
    var options = site.walk().options();
    if (options.type().filter(HelperTable.INSTANCE::has).isPresent()) {
      var type = options.type().orElseThrow();
      if (helper.types().isEmpty()) {
        site.warn(
            Rule.HELPER_NOT_ALLOWED,
            "%s needs a kernel option, or another program type".formatted(name()),
            "look it up for the kernels that this is meant for");
      } else if (!helper.isFor(type, options.attachType())) {
        site.flaw(
            Rule.HELPER_NOT_ALLOWED,
            options
                .attachType()
                .filter(_ -> helper.types().containsKey(type))
                .map(at -> "%s is not for %s".formatted(name(), at.kernelName()))
                .orElse("%s is not for %s".formatted(name(), type.kernelName())),
            "use another helper, or another program type");
      }
    }
    boolean reserved =
        options
            .type()
            .map(helper.gpl()::contains)
            .orElse(!helper.gpl().isEmpty() && helper.gpl().containsAll(helper.types().keySet()));
    if (reserved && options.license() == License.OTHER) {
      site.flaw(
          Rule.GPL_ONLY_HELPER,
          name() + " is reserved for programs under the GPL",
          "give the program a license such as \"GPL\" or \"Dual MIT/GPL\", if it has it");
    }
  }

  private void release(Pointer released) {
    int identity = released.identity();
    site.state().release(identity);
    if (identity != 0) {
      site.state().replaceAll(value -> value.id() == identity ? ANYTHING : value);
    }
  }

  private Value result(HelperEntry helper, Optional<MapShape> map, Value key, int reserved) {
    var value =
        switch (helper.result()) {
          case NUMBER -> Scalar.fresh(8, site.newIdentity());
          case VALUE_OR_NULL -> lookedUp(map, key);
          case SOCKET_OR_NULL -> nullable(Pointer.to(Kind.SOCKET, 0), Nullness.MAYBE);
          case MEMORY_OR_NULL -> nullable(Pointer.to(Kind.MEMORY, reserved), Nullness.MAYBE);
          case OTHER -> ANYTHING;
        };
    if (helper.acquires() && value.id() != 0) {
      site.state().acquire(value.id());
    }
    return value;
  }

  private Pointer nullable(Pointer pointer, Nullness nullness) {
    return pointer.with(nullness, site.newIdentity());
  }

  private Value lookedUp(Optional<MapShape> map, Value key) {
    var kind = map.map(HelperCalls::kind).orElse(Kind.LOOKED_UP);
    boolean array =
        map.map(shape -> shape.type() == MapType.ARRAY || shape.type() == MapType.PERCPU_ARRAY)
            .orElse(true);
    var nullness = array && mayBeConstant(key) ? Nullness.MAYBE_BY_KERNEL : Nullness.MAYBE;
    var pointer =
        new Pointer(
            kind,
            0,
            true,
            Nullness.NEVER,
            0,
            kind == Kind.MAP_VALUE ? map : Optional.empty(),
            0,
            false);
    return nullable(pointer, nullness);
  }

  private static Kind kind(MapShape shape) {
    return switch (shape.type()) {
      case HASH, ARRAY, PERCPU_HASH, PERCPU_ARRAY, LRU_HASH, LRU_PERCPU_HASH, LPM_TRIE ->
          Kind.MAP_VALUE;
      default -> Kind.LOOKED_UP;
    };
  }

  /** From Linux 6.14 on the verifier knows the values of an array at constant keys. */
  private boolean mayBeConstant(Value key) {
    if (key instanceof Pointer pointer
        && pointer.kind() == Kind.STACK
        && pointer.fixed()
        && pointer.offset() % ARRAY_KEY_BYTES == 0
        && pointer.offset() >= -512
        && pointer.offset() <= -ARRAY_KEY_BYTES) {
      var stack = site.state().frame(pointer.extent()).stack();
      return !(stack.load(pointer.offset(), ARRAY_KEY_BYTES) instanceof Scalar number)
          || number.isConstant()
          || !number.exact();
    }
    return true;
  }
}
