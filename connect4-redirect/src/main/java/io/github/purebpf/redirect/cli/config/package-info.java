/** Files that say what a table holds. */
package io.github.purebpf.redirect.cli.config;
