/** Where servers are known: a fixed list, a file, or the addresses of a name or of a command. */
package io.github.purebpf.redirect.source;
