package io.github.purebpf.bpf.internal.event;

import io.github.purebpf.bpf.error.VerifierException;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import jdk.jfr.FlightRecorder;

/**
 * Does things as events of the Flight Recorder, where there is one and it is on; else it just does
 * them. An event that nobody records costs a look at a field.
 *
 * <p>The classes of the events are not touched before somebody uses the recorder: to register them
 * takes longer than to load a program.
 */
public final class Events {
  /** What the result of an event is called that came to something. */
  private static final String DONE = "done";

  private static final boolean PRESENT = isPresent();

  private Events() {}

  /** A runtime image need not have the module, and a module path need not have resolved it. */
  private static boolean isPresent() {
    try {
      Class.forName("jdk.jfr.FlightRecorder", false, Events.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  private static boolean isRecorderUsed() {
    return PRESENT && FlightRecorder.isInitialized();
  }

  /**
   * What is known of a program before it is loaded.
   *
   * @param name as the spec has it
   * @param type the kernel's constant
   * @param instructions the slots of its code
   */
  public record Program(String name, String type, int instructions) {}

  /**
   * Loads a program.
   *
   * @param logSize how long the log of a load is that came to something
   */
  public static <T> T load(Program program, Supplier<T> load, ToIntFunction<T> logSize) {
    return isRecorderUsed() ? ProgramLoadEvent.of(program, load, logSize) : load.get();
  }

  /**
   * Attaches a program.
   *
   * @param program what messages call it
   * @param kind what sort of place it is
   * @param place the place
   */
  public static <T> T attach(String program, String kind, Object place, Supplier<T> attach) {
    return isRecorderUsed() ? AttachEvent.of(program, kind, place, attach) : attach.get();
  }

  /** Whether operations of maps are to go through {@link #mapOperation}. */
  public static boolean areMapsWatched() {
    return isRecorderUsed() && SlowMapOperationEvent.isOn();
  }

  /**
   * Calls the kernel for a map.
   *
   * @return what the call returns: a negated errno if it failed
   */
  public static int mapOperation(String map, String operation, IntSupplier call) {
    return SlowMapOperationEvent.of(map, operation, call);
  }

  /** How a failure ends an event: by its one line. */
  static String result(RuntimeException failure) {
    return failure == null ? DONE : String.valueOf(failure.getMessage());
  }

  /** The length of the log that a failure came with. */
  static int logSize(RuntimeException failure) {
    return failure instanceof VerifierException verdict ? verdict.log().length() : 0;
  }
}
