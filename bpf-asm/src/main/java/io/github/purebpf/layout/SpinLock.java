package io.github.purebpf.layout;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A component of type {@code int} that is a {@code struct bpf_spin_lock}, Linux 5.1: programs hold
 * it with {@code bpf_spin_lock} while they change the other components of a map's value. Reading
 * yields 0, and what is written to it is ignored.
 */
@Target(ElementType.RECORD_COMPONENT)
@Retention(RetentionPolicy.RUNTIME)
public @interface SpinLock {}
