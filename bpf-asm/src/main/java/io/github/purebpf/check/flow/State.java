package io.github.purebpf.check.flow;

import static io.github.purebpf.check.flow.Value.Anything.ANYTHING;

import io.github.purebpf.insn.Reg;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/** What is known at one point of one path. */
public final class State {
  private final List<Frame> frames = new ArrayList<>();
  private Set<Integer> references = Set.of();
  private boolean certain;

  private State() {}

  /**
   * The state at the start of a function that the kernel calls, with the context in r1.
   *
   * @param certain whether the verifier goes there for sure
   */
  static State entry(int function, boolean certain) {
    var state = new State();
    state.certain = certain;
    state.frames.add(Frame.entered(function, -1, 0));
    return state;
  }

  /** A state that changes independently of this one. */
  public State copy() {
    var copy = new State();
    frames.forEach(frame -> copy.frames.add(frame.copy()));
    copy.references = references;
    copy.certain = certain;
    return copy;
  }

  /** Whether the verifier follows this path for sure. */
  public boolean isCertain() {
    return certain;
  }

  /** From here on the verifier may be elsewhere. */
  public State doubtful() {
    certain = false;
    return this;
  }

  /** The function being executed. */
  public Frame top() {
    return frames.getLast();
  }

  /** The frame of a number, from 0 for the entry. */
  public Frame frame(int number) {
    return frames.get(number);
  }

  /** How many functions are nested. */
  public int depth() {
    return frames.size();
  }

  /** Enters a function with r1 to r5, which the caller loses by the call at a slot. */
  public void enter(int function, int returnTo, int slot) {
    var callee = Frame.entered(function, returnTo, frames.size());
    for (int i = 1; i <= 5; i++) {
      callee.set(Reg.of(i), top().get(Reg.of(i)));
      top().set(Reg.of(i), new Value.Unset(slot));
    }
    frames.add(callee);
  }

  /** Leaves a function with its r0, and forgets addresses of its stack. */
  public void leave() {
    var result = top().get(Reg.R0);
    int left = frames.size() - 1;
    frames.removeLast();
    top().set(Reg.R0, result);
    replaceAll(
        value ->
            value instanceof Pointer pointer
                    && pointer.kind() == Pointer.Kind.STACK
                    && pointer.extent() == left
                ? ANYTHING
                : value);
  }

  /** What was acquired and not given back, by identity. */
  public Set<Integer> references() {
    return references;
  }

  /** Takes note of something acquired. */
  public void acquire(int identity) {
    var more = new HashSet<>(references);
    more.add(identity);
    references = Set.copyOf(more);
  }

  /** Takes note of something given back, or that turned out to be null. */
  public void release(int identity) {
    var fewer = new HashSet<>(references);
    fewer.remove(identity);
    references = Set.copyOf(fewer);
  }

  /** Nothing is known of references any more. */
  public void forgetReferences() {
    references = Set.of();
  }

  /** This path has come to where it may meet others. */
  void meet() {
    frames.forEach(frame -> frame.stack().meet());
  }

  /** Any stack may hold anything from now on. */
  public void forgetStacks() {
    frames.forEach(frame -> frame.stack().overwrite(-Stack.BYTES, 0));
  }

  /** Changes every register and stack slot of every frame. */
  public void replaceAll(UnaryOperator<Value> change) {
    frames.forEach(frame -> frame.replaceAll(change));
  }

  /**
   * Makes an identity free for a new value: in a loop, older copies of a value made by the same
   * instruction are not copies of the new one.
   */
  public int identity(int wanted) {
    replaceAll(value -> value.id() == wanted ? ANYTHING : value);
    release(wanted);
    return wanted;
  }

  /** Whether the frames are those of the same calls. */
  boolean isSameCalls(State other) {
    if (frames.size() != other.frames.size()) {
      return false;
    }
    for (int i = 0; i < frames.size(); i++) {
      if (!frames.get(i).isSameCall(other.frames.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** Whether as much is known, in a path that is as certain or more. */
  boolean covers(State other) {
    if (!isSameCalls(other)
        || !references.equals(other.references)
        || (other.certain && !certain)) {
      return false;
    }
    for (int i = 0; i < frames.size(); i++) {
      if (!frames.get(i).isSame(other.frames.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** Keeps what holds in both, of the same calls; returns whether that is less than before. */
  boolean join(State other) {
    boolean less = certain || !references.isEmpty();
    certain = false;
    references = Set.of();
    for (int i = 0; i < frames.size(); i++) {
      less |= frames.get(i).join(other.frames.get(i));
    }
    return less;
  }
}
