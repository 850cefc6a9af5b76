/** Programs of one page that use purebpf. */
package io.github.purebpf.examples;
