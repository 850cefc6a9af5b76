/** What the kernel was measured to allow, read from the text resources beside this package. */
package io.github.purebpf.check.tables;
