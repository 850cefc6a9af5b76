/** The checker's view of a program: its control flow, and states that follow paths through it. */
package io.github.purebpf.check.flow;
