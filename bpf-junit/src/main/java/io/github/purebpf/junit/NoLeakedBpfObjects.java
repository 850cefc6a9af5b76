package io.github.purebpf.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Fails a test that leaves maps, programs, links or whatever else of this library owns a file
 * descriptor open, and says where each was opened.
 *
 * <p>What is opened by a test, in {@code @BeforeEach} or with the instance of a test class is to be
 * closed when the test has ended: after {@code @AfterEach} and after JUnit has closed the fields
 * that are {@code @AutoClose}. What is opened in {@code @BeforeAll} is to be closed when the class
 * has ended.
 *
 * <p>No other test runs at the same time as such a one. Needs JUnit 5.13 or later.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
@Isolated
@ExtendWith(LeakCheck.class)
@SuppressWarnings("exports") // only JUnit uses the class
public @interface NoLeakedBpfObjects {}
