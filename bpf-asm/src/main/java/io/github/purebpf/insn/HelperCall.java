package io.github.purebpf.insn;

/**
 * A call of a kernel helper by number: {@code call bpf_map_lookup_elem#1}.
 *
 * @param id the helper's number in {@code enum bpf_func_id}
 */
public record HelperCall(int id) implements Insn {}
