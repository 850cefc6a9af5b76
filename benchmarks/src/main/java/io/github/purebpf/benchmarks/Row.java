package io.github.purebpf.benchmarks;

import java.util.List;
import java.util.OptionalLong;

/**
 * One run of one peer: a line of {@code results.csv}.
 *
 * @param round counted from 1; those of all processes are counted on
 * @param process which start of the peers
 * @param position in the order of this round, from 1
 */
record Row(int round, int process, int position, String caseId, String peer, Measurement measured) {
  static final String HEADER =
      "round,process,position,case,peer,operations,nanoseconds,allocated_bytes,sum";

  String line() {
    return String.join(
        ",",
        List.of(
            Integer.toString(round),
            Integer.toString(process),
            Integer.toString(position),
            caseId,
            peer,
            Long.toString(measured.operations()),
            Long.toString(measured.nanos()),
            measured.allocated().isPresent() ? Long.toString(measured.allocated().getAsLong()) : "",
            measured.sum()));
  }

  /**
   * From a line.
   *
   * @throws IllegalArgumentException if it is something else
   */
  static Row parse(String line) {
    var cells = line.split(",", -1);
    if (cells.length != 9) {
      throw new IllegalArgumentException("no line of results: " + line);
    }
    var allocated =
        cells[7].isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(cells[7]));
    return new Row(
        Integer.parseInt(cells[0]),
        Integer.parseInt(cells[1]),
        Integer.parseInt(cells[2]),
        cells[3],
        cells[4],
        new Measurement(Long.parseLong(cells[5]), Long.parseLong(cells[6]), allocated, cells[8]));
  }
}
