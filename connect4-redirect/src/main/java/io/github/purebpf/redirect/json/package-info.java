/** Reads JSON that others wrote, strictly. */
package io.github.purebpf.redirect.json;
