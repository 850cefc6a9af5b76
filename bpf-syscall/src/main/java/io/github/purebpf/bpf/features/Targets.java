package io.github.purebpf.bpf.features;

import io.github.purebpf.btf.Btf;
import io.github.purebpf.btf.BtfType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What programs can be for in the kernel itself, by its number in the kernel's types.
 *
 * @param ids those that are there
 * @param member the number of a function in {@link Name#STRUCT}
 */
record Targets(Map<Targets.Name, Integer> ids, int member) {
  /** Things that every kernel has that can run a program for them. */
  enum Name {
    /** A function that nobody calls but tests. */
    FUNCTION("bpf_fentry_test1", BtfType.Func.class),
    /** A function whose return value may be changed. */
    SECURITY_FUNCTION("security_file_open", BtfType.Func.class),
    /** A hook of the security modules. */
    LSM_HOOK("bpf_lsm_file_open", BtfType.Func.class),
    /** The same with a socket, whose cgroup decides. */
    LSM_SOCKET_HOOK("bpf_lsm_socket_bind", BtfType.Func.class),
    /** A tracepoint. */
    TRACEPOINT("btf_trace_sched_switch", BtfType.Typedef.class),
    /** An iterator. */
    ITERATOR("bpf_iter_task", BtfType.Func.class),
    /** A struct of functions. */
    STRUCT("tcp_congestion_ops", BtfType.Struct.class);

    private final String symbol;
    private final Class<? extends BtfType> sort;

    Name(String symbol, Class<? extends BtfType> sort) {
      this.symbol = symbol;
      this.sort = sort;
    }

    String symbol() {
      return symbol;
    }
  }

  private static final String MEMBER = "ssthresh";

  /** Looks all of them up. */
  static Targets read(Path vmlinux) throws IOException {
    var types = Btf.read(vmlinux);
    var ids = new HashMap<Name, Integer>();
    for (var name : Name.values()) {
      types.idOf(name.symbol, name.sort).ifPresent(id -> ids.put(name, id));
    }
    int member = 0;
    var id = ids.get(Name.STRUCT);
    if (id != null && types.type(id) instanceof BtfType.Struct struct) {
      while (!struct.members().get(member).name().equals(MEMBER)) {
        member++;
      }
    }
    return new Targets(Map.copyOf(ids), member);
  }
}
