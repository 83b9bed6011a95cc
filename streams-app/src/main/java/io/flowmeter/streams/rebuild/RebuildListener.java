package io.flowmeter.streams.rebuild;

/** Someone who is told how a rebuild goes. */
public interface RebuildListener {
  /** What was found or done, a line. */
  void onProgress(String line);

  /**
   * What is going on just now.
   *
   * @param done of all; 0 of 0 where it cannot be counted
   */
  default void working(String what, long done, long all) {}
}
