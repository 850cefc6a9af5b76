package io.github.purebpf.redirect.dataplane;

/** What the processes that share a table tell one another, see {@link MetaEntry}. */
public final class Meta {
  private final Records<MetaEntry> entry;

  Meta(Records<MetaEntry> entry) {
    this.entry = entry;
  }

  /** Whether the maps have the layout that this version knows. */
  public boolean isOfThisLayout() {
    return entry.word(0, MetaEntry.LAYOUT) == MetaEntry.LAYOUT_3;
  }

  void nameLayout() {
    entry.publish(0, MetaEntry.LAYOUT, MetaEntry.LAYOUT_3);
  }

  long epoch() {
    return entry.word(0, MetaEntry.EPOCH);
  }

  void epoch(long epoch) {
    entry.publish(0, MetaEntry.EPOCH, epoch);
  }

  /** The number of the owner; 0 if there was none. */
  public long generation() {
    return entry.word(0, MetaEntry.GENERATION);
  }

  /**
   * Makes this process the owner, and whoever was it no longer.
   *
   * @param pid its number in its pid namespace
   * @param pidNamespace the inode number of that
   * @return its number as an owner
   */
  public long own(long pid, long pidNamespace) {
    entry.publish(0, MetaEntry.OWNER_PID, pid);
    entry.publish(0, MetaEntry.OWNER_PID_NAMESPACE, pidNamespace);
    entry.publish(0, MetaEntry.GENERATION, generation() + 1);
    return generation();
  }

  /** The process of the last owner, in its own pid namespace. */
  public long ownerPid() {
    return entry.word(0, MetaEntry.OWNER_PID);
  }

  /** The inode number of that namespace. */
  public long ownerPidNamespace() {
    return entry.word(0, MetaEntry.OWNER_PID_NAMESPACE);
  }

  /** How many folders were made for the one in which the maps are pinned. */
  public int foldersMade() {
    return (int) entry.word(0, MetaEntry.FOLDERS_MADE);
  }

  /** Until when somebody listens to events, as System.nanoTime counts. */
  long heardUntil() {
    return entry.word(0, MetaEntry.HEARD_UNTIL);
  }

  /** Changes it, unless somebody else has. */
  boolean heardUntil(long before, long until) {
    return entry.exchange(0, MetaEntry.HEARD_UNTIL, before, until);
  }

  /** How many events found no room. */
  long unheard() {
    return entry.word(0, MetaEntry.UNHEARD);
  }

  /** Notes it. */
  public void foldersMade(int count) {
    entry.publish(0, MetaEntry.FOLDERS_MADE, count);
  }

  /** How the redirector works, in a word that its owner understands; 0 if nobody has written it. */
  public long options() {
    return entry.word(0, MetaEntry.OPTIONS);
  }

  /** Notes it. */
  public void options(long word) {
    entry.publish(0, MetaEntry.OPTIONS, word);
  }
}
