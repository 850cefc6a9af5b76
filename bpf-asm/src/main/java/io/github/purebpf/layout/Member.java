package io.github.purebpf.layout;

import io.github.purebpf.insn.Field;
import java.lang.reflect.RecordComponent;

/**
 * One member of a {@link Struct}.
 *
 * @param <S> the record
 * @param component the record component that it comes from; its type is a primitive integer
 * @param field where it lies
 * @param networkOrder whether it is big endian on every machine
 */
public record Member<S>(RecordComponent component, Field<S> field, boolean networkOrder) {
  /** Whether it is a {@code struct bpf_spin_lock}. */
  public boolean spinLock() {
    return component.isAnnotationPresent(SpinLock.class);
  }
}
