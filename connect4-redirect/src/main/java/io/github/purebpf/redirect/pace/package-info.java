/** When something is done, and by whom: clocks, even steps, pauses between attempts, turns. */
package io.github.purebpf.redirect.pace;
