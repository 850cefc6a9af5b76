/**
 * Maps, programs and links of the kernel as Java objects.
 *
 * <p>A spec ({@link io.github.purebpf.bpf.MapSpec}, {@link io.github.purebpf.bpf.ProgramSpec}) is a
 * value that says what is wanted; an object ({@link io.github.purebpf.bpf.BpfMap}, {@link
 * io.github.purebpf.bpf.BpfProgram}, {@link io.github.purebpf.bpf.BpfLink}) is an open descriptor
 * of what the kernel made of it, and is closed like one.
 *
 * <pre>{@code
 * var services = new MapRef("services");
 * try (var map = BpfMap.create(MapSpec.hash(services, Codec.u32(), Codec.u32(), 1024));
 *     var program = BpfProgram.load(ProgramSpec.connect4("redirect", code), map);
 *     var link = program.attachToCgroup(Path.of("/sys/fs/cgroup/unified/web"))) {
 *   map.put(vip, server);
 *   …
 * }
 * }</pre>
 *
 * <p>A kernel that says no is a {@link io.github.purebpf.bpf.error.BpfException}; its kinds are
 * told apart so that each can be acted upon. A missing key is an empty result.
 */
package io.github.purebpf.bpf;
