package io.github.purebpf.bpf;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.btf.Btf;
import io.github.purebpf.btf.BtfType;
import io.github.purebpf.insn.Kfunc;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A program whose kernel functions have the ids of this kernel.
 *
 * @param code the program
 * @param modules those that have some of the functions, from index 1 of the load's {@code fd_array}
 *     on; index 0 stands for the kernel itself
 */
record Kfuncs(BpfCode code, List<ModuleBtf> modules) implements AutoCloseable {
  /**
   * Gives the kernel functions that a program calls by name the ids of this kernel.
   *
   * @param program its name
   * @throws KernelErrorException if neither the kernel nor a module has such a function (ENOENT),
   *     or the kernel no BTF
   */
  static Kfuncs bind(Kernel kernel, BpfCode code, String program) {
    return code.kfuncs().isEmpty()
        ? new Kfuncs(code, List.of())
        : bind(kernel, code, program, KernelBtf.VMLINUX);
  }

  static Kfuncs bind(Kernel kernel, BpfCode code, String program, Path vmlinux) {
    var types = KernelBtf.read(vmlinux, "program " + program + " calls kernel functions by name");
    var modules = new ArrayList<ModuleBtf>();
    boolean bound = false;
    try {
      var found =
          new Kfuncs(
              code.bindKfuncs(kfunc -> id(kernel, kfunc, program, vmlinux, types, modules)),
              modules);
      bound = true;
      return found;
    } finally {
      if (!bound) {
        modules.forEach(ModuleBtf::close);
      }
    }
  }

  private static Kfunc.ById id(
      Kernel kernel,
      Kfunc.Named kfunc,
      String program,
      Path vmlinux,
      Btf types,
      List<ModuleBtf> modules) {
    var own = types.idOf(kfunc.name(), BtfType.Func.class);
    if (own.isPresent()) {
      return new Kfunc.ById(own.getAsInt(), 0);
    }
    for (int i = 0; i < modules.size(); i++) {
      var known = modules.get(i).types().idOf(kfunc.name(), BtfType.Func.class);
      if (known.isPresent()) {
        return new Kfunc.ById(known.getAsInt(), i + 1);
      }
    }
    var module =
        ModuleBtf.defining(kernel, types, kfunc.name(), BtfType.Func.class)
            .orElseThrow(() -> missing(program, kfunc, vmlinux));
    modules.add(module);
    return new Kfunc.ById(
        module.types().idOf(kfunc.name(), BtfType.Func.class).orElseThrow(), modules.size());
  }

  private static KernelErrorException missing(String program, Kfunc.Named kfunc, Path vmlinux) {
    return new KernelErrorException(
        "program %s calls %s, which neither %s nor a loaded module has: this kernel is too old or"
                .formatted(program, kfunc.name(), vmlinux)
            + " built without it",
        Cmd.PROG_LOAD.kernelName(),
        Errno.ENOENT);
  }

  /** Puts the modules into the attr of {@code BPF_PROG_LOAD}; they are held until the close. */
  void describe(BpfAttr attr, Arena arena) {
    if (modules.isEmpty()) {
      return;
    }
    var fds = arena.allocate(ValueLayout.JAVA_INT, modules.size() + 1);
    for (int i = 0; i < modules.size(); i++) {
      // Only this thread knows the descriptors, and closes them after the load.
      fds.setAtIndex(ValueLayout.JAVA_INT, i + 1, modules.get(i).fd().acquire());
      modules.get(i).fd().release();
    }
    attr.pointer(Attr.ProgLoad.FD_ARRAY, fds);
  }

  @Override
  public void close() {
    modules.forEach(ModuleBtf::close);
  }
}
