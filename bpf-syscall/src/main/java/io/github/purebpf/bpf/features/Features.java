package io.github.purebpf.bpf.features;

import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.Helper;
import io.github.purebpf.uapi.LinkType;
import io.github.purebpf.uapi.MapType;
import io.github.purebpf.uapi.ProgramType;
import java.nio.file.Path;

/**
 * What the running kernel has, found out by trying: a program is loaded, a map created, an
 * attachment asked for that cannot come about, and what the kernel answers is the outcome. Nothing
 * stays behind, and nothing is ever attached.
 *
 * <p>What cannot change while the kernel runs is tried once in a process. What was refused for lack
 * of privilege, or failed for another reason, is tried again at each question. All methods may be
 * called from any thread; the answer is for the calling one, because privileges belong to threads.
 *
 * <p>The methods throw {@link UnsupportedOperationException} where this library does not work at
 * all: on other systems than Linux.
 */
public final class Features {
  /** Made on first use, so that the class loads on every system. */
  private static final class Running {
    static final Kernel KERNEL = Kernel.running();
    static final Path ROOT = Path.of("/");
    static final Prober PROBER = new Prober(KERNEL, ROOT);

    private Running() {}
  }

  private Features() {}

  /**
   * Whether programs of a type can be loaded. A type whose programs are all made for something in
   * the kernel is tried with something that every kernel has: a tracepoint, a hook, a struct.
   */
  public static Outcome of(ProgramType type) {
    return Running.PROBER.of(type);
  }

  /** Whether maps of a type can be created. */
  public static Outcome of(MapType type) {
    return Running.PROBER.of(type);
  }

  /** Whether programs can be attached to a type of place. */
  public static Outcome of(AttachType type) {
    return Running.PROBER.of(type);
  }

  /** Whether links of a type can be created. */
  public static Outcome of(LinkType type) {
    return Running.PROBER.of(type);
  }

  /** Whether the kernel has something else. */
  public static Outcome of(KernelFeature feature) {
    return Running.PROBER.of(feature);
  }

  /** Whether programs of a type that claim the GPL may call a helper. */
  public static Outcome of(Helper helper, ProgramType type) {
    return Running.PROBER.of(helper, type);
  }

  /** Everything but the helpers, with the machine's settings; takes a good part of a second. */
  public static Report report() {
    return new Reporter(Running.KERNEL, Running.PROBER, Running.ROOT).report(false);
  }

  /** Everything, with the helpers of each type of program; takes a few seconds. */
  public static Report reportWithHelpers() {
    return new Reporter(Running.KERNEL, Running.PROBER, Running.ROOT).report(true);
  }
}
