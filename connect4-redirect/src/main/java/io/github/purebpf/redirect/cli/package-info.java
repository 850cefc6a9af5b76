/** The command {@code connect4-redirect}; not exported. */
package io.github.purebpf.redirect.cli;
