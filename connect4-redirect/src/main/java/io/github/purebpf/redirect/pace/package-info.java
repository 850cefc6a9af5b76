/** How fast something is done: clocks, even steps, and pauses between attempts. */
package io.github.purebpf.redirect.pace;
