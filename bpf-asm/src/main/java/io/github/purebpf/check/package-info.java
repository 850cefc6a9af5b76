/**
 * A checker that looks at a program before any kernel does, without privilege and on any system.
 *
 * <pre>{@code
 * var findings = Checker.check(code, CheckOptions.of(ProgramType.XDP));
 * findings.forEach(System.out::println);
 * }</pre>
 *
 * <p>A finding that is an {@linkplain io.github.purebpf.check.Finding.Severity#ERROR error} means
 * that every kernel up to Linux 6.18 rejects the program; a program that a kernel accepts has none.
 * The checker does not find everything that the verifier does: no finding is no promise.
 */
package io.github.purebpf.check;
