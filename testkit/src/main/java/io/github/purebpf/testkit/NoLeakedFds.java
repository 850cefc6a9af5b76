package io.github.purebpf.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Fails every test after which this process has more BPF file descriptors open than before it. What
 * {@code @BeforeEach} opens, {@code @AfterEach} has to close. Not for tests that run in parallel.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@ExtendWith(FdLeakCheck.class)
public @interface NoLeakedFds {}
