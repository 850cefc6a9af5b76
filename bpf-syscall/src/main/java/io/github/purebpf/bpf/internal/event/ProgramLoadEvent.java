package io.github.purebpf.bpf.internal.event;

import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** A program is loaded, with all that takes: its types, the verifier, a second try with a log. */
@Name("purebpf.ProgramLoad")
@Label("BPF Program Load")
@Category("purebpf")
@Description("The kernel has verified a BPF program, or rejected it")
final class ProgramLoadEvent extends Event {
  @Label("Name")
  String name;

  @Label("Program Type")
  String type;

  @Label("Instructions")
  @Description("The slots of its code, 8 bytes each")
  int instructions;

  @Label("Log Size")
  @DataAmount
  @Description("What the verifier wrote, 0 if it was not asked to")
  int logSize;

  @Label("Result")
  @Description("\"done\", or why it failed")
  String result;

  static <T> T of(Events.Program program, Supplier<T> load, ToIntFunction<T> logSize) {
    var event = new ProgramLoadEvent();
    if (!event.isEnabled()) {
      return load.get();
    }
    event.begin();
    RuntimeException failure = null;
    try {
      T loaded = load.get();
      event.logSize = logSize.applyAsInt(loaded);
      return loaded;
    } catch (RuntimeException e) {
      failure = e;
      event.logSize = Events.logSize(e);
      throw e;
    } finally {
      event.end();
      if (event.shouldCommit()) {
        event.name = program.name();
        event.type = program.type();
        event.instructions = program.instructions();
        event.result = Events.result(failure);
        event.commit();
      }
    }
  }
}
