/**
 * Writes the generated sources of the published modules.
 *
 * <p>{@link io.github.purebpf.uapigen.Extract} takes what is needed from the BTF of the running
 * kernel into a text file; {@link io.github.purebpf.uapigen.Generate} turns that file and the facts
 * kept by hand next to it into Java. Only the first step depends on the machine.
 */
package io.github.purebpf.uapigen;
