/**
 * BPF object files: relocatable ELF, as clang makes it and libbpf, {@code bpftool prog load} and
 * {@code llvm-objdump} read it.
 *
 * <pre>{@code
 * var services = ObjectMap.of(new MapRef("services"), MapShape.of(MapType.HASH, 4, 4, 65_536));
 * var program = new ObjectProgram("sock4_connect", "cgroup/connect4", code);
 * byte[] file =
 *     new BpfObject(List.of(program), List.of(services), "GPL").toElf(ByteOrder.LITTLE_ENDIAN);
 * }</pre>
 *
 * <p>What such a file holds:
 *
 * <pre>
 * cgroup/connect4      the entries of the programs of this section, one behind the other
 * .text                the other functions of all programs
 * .relSECTION          where a map's or function's address goes
 * license              the license, with a NUL behind it
 * .maps                room for each map, whose definition is a struct in the BTF
 * .BTF .BTF.ext        types; names of functions, source lines
 * .symtab .strtab .shstrtab
 * </pre>
 */
package io.github.purebpf.elf;
