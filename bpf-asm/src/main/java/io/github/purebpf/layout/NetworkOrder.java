package io.github.purebpf.layout;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A component that lies in memory in network byte order (big endian), such as an IP address or a
 * port; C spells it {@code __be16} or {@code __be32}. Without it a component has the machine's
 * order.
 */
@Target(ElementType.RECORD_COMPONENT)
@Retention(RetentionPolicy.RUNTIME)
public @interface NetworkOrder {}
