/** Figures in the text format of Prometheus, and how they are served. */
package io.github.purebpf.redirect.cli.metrics;
