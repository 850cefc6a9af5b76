/** What {@code connect4-redirect demo} shows. */
package io.github.purebpf.redirect.cli.demo;
