package io.github.purebpf.redirect;

import java.util.Optional;
import java.util.SortedMap;

/** What {@link RedirectTable#edit} works on: the table while nobody else changes it. */
public interface TableEdit {
  /** What a virtual address is mapped to now. */
  Optional<Service> get(VirtualAddress vip);

  /** What is in the table now, by ascending virtual address. */
  SortedMap<VirtualAddress, Service> list();

  /**
   * Adds a virtual address, or puts new servers in place of its old ones.
   *
   * @throws TableFullException if there is no room for it
   */
  void put(Service service);

  /**
   * Takes a virtual address out.
   *
   * @return whether it was in the table
   */
  boolean remove(VirtualAddress vip);

  /** The virtual addresses that belong to cgroups, by ascending address. */
  SortedMap<VirtualAddress, AddressLease> leases();

  /**
   * Notes that a virtual address belongs to a cgroup, in place of the one that it belonged to.
   *
   * @throws TableFullException if there is no room for it: there are 16384
   */
  void putLease(AddressLease lease);

  /**
   * Takes that back; the address stays in the table.
   *
   * @return whether it belonged to one
   */
  boolean removeLease(VirtualAddress vip);
}
