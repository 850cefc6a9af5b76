package io.github.purebpf.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Marks tests that load BPF programs into the kernel of this machine. Where that is impossible,
 * because the system is not Linux or a capability is missing, they are disabled with a sentence
 * that names what is missing; with the environment variable {@code PUREBPF_REQUIRE_KERNEL=1} they
 * fail instead, so that a gate cannot pass without having tested anything.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
@ExtendWith(KernelCondition.class)
public @interface RequiresKernel {}
