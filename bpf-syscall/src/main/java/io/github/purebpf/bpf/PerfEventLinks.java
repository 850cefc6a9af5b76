package io.github.purebpf.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Fd;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.bpf.internal.sys.MountInfo;
import io.github.purebpf.bpf.internal.sys.NativePath;
import io.github.purebpf.bpf.internal.sys.PerfEventAttr;
import io.github.purebpf.insn.KernelVersion;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.ProgramType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/** Attaches programs to perf events, which it opens for them and which the links keep. */
final class PerfEventLinks {
  private static final KernelVersion PROBES = new KernelVersion(4, 17);
  private static final String CALL = "perf_event_open";
  private static final int ALL = -1;

  /** {@code PERF_TYPE_TRACEPOINT}. */
  private static final int TRACEPOINT = 2;

  /** The first bit of {@code config}, as {@code format/retprobe} says. */
  private static final long ON_RETURN = 1;

  /** {@code PERF_ATTR_SIZE_VER1}: kernels refuse a longer one that they do not know. */
  private static final int SIZE = PerfEventAttr.CONFIG2 + Long.BYTES;

  private final BpfProgram program;
  private final PerfPoint point;
  private final Kernel kernel;

  private PerfEventLinks(BpfProgram program, PerfPoint point) {
    this.program = program;
    this.point = point;
    this.kernel = program.kernel();
  }

  static BpfLink create(BpfProgram program, PerfPoint point) {
    var type =
        switch (point) {
          case PerfPoint.Tracepoint _ -> ProgramType.TRACEPOINT;
          case PerfPoint.Counter _ -> ProgramType.PERF_EVENT;
          case PerfPoint.Uprobe _, PerfPoint.Kprobe _ -> ProgramType.KPROBE;
        };
    var links = new PerfEventLinks(program, point);
    Suitability.of(links.place(), type).require(program);
    return links.create();
  }

  private String place() {
    return switch (point) {
      case PerfPoint.Tracepoint tracepoint ->
          "the tracepoint %s:%s".formatted(tracepoint.category(), tracepoint.name());
      case PerfPoint.Counter counter ->
          "the perf event %d:%d".formatted(counter.type(), counter.config());
      case PerfPoint.Uprobe probe -> "%s+0x%x".formatted(probe.file(), probe.offset());
      case PerfPoint.Kprobe probe ->
          "the kernel function %s+0x%x".formatted(probe.function(), probe.offset());
    };
  }

  private BpfLink create() {
    int event = Fd.offStandardStreams(kernel, openEvent());
    if (event < 0) {
      throw eventFailure(event);
    }
    try (var arena = Arena.ofConfined()) {
      var attr =
          BpfAttr.allocate(arena, Attr.LinkCreate.PERF_EVENT_BPF_COOKIE + Long.BYTES)
              .u32(Attr.LinkCreate.TARGET_FD, event)
              .u32(Attr.LinkCreate.ATTACH_TYPE, AttachType.PERF_EVENT.value())
              .u64(Attr.LinkCreate.PERF_EVENT_BPF_COOKIE, point.cookie());
      return BpfLink.create(
          program,
          Cmd.LINK_CREATE,
          attr,
          place(),
          failure ->
              failure
                  .feature(AttachType.PERF_EVENT.kernelName(), AttachType.PERF_EVENT.since())
                  .hint(Errno.EEXIST, "a program is attached to that event already")
                  .hint(
                      Errno.E2BIG,
                      "64 programs are attached there already, and no more fit; detach one")
                  .hint(Errno.EACCES, "the program reads more than the tracepoint has"));
    } finally {
      kernel.close(event);
    }
  }

  private int openEvent() {
    return switch (point) {
      case PerfPoint.Tracepoint tracepoint ->
          open(
              TRACEPOINT,
              tracepointId(tracepoint),
              0,
              MemorySegment.NULL,
              1,
              OptionalLong.empty(),
              OptionalLong.of(0));
      case PerfPoint.Counter counter ->
          open(
              counter.type(),
              counter.config(),
              0,
              MemorySegment.NULL,
              counter.period(),
              counter.pid(),
              counter.cpu());
      case PerfPoint.Uprobe probe -> {
        try (var arena = Arena.ofConfined()) {
          var name = NativePath.of(probe.file(), arena);
          yield probe(
              "uprobe",
              "CONFIG_UPROBE_EVENTS",
              name,
              probe.offset(),
              probe.onReturn(),
              probe.pid());
        }
      }
      case PerfPoint.Kprobe probe -> {
        try (var arena = Arena.ofConfined()) {
          var name = arena.allocateFrom(probe.function());
          yield probe(
              "kprobe",
              "CONFIG_KPROBE_EVENTS",
              name,
              probe.offset(),
              probe.onReturn(),
              OptionalLong.empty());
        }
      }
    };
  }

