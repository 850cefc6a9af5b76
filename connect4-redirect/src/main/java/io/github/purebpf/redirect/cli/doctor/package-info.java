/** Looks for what keeps a redirector from working on this machine. */
package io.github.purebpf.redirect.cli.doctor;
