package io.github.purebpf.redirect.cli.metrics;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Supplier;

/**
 * What is answered, by path.
 *
 * @param answers asked at each request, from any thread; the path begins with a slash
 */
public record Routes(SequencedMap<String, Supplier<Answer>> answers) {
  /** Copies them. */
  public Routes {
    answers = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(answers));
  }

  /** The figures at {@code /metrics} and nothing else. */
  public static Routes metrics(Supplier<Answer> figures) {
    return new Routes(new LinkedHashMap<>(Map.of("/metrics", figures)));
  }

  /** What somebody gets who asks in this way; if the answer cannot be made, the reason. */
  Answer answer(String method, String target) {
    if (!method.equals("GET") && !method.equals("HEAD")) {
      return Answer.sentence(405, "GET and HEAD are answered");
    }
    int query = target.indexOf('?');
    var answer = answers.get(query < 0 ? target : target.substring(0, query));
    if (answer == null) {
      return Answer.sentence(404, "nothing is here but " + String.join(", ", answers.keySet()));
    }
    try {
      return answer.get();
    } catch (RuntimeException e) {
      return Answer.sentence(500, "there is no answer: " + e);
    }
  }
}
