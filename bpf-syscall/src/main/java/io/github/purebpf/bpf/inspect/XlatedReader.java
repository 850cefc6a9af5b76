package io.github.purebpf.bpf.inspect;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.asm.BpfFunction;
import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.query.InfoArray;
import io.github.purebpf.bpf.internal.query.KernelSymbols;
import io.github.purebpf.bpf.internal.query.KernelTypes;
import io.github.purebpf.bpf.internal.query.ObjectInfo;
import io.github.purebpf.bpf.internal.sys.BpfProgInfo;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.btf.Btf;
import io.github.purebpf.btf.BtfType;
import io.github.purebpf.insn.HelperCall;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.InsnDecoder;
import io.github.purebpf.insn.Kfunc;
import io.github.purebpf.insn.KfuncCall;
import io.github.purebpf.insn.Slot;
import io.github.purebpf.insn.SourceLine;
import io.github.purebpf.uapi.Helper;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Has the kernel dump the code of a program and makes sense of it. */
final class XlatedReader {
  private static final InfoArray CODE =
      InfoArray.of(BpfProgInfo.XLATED_PROG_INSNS, BpfProgInfo.XLATED_PROG_LEN, Byte.BYTES);
  private static final InfoArray FUNCTIONS =
      InfoArray.ofRecords(
          BpfProgInfo.FUNC_INFO, BpfProgInfo.NR_FUNC_INFO, BpfProgInfo.FUNC_INFO_REC_SIZE);
  private static final InfoArray LINES =
      InfoArray.ofRecords(
          BpfProgInfo.LINE_INFO, BpfProgInfo.NR_LINE_INFO, BpfProgInfo.LINE_INFO_REC_SIZE);
  private static final InfoArray ADDRESSES =
      InfoArray.of(BpfProgInfo.JITED_KSYMS, BpfProgInfo.NR_JITED_KSYMS, Long.BYTES);
  private static final InfoArray SIZES =
      InfoArray.of(BpfProgInfo.JITED_FUNC_LENS, BpfProgInfo.NR_JITED_FUNC_LENS, Integer.BYTES);

  private static final int CALL = 0x85;
  private static final int LDDW = 0x18;
  private static final int PSEUDO_CALL = 1;
  private static final int PSEUDO_FUNC = 4;

  /** The bits of {@code line_col} below the line. */
  private static final int COLUMN_BITS = 10;

  private final Kernel kernel;
  private final int fd;
  private final String title;
  private final Path kallsyms;

  XlatedReader(Kernel kernel, int fd, String title) {
    this(kernel, fd, title, KernelSymbols.KALLSYMS);
  }

  XlatedReader(Kernel kernel, int fd, String title, Path kallsyms) {
    this.kernel = kernel;
    this.fd = fd;
    this.title = title;
    this.kallsyms = kallsyms;
  }

  XlatedCode read() {
    try (var arena = Arena.ofConfined()) {
      var info =
          ObjectInfo.of(
              kernel, fd, title, arena, BpfProgInfo.SIZE, CODE, FUNCTIONS, LINES, ADDRESSES, SIZES);
      var code = info.array(CODE);
      if (code.byteSize() == 0) {
        throw hidden(info);
      }
      var insns = decode(code);
      var types = info.id(BpfProgInfo.BTF_ID);
      var btf =
          types.isEmpty()
              ? Optional.<Btf>empty()
              : Optional.of(KernelTypes.read(kernel, types.getAsInt()));
      return new XlatedCode(
          withLines(insns, btf.map(b -> lines(info, b)).orElseGet(TreeMap::new)),
          functions(info, insns, btf));
    }
  }

  private RuntimeException hidden(ObjectInfo info) {
    var failure =
        Failure.of(kernel, Cmd.OBJ_GET_INFO_BY_FD, "the code of " + title)
            .hint(
                Errno.EPERM,
                "its constants are blinded (net.core.bpf_jit_harden) and this thread may not see"
                    + " addresses (kernel.kptr_restrict)");
    return (info.isHidden(CODE) ? failure : failure.needs(Set.of(Capability.CAP_BPF)))
        .exception(-Errno.EPERM);
  }

