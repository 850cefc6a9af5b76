package io.github.purebpf.redirect.dataplane;

import io.github.purebpf.bpf.NetworkNamespace;
import io.github.purebpf.bpf.error.BpfException;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.sockdiag.SockDiag;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The redirected sockets in several network namespaces, and the means to end them, which are open
 * until this is closed.
 */
public final class SocketSearch implements AutoCloseable {
  /** What became of a socket. */
  public enum End {
    /** It was ended here. */
    CLOSED,
    /** It had ended. */
    GONE,
    /** The kernel refused. */
    REFUSED
  }

  /** Opens the sockets of a namespace; empty if it is gone. */
  interface Opener {
    Optional<SockDiag> open(NetworkNamespaces.Place place);
  }

  /** Lists those that were redirected. */
  interface Lister {
    List<RedirectedSocket> sockets(SockDiag namespace);
  }

  private record Place(SockDiag sockets, long inode) {}

  private static final String NO_FILE = "ENOENT";
  private static final String NO_PROCESS = "ESRCH";

  private final List<SockDiag> opened = new ArrayList<>();
  private final Map<RedirectedSocket, Place> found = new LinkedHashMap<>();

  /** In one line each: which namespace, and why. */
  private final Set<String> unreachable = new LinkedHashSet<>();

  /** Where a socket could not be closed. */
  private final Set<Long> refusing = new HashSet<>();

  private SocketSearch() {}

  /** Searches the namespaces of a listing for sockets that a filter lets through. */
  public static SocketSearch in(
      NetworkNamespaces.Listing listing, Dataplane dataplane, Predicate<RedirectedSocket> filter) {
    return in(listing, SocketSearch::open, dataplane::sockets, filter);
  }

  static SocketSearch in(
      NetworkNamespaces.Listing listing,
      Opener opener,
      Lister lister,
      Predicate<RedirectedSocket> filter) {
    var search = new SocketSearch();
    try {
      search.unreachable.addAll(listing.hidden());
      listing.places().forEach(place -> search.visit(place, opener, lister, filter));
      return search;
    } catch (RuntimeException e) {
      search.close();
      throw e;
    }
  }

  private void visit(
      NetworkNamespaces.Place place,
      Opener opener,
      Lister lister,
      Predicate<RedirectedSocket> filter) {
    try {
      var sockets = opener.open(place);
      if (sockets.isEmpty()) {
        return;
      }
      boolean needed = false;
      try {
        var matching = lister.sockets(sockets.get()).stream().filter(filter).toList();
        matching.forEach(socket -> found.put(socket, new Place(sockets.get(), place.inode())));
        needed = !matching.isEmpty();
      } finally {
        if (needed) {
          opened.add(sockets.get());
        } else {
          sockets.get().close();
        }
      }
    } catch (BpfException e) {
      refuse(place.inode(), e);
    }
  }

  private void refuse(long inode, BpfException e) {
    unreachable.add("network namespace " + inode + ": " + e.getMessage());
  }

  /** Any of its paths will do, and what they are named after may end. */
  private static Optional<SockDiag> open(NetworkNamespaces.Place place) {
    if (place.own()) {
      return Optional.of(SockDiag.open()); // without the privilege to enter another
    }
    return place.paths().stream().flatMap(path -> open(path).stream()).findFirst();
  }

  private static Optional<SockDiag> open(Path path) {
    try (var namespace = NetworkNamespace.open(path)) {
      return Optional.of(namespace.call(SockDiag::open));
    } catch (KernelErrorException e) {
      if (e.errnoName().equals(NO_FILE) || e.errnoName().equals(NO_PROCESS)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** What was found. */
  public List<RedirectedSocket> found() {
    return List.copyOf(found.keySet());
  }

  /** Where sockets may be that were not found, or could not be closed, and why. */
  public List<String> unreachable() {
    return List.copyOf(unreachable);
  }

  /** Ends one of those found, if it has not ended, and no other one in its place. */
  public End close(RedirectedSocket socket) {
    var place = found.get(socket);
    try {
      return place.sockets().destroy(socket.socket()) ? End.CLOSED : End.GONE;
    } catch (BpfException e) {
      if (refusing.add(place.inode())) {
        refuse(place.inode(), e); // the others for the same reason
      }
      return End.REFUSED;
    }
  }

  /** Lets go of the namespaces. */
  @Override
  public void close() {
    opened.forEach(SockDiag::close);
  }
}
