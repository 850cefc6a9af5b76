package io.github.purebpf.redirect.dataplane;

/**
 * What is settled when the programs are built, so that a connect pays only for what is used.
 *
 * @param filter which cgroups are redirected
 * @param setRetval whether a refusal can have an errno of its own; without it, EPERM
 */
public record ProgramOptions(CgroupFilter filter, boolean setRetval) {}
