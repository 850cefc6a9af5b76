package io.github.purebpf.bpf;

import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Kernel;
import java.lang.foreign.Arena;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/** The running kernel, asked to tell all that the verifier does. */
final class LoggingKernel {
  private static final int SIZE = 1 << 20;

  private final Kernel running = Kernel.running();
  private String log = "";

  Kernel kernel() {
    return (Kernel)
        Proxy.newProxyInstance(
            Kernel.class.getClassLoader(),
            new Class<?>[] {Kernel.class},
            (_, method, args) -> {
              if (method.getName().equals("bpf") && args[0] == Cmd.PROG_LOAD) {
                return load((BpfAttr) args[1]);
              }
              try {
                return method.invoke(running, args);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private int load(BpfAttr attr) {
    try (var arena = Arena.ofConfined()) {
      var buffer = arena.allocate(SIZE);
      attr.u32(Attr.ProgLoad.LOG_LEVEL, 2)
          .u32(Attr.ProgLoad.LOG_SIZE, SIZE)
          .pointer(Attr.ProgLoad.LOG_BUF, buffer);
      int result = running.bpf(Cmd.PROG_LOAD, attr);
      log = VerifierLog.of(buffer).text();
      return result;
    }
  }

  /** Of the last load. */
  String log() {
    return log;
  }
}
