package io.github.purebpf.check.rules;

import io.github.purebpf.check.Rule;

/**
 * Something wrong, wherever it is.
 *
 * @param rule what it breaks
 * @param why what is wrong, in one sentence
 * @param remedy what to do about it
 */
public record Flaw(Rule rule, String why, String remedy) {}
