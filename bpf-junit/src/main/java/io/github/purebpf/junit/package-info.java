/** Extensions of JUnit Jupiter for tests of code that opens BPF objects. */
package io.github.purebpf.junit;
