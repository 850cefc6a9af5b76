package io.github.purebpf.check.rules;

import io.github.purebpf.check.CheckOptions;
import io.github.purebpf.check.Rule;
import io.github.purebpf.check.tables.ProgramTable;
import io.github.purebpf.uapi.AttachType;
import java.util.stream.Collectors;

/** What can be said of a program without looking at its code. */
public final class ProgramRules {
  private ProgramRules() {}

  /** The options with the attach type as the kernel takes it. */
  public static CheckOptions effective(CheckOptions options) {
    return new CheckOptions(
        options.type(),
        options
            .type()
            .map(type -> ProgramTable.INSTANCE.effective(type, options.attachType()))
            .orElse(options.attachType()),
        options.license(),
        options.maps(),
        options.off());
  }

  /** Looks at the program type and the attach type. */
  public static void check(CheckOptions options, Findings findings) {
    if (options.type().isEmpty()) {
      return;
    }
    var type = options.type().orElseThrow();
    var table = ProgramTable.INSTANCE;
    if (table.takes(type, options.attachType())) {
      return;
    }
    var taken =
        table.attachTypes(type).stream()
            .sorted()
            .map(AttachType::kernelName)
            .collect(Collectors.joining(", "));
    findings.error(
        0,
        new Flaw(
            Rule.ATTACH_TYPE,
            options
                .attachType()
                .map(given -> type.kernelName() + " is not loaded with " + given.kernelName())
                .orElse(type.kernelName() + " is not loaded without an attach type"),
            "load it with one of " + taken));
  }
}
