/**
 * Keeps the servers of a virtual address what a source says that they are: Consul, DNS, a command,
 * a file, or a fixed list. What a source says is taken for what it is worth: an answer that is
 * empty, doubtful or late never takes servers away.
 */
package io.github.purebpf.redirect.controller;
