package io.github.purebpf.bpf.features;

import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.bpf.internal.sys.Privileges;
import io.github.purebpf.insn.KernelVersion;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** A kernel that answers bpf(2) as a test says, and knows what has been left open. */
final class ScriptedKernel {
  /** Answers a command. */
  interface Answer {
    int to(Cmd command, BpfAttr attr);
  }

  static final Privileges ROOT = new Privileges(-1L, true, false, 2);

  final List<Cmd> calls = new ArrayList<>();
  final TreeSet<Integer> open = new TreeSet<>();
  Answer answer = (_, _) -> newFd();
  Privileges privileges = ROOT;
  KernelVersion release = new KernelVersion(6, 18);

  /** A descriptor that is free. */
  int newFd() {
    int fd = 3;
    while (open.contains(fd)) {
      fd++;
    }
    open.add(fd);
    return fd;
  }

  Kernel kernel() {
    return (Kernel)
        Proxy.newProxyInstance(
            Kernel.class.getClassLoader(),
            new Class<?>[] {Kernel.class},
            (_, method, args) ->
                switch (method.getName()) {
                  case "bpf" -> {
                    calls.add((Cmd) args[0]);
                    yield answer.to((Cmd) args[0], (BpfAttr) args[1]);
                  }
                  case "close" -> open.remove((Integer) args[0]) ? 0 : -Errno.EBADF;
                  case "privileges" -> privileges;
                  case "release" -> release;
                  case "memlock" -> 65_536L;
                  default -> throw new AssertionError(method);
                });
  }
}
