package io.github.purebpf.bpf.reader;

import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R10;
import static io.github.purebpf.insn.Reg.R3;
import static io.github.purebpf.insn.Reg.R6;
import static io.github.purebpf.insn.Reg.R7;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.Arg;
import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.testkit.Await;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.Helper;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@RequiresKernel
@NoLeakedFds
class TracePipeIT {
  private static final Duration LONG = Duration.ofSeconds(60);

  /** A multiple of eight bytes, NUL included. */
  private static final String FORMAT = "purebpf-%d-%d\0\0\0";

  /** No other process prints that. */
  private final long marker = ProcessHandle.current().pid();

  private TraceFs traceFs;
  private BpfProgram printer;
  private TracePipe pipe;

  @BeforeEach
  void open() throws Exception {
    traceFs = TraceFs.mount();
    printer = printer();
    pipe = TracePipe.open(traceFs.path());
  }

  @AfterEach
  void close() throws Exception {
    pipe.close();
    printer.close();
    traceFs.close();
  }

  /** Prints a marker and numbers from 0 on, as many as the context says. */
  private static BpfProgram printer() {
    var format = FORMAT.getBytes(StandardCharsets.US_ASCII);
    var words = ByteBuffer.wrap(format).order(ByteOrder.nativeOrder());
    return TestRun.syscall(
        b -> {
          b.mov(R6, R1);
          for (int at = 0; at < format.length; at += 8) {
            b.lddw(R1, words.getLong(at)).stxdw(R10.at(at - format.length), R1);
          }
          b.mov(R7, 0);
          var end = b.newLabel();
          var next = b.newLabel();
          b.labelBinding(next)
              .ldxdw(R1, R6.at(8))
              .jge(R7, R1, end)
              .jge(R7, 100, end)
              .mov(R1, R10)
              .add(R1, -format.length)
              .ldxdw(R3, R6.at(0))
              .call(
                  Helper.TRACE_PRINTK,
                  Arg.reg(R1),
                  Arg.imm(format.length),
                  Arg.reg(R3),
                  Arg.reg(R7))
              .add(R7, 1)
              .ja(next)
              .labelBinding(end)
              .returning(0);
        });
  }

  private void print(int lines) {
    try (var arena = Arena.ofConfined()) {
      var context = arena.allocate(16, 8);
      context.set(ValueLayout.JAVA_LONG, 0, marker);
      context.set(ValueLayout.JAVA_LONG, 8, lines);
      assertEquals(0, TestRun.run(printer, context));
    }
  }

  private List<String> printed(int lines) {
    return Stream.iterate(0, i -> i + 1)
        .limit(lines)
        .map(i -> "purebpf-%d-%d".formatted(marker, i))
        .toList();
  }

  /** Reads until there are so many lines of this test. */
  private List<String> read(int lines) {
    var found = new ArrayList<String>();
    while (found.size() < lines) {
      int read = pipe.poll(LONG, line -> own(line, found));
      assertTrue(read > 0, () -> "after " + found);
    }
    return found;
  }

  private void own(String line, List<String> found) {
    int at = line.indexOf("purebpf-" + marker);
    if (at >= 0) {
      assertTrue(line.substring(0, at).endsWith("bpf_trace_printk: "), line);
      found.add(line.substring(at));
    }
  }

  @Test
  void linesOfAProgramArriveInOrder() {
    print(3);
    assertEquals(printed(3), read(3));
    print(100);
    assertEquals(printed(100), read(100));
  }

  @Test
  void aWaitEndsWithTheTime() {
    assertEquals(0, pipe.poll(Duration.ZERO, line -> {}));
    assertEquals(0, pipe.poll(Duration.ofMillis(5), line -> {}));
  }

  static Stream<ThreadFactory> threads() {
    return Stream.of(Thread.ofPlatform().factory(), Thread.ofVirtual().factory());
  }

  private static void awaitItsWait(Thread thread) throws InterruptedException {
    Await.until(
        "the wait of " + thread,
        () ->
            thread.isVirtual()
                ? thread.getState() == Thread.State.TIMED_WAITING
                    || thread.getState() == Thread.State.WAITING
                : Stream.of(thread.getStackTrace())
                    .anyMatch(frame -> frame.getMethodName().equals("awaitHere")));
  }

  @ParameterizedTest
  @MethodSource("threads")
  void aLineEndsTheWait(ThreadFactory threads) throws Exception {
    var task = new FutureTask<>(() -> read(1));
    var thread = threads.newThread(task);
    thread.start();
    awaitItsWait(thread);
    print(1);
    assertEquals(printed(1), task.get());
  }

  @ParameterizedTest
  @MethodSource("threads")
  void closingEndsTheWait(ThreadFactory threads) throws Exception {
    var task = new FutureTask<>(() -> pipe.poll(LONG, line -> {}));
    var thread = threads.newThread(task);
    thread.start();
    awaitItsWait(thread);
    pipe.close();
    assertEquals(-1, task.get());
    assertTrue(pipe.isClosed());
    assertEquals(-1, pipe.poll(Duration.ZERO, line -> {}));
  }

  @Test
  void whatAnActionThrowsEndsTheCallBehindItsLine() {
    print(3);
    var found = new ArrayList<String>();
    var thrown =
        assertThrows(
            IllegalStateException.class,
            () ->
                pipe.poll(
                    LONG,
                    line -> {
                      own(line, found);
                      if (found.size() == 2) {
                        throw new IllegalStateException("two");
                      }
                    }));
    assertEquals("two", thrown.getMessage());
    found.addAll(read(1));
    assertEquals(printed(3), found);
  }

  @Test
  void anActionMayCloseTheReaderAndThenGetsNothingMore() {
    print(3);
    var found = new ArrayList<String>();
    while (!pipe.isClosed()) {
      pipe.poll(
          LONG,
          line -> {
            own(line, found);
            if (!found.isEmpty()) {
              pipe.close();
            }
          });
    }
    assertEquals(printed(1), found);
  }

  @Test
  void aDirectoryWithoutItIsRefused(@TempDir Path directory) {
    var e = assertThrows(KernelErrorException.class, () -> TracePipe.open(directory));
    assertEquals("ENOENT", e.errnoName());
    assertTrue(e.getMessage().contains("tracefs is not mounted there"), e.getMessage());
    assertFalse(e.getMessage().contains("\n"));
  }
}
