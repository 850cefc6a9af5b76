package io.github.purebpf.redirect.dataplane;

import io.github.purebpf.bpf.BpfMap;
import io.github.purebpf.bpf.Codec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * What the process that follows a source of servers has to say of it, for those who look at the
 * table: the one element of the array {@code source}.
 */
public final class SourceNote {
  /**
   * What it says.
   *
   * @param written when, in milliseconds of Unix time
   * @param heard when the source named servers last; 0 if it never did
   * @param source what is followed
   * @param problem why it is not believed; empty if it is
   */
  public record Entry(long written, long heard, String source, String problem) {}

  static final Codec<Entry> CODEC = new EntryCodec();

  private final BpfMap<Integer, Entry> map;

  SourceNote(BpfMap<Integer, Entry> map) {
    this.map = map;
  }

  /** Replaces what was said; long texts are cut. */
  public void put(Entry entry) {
    map.put(0, entry);
  }

  /** What was said last; empty if nothing ever was. */
  public Optional<Entry> get() {
    return map.get(0).filter(entry -> entry.written() != 0);
  }

  private static final class EntryCodec implements Codec<Entry> {
    private static final TextCodec SOURCES = new TextCodec(496);
    private static final TextCodec PROBLEMS = new TextCodec(1536);
    private static final int HEARD = Long.BYTES;
    private static final int TEXTS = 2 * Long.BYTES;

    @Override
    public int size() {
      return TEXTS + SOURCES.size() + PROBLEMS.size();
    }

    @Override
    public void write(Entry entry, MemorySegment to) {
      to.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, entry.written());
      to.set(ValueLayout.JAVA_LONG_UNALIGNED, HEARD, entry.heard());
      SOURCES.write(SOURCES.cut(entry.source()), to.asSlice(TEXTS, SOURCES.size()));
      PROBLEMS.write(
          PROBLEMS.cut(entry.problem()), to.asSlice(TEXTS + SOURCES.size(), PROBLEMS.size()));
    }

    @Override
    public Entry read(MemorySegment from) {
      return new Entry(
          from.get(ValueLayout.JAVA_LONG_UNALIGNED, 0),
          from.get(ValueLayout.JAVA_LONG_UNALIGNED, HEARD),
          SOURCES.read(from.asSlice(TEXTS, SOURCES.size())),
          PROBLEMS.read(from.asSlice(TEXTS + SOURCES.size(), PROBLEMS.size())));
    }
  }
}
