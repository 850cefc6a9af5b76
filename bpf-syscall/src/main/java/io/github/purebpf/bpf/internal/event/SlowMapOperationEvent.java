package io.github.purebpf.bpf.internal.event;

import io.github.purebpf.bpf.internal.sys.Errno;
import java.util.function.IntSupplier;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;

/** A call for a map that took its time: a map of many elements, a lock, a CPU that is busy. */
@Name("purebpf.SlowMapOperation")
@Label("Slow BPF Map Operation")
@Category("purebpf")
@Description("A call of bpf(2) for a map took longer than the threshold")
@Threshold("10 ms")
final class SlowMapOperationEvent extends Event {
  /** Never recorded: it tells whether others are. */
  private static final SlowMapOperationEvent SAMPLE = new SlowMapOperationEvent();

  @Label("Map")
  String map;

  @Label("Operation")
  @Description("The command of bpf(2)")
  String operation;

  @Label("Result")
  @Description("\"done\", or the errno")
  String result;

  /** Costs a look at a field while nobody records. */
  static boolean isOn() {
    return SAMPLE.isEnabled();
  }

  static int of(String map, String operation, IntSupplier call) {
    var event = new SlowMapOperationEvent();
    event.begin();
    int result = call.getAsInt();
    event.end();
    if (event.shouldCommit()) {
      event.map = map;
      event.operation = operation;
      event.result = result < 0 ? Errno.name(-result) : Events.result(null);
      event.commit();
    }
    return result;
  }
}
