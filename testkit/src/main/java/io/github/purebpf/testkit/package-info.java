/**
 * Fixtures for tests that run on the kernel of this machine; JDK and JUnit only, never published.
 */
package io.github.purebpf.testkit;
