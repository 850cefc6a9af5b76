package io.github.purebpf.bpf.internal.event;

import java.util.function.Supplier;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** A program is attached, by a link or without. */
@Name("purebpf.Attach")
@Label("BPF Attach")
@Category("purebpf")
@Description("A BPF program was attached to a place, or not")
final class AttachEvent extends Event {
  @Label("Program")
  String program;

  @Label("Kind")
  @Description("What sort of place it is")
  String kind;

  @Label("Place")
  String place;

  @Label("Result")
  @Description("\"done\", or why it failed")
  String result;

  static <T> T of(String program, String kind, Object place, Supplier<T> attach) {
    var event = new AttachEvent();
    if (!event.isEnabled()) {
      return attach.get();
    }
    event.begin();
    RuntimeException failure = null;
    try {
      return attach.get();
    } catch (RuntimeException e) {
      failure = e;
      throw e;
    } finally {
      event.end();
      if (event.shouldCommit()) {
        event.program = program;
        event.kind = kind;
        event.place = place.toString();
        event.result = Events.result(failure);
        event.commit();
      }
    }
  }
}
