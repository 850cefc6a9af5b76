package io.github.purebpf.text;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * A function of a text.
 *
 * @param index its place among the functions; 0 is the entry
 * @param name the label that begins it, or null for the entry
 * @param start its first slot, if no jump grows
 * @param body its statements, the label that begins it included
 */
record TextFunction(int index, Statement.Bind name, int start, List<Statement> body) {
  boolean isEntry() {
    return index == 0;
  }

  /**
   * The functions of a text, the entry first. A function begins at a label that is called, or whose
   * address is taken, or that is said to be one.
   */
  static List<TextFunction> functionsOf(ParsedText text) {
    var statements = text.statements();
    var names = new HashSet<String>();
    for (var statement : statements) {
      if (statement instanceof Statement.Code code
          && code.parsed().reference() != null
          && code.parsed().reference().kind() != Parsed.Reference.Kind.JUMP) {
        names.add(code.parsed().reference().name());
      }
    }
    var functions = new ArrayList<TextFunction>();
    var body = new ArrayList<Statement>();
    functions.add(new TextFunction(0, null, 0, body));
    int slot = 0;
    for (var statement : statements) {
      // A label in front of the first instruction is another name of the entry.
      if (statement instanceof Statement.Bind bind
          && slot > 0
          && (names.contains(bind.name()) || text.isFunction(bind.name()))) {
        body = new ArrayList<>();
        functions.add(new TextFunction(functions.size(), bind, slot, body));
      }
      body.add(statement);
      if (statement instanceof Statement.Code code) {
        slot += code.slots();
      }
    }
    return functions;
  }
}