  private List<Insn> decode(MemorySegment code) {
    var slots = new ArrayList<Slot>();
    var bytes = code.asByteBuffer().order(ByteOrder.nativeOrder());
    while (bytes.hasRemaining()) {
      slots.add(Slot.read(bytes));
    }
    for (int i = 0; i < slots.size(); i++) {
      var slot = slots.get(i);
      // The kernel moves the distance of a call to the offset and numbers the functions instead.
      if (slot.opcode() == CALL && slot.src() == PSEUDO_CALL) {
        slots.set(i, new Slot(CALL, slot.dst(), PSEUDO_CALL, 0, slot.offset()));
      } else if (slot.opcode() == LDDW && slot.src() == PSEUDO_FUNC) {
        slots.set(i + 1, new Slot(0, 0, 0, 0, 0));
      }
    }
    return withNames(InsnDecoder.decode(slots));
  }

  private List<Insn> withNames(List<Insn> insns) {
    var distances = new HashSet<Integer>();
    for (var insn : insns) {
      switch (insn) {
        case HelperCall(int distance) when distance != 0 -> distances.add(distance);
        case KfuncCall(Kfunc.ById(int distance, int _)) when distance != 0 ->
            distances.add(distance);
        default -> {}
      }
    }
    // A tail call, which is no call of a function, is told by the number of its helper.
    distances.remove(Helper.TAIL_CALL.id());
    var names = KernelSymbols.named(kallsyms, distances);
    return insns.stream().map(insn -> withName(insn, names)).toList();
  }

  private static Insn withName(Insn insn, Map<Integer, String> names) {
    var name =
        switch (insn) {
          case HelperCall(int distance) -> names.get(distance);
          case KfuncCall(Kfunc.ById(int distance, int _)) -> names.get(distance);
          default -> null;
        };
    if (name == null) {
      return insn;
    }
    if (insn instanceof HelperCall) {
      var helper = Stream.of(Helper.values()).filter(h -> h.kernelName().equals(name)).findFirst();
      if (helper.isPresent()) {
        return new HelperCall(helper.get().id());
      }
    }
    return new KfuncCall(new Kfunc.Named(name));
  }

  private static NavigableMap<Integer, SourceLine> lines(ObjectInfo info, Btf btf) {
    var lines = new TreeMap<Integer, SourceLine>();
    var records = info.array(LINES);
    for (long at = 0; at < records.byteSize(); at += info.elementSize(LINES)) {
      int place = records.get(ValueLayout.JAVA_INT, at + 12);
      int line = place >>> COLUMN_BITS;
      if (line > 0) {
        lines.put(
            records.get(ValueLayout.JAVA_INT, at),
            new SourceLine(
                btf.string(records.get(ValueLayout.JAVA_INT, at + 4)),
                line,
                place & ((1 << COLUMN_BITS) - 1),
                btf.string(records.get(ValueLayout.JAVA_INT, at + 8))));
      }
    }
    return lines;
  }

  private static List<XlatedInsn> withLines(
      List<Insn> insns, NavigableMap<Integer, SourceLine> lines) {
    var result = new ArrayList<XlatedInsn>(insns.size());
    int slot = 0;
    for (var insn : insns) {
      var line = lines.floorEntry(slot);
      result.add(new XlatedInsn(slot, insn, Optional.ofNullable(line).map(Map.Entry::getValue)));
      slot += insn.slots();
    }
    return result;
  }

  private static List<XlatedFunction> functions(
      ObjectInfo info, List<Insn> insns, Optional<Btf> btf) {
    var names = new TreeMap<Integer, String>();
    for (BpfFunction function : BpfCode.of(insns).functions()) {
      names.put(function.start(), "f" + function.start());
    }
    names.put(0, info.name(BpfProgInfo.NAME, BpfProgInfo.NAME_SIZE));
    btf.ifPresent(types -> names.putAll(named(info, types)));
    long[] addresses = info.array(ADDRESSES).toArray(ValueLayout.JAVA_LONG);
    int[] sizes = info.array(SIZES).toArray(ValueLayout.JAVA_INT);
    boolean told = addresses.length == names.size() && sizes.length == names.size();
    var functions = new ArrayList<XlatedFunction>();
    names.forEach(
        (slot, name) -> {
          int i = functions.size();
          functions.add(
              new XlatedFunction(
                  slot,
                  name,
                  told ? OptionalLong.of(addresses[i]) : OptionalLong.empty(),
                  told ? sizes[i] : 0));
        });
    return functions;
  }

  private static Map<Integer, String> named(ObjectInfo info, Btf btf) {
    var names = new TreeMap<Integer, String>();
    var records = info.array(FUNCTIONS);
    for (long at = 0; at < records.byteSize(); at += info.elementSize(FUNCTIONS)) {
      if (btf.type(records.get(ValueLayout.JAVA_INT, at + 4)) instanceof BtfType.Func function) {
        names.put(records.get(ValueLayout.JAVA_INT, at), function.name());
      }
    }
    return names;
  }
}
