package io.github.purebpf.elf;

import io.github.purebpf.insn.AsmException;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.List;

/**
 * What an object file holds: programs, the maps they share, and their license.
 *
 * @param programs at least one
 * @param maps all maps that the programs name
 * @param license such as {@code GPL}; empty for none
 */
public record BpfObject(List<ObjectProgram> programs, List<ObjectMap> maps, String license) {
  /** Copies the lists; refuses an object without a program, and two things of one name. */
  public BpfObject {
    programs = List.copyOf(programs);
    maps = List.copyOf(maps);
    if (programs.isEmpty()) {
      throw new IllegalArgumentException("an object without a program");
    }
    if (license.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("the license holds a NUL character");
    }
    var names = new HashSet<String>();
    programs.forEach(program -> requireNew(names, program.name()));
    maps.forEach(map -> requireNew(names, map.name().name()));
  }

  private static void requireNew(HashSet<String> names, String name) {
    if (!names.add(name)) {
      throw new IllegalArgumentException("two programs or maps are called " + name);
    }
  }

  /**
   * The bytes of the file. The same object makes the same bytes.
   *
   * <p>The functions behind a program's entry go to {@code .text}, which is where libbpf looks for
   * them; it puts them behind the entry again. Source lines and names of functions are kept.
   *
   * @param order the byte order of the machine that will run it
   * @throws AsmException if a program names a map that is not there, calls a kernel function by
   *     name, addresses a value of a map or calls its own entry, which such a file cannot express,
   *     or if a jump leaves its function; it names the source line
   */
  public byte[] toElf(ByteOrder order) {
    return new ObjectWriter(this, order).write();
  }
}
