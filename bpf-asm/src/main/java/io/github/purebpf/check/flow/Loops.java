package io.github.purebpf.check.flow;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Finds the loops without a way out: strongly connected instructions that nothing leaves. */
public final class Loops {
  private final Program program;
  private final int[] order;
  private final int[] low;
  private final boolean[] open;
  private final int[] stack;
  private int depth;
  private int visited;
  private final List<List<Integer>> endless = new ArrayList<>();

  private Loops(Program program) {
    this.program = program;
    order = new int[program.size()];
    low = new int[program.size()];
    open = new boolean[program.size()];
    stack = new int[program.size()];
  }

  /** The instructions of each loop without a way out, in ascending order. */
  public static List<List<Integer>> endless(Program program) {
    var loops = new Loops(program);
    for (int i = 0; i < program.size(); i++) {
      if (loops.order[i] == 0) {
        loops.visit(i);
      }
    }
    return loops.endless;
  }

  /** Tarjan's algorithm with a stack of its own: programs have up to a million instructions. */
  private void visit(int root) {
    int[] path = new int[program.size()];
    int[] edge = new int[program.size()];
    int top = 0;
    path[0] = root;
    enter(root);
    while (top >= 0) {
      int at = path[top];
      var successors = program.successors(at);
      if (edge[top] < successors.size()) {
        int next = successors.get(edge[top]++);
        if (order[next] == 0) {
          enter(next);
          path[++top] = next;
          edge[top] = 0;
        } else if (open[next]) {
          low[at] = Math.min(low[at], order[next]);
        }
      } else {
        top--;
        if (top >= 0) {
          low[path[top]] = Math.min(low[path[top]], low[at]);
        }
        if (low[at] == order[at]) {
          close(at);
        }
      }
    }
  }

  private void enter(int index) {
    order[index] = low[index] = ++visited;
    open[index] = true;
    stack[depth++] = index;
  }

  private void close(int root) {
    int from = depth;
    do {
      open[stack[--depth]] = false;
    } while (stack[depth] != root);
    int[] members = Arrays.copyOfRange(stack, depth, from);
    Arrays.sort(members);
    if (isEndless(members)) {
      endless.add(Arrays.stream(members).boxed().toList());
    }
  }

  private boolean isEndless(int[] members) {
    boolean loops = false;
    for (int member : members) {
      var successors = program.successors(member);
      loops |= !successors.isEmpty();
      for (int next : successors) {
        if (Arrays.binarySearch(members, next) < 0) {
          return false;
        }
      }
      if (successors.isEmpty()) {
        return false;
      }
    }
    return loops;
  }
}
