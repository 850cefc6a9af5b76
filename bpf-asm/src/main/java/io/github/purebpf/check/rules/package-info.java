/** What the checker looks for: rules of the program's shape, and rules along its paths. */
package io.github.purebpf.check.rules;
