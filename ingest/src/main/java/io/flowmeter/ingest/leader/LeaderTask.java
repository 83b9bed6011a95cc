package io.flowmeter.ingest.leader;

/** What the process that leads does, and nobody else. Called by one thread. */
public interface LeaderTask {

  /**
   * The lead is ours. Returns when the work has begun.
   *
   * @param stuck to be called by any thread where the work cannot go on, for instance because
   *     another process wrote in its stead: it is ended, and begun anew where the lead is still
   *     ours
   * @throws RuntimeException where it cannot begin; it is tried again
   */
  void start(Runnable stuck);

  /** The lead is lost, or put down. Nothing more is done when it returns. */
  void end();

  /** The lead cannot be sought any more; what was begun has ended. */
  void failed(RuntimeException cause);
}
