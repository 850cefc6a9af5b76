/** The memory layout of C structs, derived from Java records: one declaration for both sides. */
package io.github.purebpf.layout;
