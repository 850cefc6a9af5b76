/** Programs as text. */
package io.github.purebpf.text;
