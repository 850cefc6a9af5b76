package io.github.purebpf.check.tables;

import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.MapType;
import io.github.purebpf.uapi.ProgramType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What was measured of one helper.
 *
 * @param arguments what it takes, as far as that was seen
 * @param result what it returns
 * @param acquires whether its result must be given back
 * @param releases whether it gives its first argument back
 * @param gpl the program types in which it is reserved for the GPL
 * @param types the program types that have it, and with which attach types; no attach types stand
 *     for all
 * @param refusedMaps the map types that it does not take
 */
public record HelperEntry(
    List<Argument> arguments,
    Result result,
    boolean acquires,
    boolean releases,
    Set<ProgramType> gpl,
    Map<ProgramType, Set<AttachType>> types,
    Set<MapType> refusedMaps) {
  /** What a helper returns. */
  public enum Result {
    /** A number of which the verifier knows nothing. */
    NUMBER,
    /** The address of a map's value, or null. */
    VALUE_OR_NULL,
    /** A socket, or null. */
    SOCKET_OR_NULL,
    /** Memory of the size that the second argument says, or null. */
    MEMORY_OR_NULL,
    /** Something that the checker knows nothing about. */
    OTHER
  }

  /** Whether a program may call it; if the attach type is not known, with any of them. */
  public boolean isFor(ProgramType type, Optional<AttachType> attachType) {
    var attachTypes = types.get(type);
    return attachTypes != null
        && (attachTypes.isEmpty() || attachType.map(attachTypes::contains).orElse(true));
  }
}
