/** How the values of the redirector are written, on the command line and in files. */
package io.github.purebpf.redirect.cli.text;
