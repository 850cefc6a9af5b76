package io.github.purebpf.bpf.reader;

/** When a reader gives the room of records back to programs. */
public enum Publish {
  /** Behind each record. A slow handler keeps no more than the room of one record. */
  EACH_RECORD,

  /**
   * Behind all records that were in the ring when the reader looked. That is less work for short
   * records and quick handlers, and programs wake the reader less often.
   */
  EACH_BATCH
}
