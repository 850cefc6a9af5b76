package io.github.purebpf.redirect;

/**
 * How full a table is.
 *
 * @param vips how many virtual addresses it holds
 * @param vipCapacity how many it has room for
 * @param servers how many servers it holds, one of two virtual addresses counted twice; those that
 *     are in use no more and have connections left are among them, and some without until their
 *     room is needed
 * @param serverCapacity how many it has room for
 */
public record TableUse(int vips, int vipCapacity, int servers, int serverCapacity) {}
