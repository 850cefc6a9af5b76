package io.github.purebpf.check.flow;

import static io.github.purebpf.check.flow.Value.Anything.ANYTHING;

import io.github.purebpf.insn.Reg;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Follows the paths through a program, certain ones first.
 *
 * <p>Where paths meet it keeps the states seen and does not follow an equal one twice. After many
 * different ones, as in a long loop, it joins them: what they do not agree on is forgotten, and the
 * path is no longer certain.
 */
public final class Explorer {
  /** Executes instructions. */
  public interface Machine {
    /**
     * Executes one instruction and hands the states behind it to {@link Explorer#go}.
     *
     * @param state may be changed and handed on
     */
    void execute(int index, State state, Explorer paths);
  }

  /** States kept apart at one place. */
  private static final int STATES = 64;

  /** Instructions executed before the exploration is given up; what was found until then counts. */
  private static final int STEPS = 400_000;

  private record Point(int index, State state) {}

  private final Program program;
  private final boolean[] meets;
  private final Deque<Point> certain = new ArrayDeque<>();
  private final Deque<Point> doubtful = new ArrayDeque<>();
  private final Map<Integer, List<State>> seen = new HashMap<>();
  private final Map<Integer, List<State>> joined = new HashMap<>();

  private Explorer(Program program) {
    this.program = program;
    meets = new boolean[program.size()];
    for (int i = 0; i < program.size(); i++) {
      program.jumpSlot(i).ifPresent(slot -> meets[program.indexAt(slot).orElseThrow()] = true);
    }
    for (int function = 0; function < program.functions(); function++) {
      meets[program.indexAt(program.start(function)).orElseThrow()] = true;
    }
  }

  /** Follows all paths from the entry; the program's shape holds. */
  public static void explore(Program program, State entry, Machine machine) {
    var explorer = new Explorer(program);
    explorer.go(0, entry);
    for (int steps = 0; steps < STEPS; steps++) {
      var point = explorer.next();
      if (point == null) {
        return;
      }
      machine.execute(point.index, point.state, explorer);
    }
  }

  /** The state with which the kernel starts the program. */
  public static State entry() {
    return State.entry(0, true);
  }

  /** Also follows a function that the kernel calls back, of whose arguments nothing is known. */
  public void callback(int function) {
    var state = State.entry(function, false);
    for (int i = 1; i <= 5; i++) {
      state.top().set(Reg.of(i), ANYTHING);
    }
    go(program.indexAt(program.start(function)).orElseThrow(), state);
  }

  /** Goes on at an instruction, unless nothing new can be found there. */
  public void go(int index, State state) {
    if (meets[index]) {
      state.meet();
      if (isKnown(index, state)) {
        return;
      }
    }
    (state.isCertain() ? certain : doubtful).push(new Point(index, state));
  }

  private Point next() {
    return certain.isEmpty() ? doubtful.poll() : certain.poll();
  }

  private boolean isKnown(int index, State state) {
    var states = seen.computeIfAbsent(index, _ -> new ArrayList<>());
    if (states.stream().anyMatch(known -> known.covers(state))) {
      return true;
    }
    if (states.size() < STATES) {
      states.add(state.copy());
      return false;
    }
    var summaries = joined.computeIfAbsent(index, _ -> new ArrayList<>());
    for (var summary : summaries) {
      if (summary.isSameCalls(state)) {
        boolean less = summary.join(state);
        state.join(summary);
        return !less;
      }
    }
    summaries.add(state.copy());
    return false;
  }
}