  private int probe(
      String source,
      String option,
      MemorySegment name,
      long offset,
      boolean onReturn,
      OptionalLong pid) {
    int type = sourceType(source, option);
    var cpu = pid.isPresent() ? OptionalLong.empty() : OptionalLong.of(0);
    return open(type, onReturn ? ON_RETURN : 0, offset, name, 1, pid, cpu);
  }

  private int open(
      int type,
      long config,
      long offset,
      MemorySegment name,
      long period,
      OptionalLong pid,
      OptionalLong cpu) {
    try (var arena = Arena.ofConfined()) {
      var attr = arena.allocate(SIZE, 8);
      attr.set(JAVA_INT, PerfEventAttr.TYPE, type);
      attr.set(JAVA_INT, PerfEventAttr.SIZE_FIELD, SIZE);
      attr.set(JAVA_LONG, PerfEventAttr.CONFIG, config);
      attr.set(JAVA_LONG, PerfEventAttr.SAMPLE_PERIOD, period);
      attr.set(JAVA_LONG, PerfEventAttr.CONFIG1, name.address());
      attr.set(JAVA_LONG, PerfEventAttr.CONFIG2, offset);
      return kernel.perfEventOpen(attr, (int) pid.orElse(ALL), (int) cpu.orElse(ALL), ALL);
    }
  }

  private RuntimeException eventFailure(int result) {
    var failure =
        Failure.of(kernel, CALL, place())
            .needs(Set.of(Capability.CAP_PERFMON))
            .hint(
                Errno.EACCES,
                "it needs CAP_PERFMON, or a lower kernel.perf_event_paranoid for events of own"
                    + " processes")
            .hint(Errno.ESRCH, "there is no such process")
            .hint(Errno.ENODEV, "the CPU is offline");
    switch (point) {
      case PerfPoint.Uprobe _ ->
          failure
              .hint(Errno.ENOENT, "there is no such file")
              .hint(Errno.EINVAL, "that is no file to execute, or the offset lies outside of it");
      case PerfPoint.Kprobe _ ->
          failure
              .hint(
                  Errno.ENOENT,
                  "this kernel has no such function; see /proc/kallsyms, and mind the prefix of"
                      + " system calls, such as __x64_sys_")
              .hint(Errno.EINVAL, "this function may not be probed")
              .hint(Errno.EADDRNOTAVAIL, "several functions have this name")
              .hint(Errno.EILSEQ, "no instruction begins at that offset");
      case PerfPoint.Counter _ ->
          failure
              .hint(Errno.ENOENT, "this machine has no such counter")
              .hint(Errno.EINVAL, "there is no such CPU, or the counter takes no such config")
              .hint(Errno.EOPNOTSUPP, "this machine cannot interrupt at such a counter");
      case PerfPoint.Tracepoint _ -> {}
    }
    return failure.exception(result);
  }

  /** The kernel numbers the sources of probes when it starts. */
  private int sourceType(String source, String option) {
    var file = Path.of("/sys/bus/event_source/devices", source, "type");
    try {
      return Integer.parseInt(Files.readString(file).strip());
    } catch (NoSuchFileException e) {
      var failure = Failure.of(kernel, CALL, place()).feature(source + "s of perf events", PROBES);
      throw kernel.release().compareTo(PROBES) < 0
          ? failure.exception(-Errno.EINVAL)
          : failure
              .hint(
                  Errno.ENODEV,
                  "there is no %s: this kernel is built without %s, or /sys is not mounted"
                      .formatted(file, option))
              .exception(-Errno.ENODEV);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private int tracepointId(PerfPoint.Tracepoint tracepoint) {
    var tracefs =
        Stream.concat(
                MountInfo.mountPoints("tracefs").stream(),
                MountInfo.mountPoints("debugfs").stream().map(path -> path.resolve("tracing")))
            .filter(path -> Files.isDirectory(path.resolve("events")))
            .findFirst()
            .orElseThrow(
                () ->
                    Failure.of(kernel, CALL, place())
                        .hint(
                            Errno.ENODEV,
                            "the number of a tracepoint is in tracefs, which is not mounted here,"
                                + " or not readable; mount -t tracefs tracefs /sys/kernel/tracing."
                                + " A raw tracepoint needs none")
                        .exception(-Errno.ENODEV));
    var file =
        tracefs
            .resolve("events")
            .resolve(tracepoint.category())
            .resolve(tracepoint.name())
            .resolve("id");
    try {
      return Integer.parseInt(Files.readString(file).strip());
    } catch (NoSuchFileException _) {
      throw Failure.of(kernel, CALL, place())
          .hint(Errno.ENOENT, "this kernel has no such tracepoint; see " + tracefs + "/events")
          .exception(-Errno.ENOENT);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private RuntimeException unreadable(Path file, IOException e) {
    var unreadable =
        new KernelErrorException(
            "%s of %s: %s cannot be read; it needs root's permissions"
                .formatted(CALL, place(), file),
            CALL,
            Errno.EACCES);
    unreadable.initCause(e);
    return unreadable;
  }
}
