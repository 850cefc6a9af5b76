package io.github.purebpf.bpf;

import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.ProgramType;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which programs can be attached to a kind of place. The kernel says no more than EINVAL about the
 * others.
 *
 * @param place such as {@code a raw tracepoint}
 * @param types the types of program
 * @param hooks the attach types; empty if programs for it have none
 * @param hookNeeded whether one of these is needed
 */
record Suitability(
    String place, Set<ProgramType> types, Set<AttachType> hooks, boolean hookNeeded) {
  /** For programs of a type, which may or may not have the attach type. */
  static Suitability of(String place, ProgramType type, AttachType... hooks) {
    return new Suitability(place, Set.of(type), Set.of(hooks), false);
  }

  /** For programs that need one of some attach types. */
  Suitability needingHook() {
    return new Suitability(place, types, hooks, true);
  }

  /** Refuses a program that is not suited. */
  void require(BpfProgram program) {
    var hook = program.attachType();
    if (!types.contains(program.type()) || hook.map(h -> !hooks.contains(h)).orElse(hookNeeded)) {
      throw new IllegalArgumentException(
          "%s is a %s with %s; %s takes %s with %s"
              .formatted(
                  program.title(),
                  program.type().kernelName(),
                  hook.map(AttachType::kernelName).orElse("no attach type"),
                  place,
                  types.stream()
                      .map(ProgramType::kernelName)
                      .sorted()
                      .collect(Collectors.joining(" or ")),
                  hooks.isEmpty()
                      ? "no attach type"
                      : hooks.stream()
                          .map(AttachType::kernelName)
                          .sorted()
                          .collect(Collectors.joining(" or "))));
    }
  }
}
