/**
 * The events that this library gives to the Flight Recorder of the JDK. Only classes that extend
 * {@code jdk.jfr.Event} know of it; {@link io.github.purebpf.bpf.internal.event.Events} stands
 * before them and leaves them alone in a JVM without the module {@code jdk.jfr}.
 */
package io.github.purebpf.bpf.internal.event;
