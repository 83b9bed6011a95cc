package io.flowmeter.ingest.budget;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * A share of a limit that others use too: so many requests in any window, evenly spread. When the
 * source asks to be left alone, what already waits is planned anew behind it, one gap apart, so
 * that nothing rushes when it ends.
 */
public final class SharedLimit implements Budget {
  private final Pace pace;
  private final Semaphore free;
  private long arrival = System.nanoTime();
  private long silentUntil = arrival;

  /**
   * @param limit requests in a window that the source grants to all its users
   * @param share of the limit that is ours, over 0 to 1
   * @param atOnce requests on their way at a time
   */
  public SharedLimit(int limit, Duration window, double share, int atOnce) {
    this.pace = Pace.of((int) Math.max(1, Math.floor(limit * share)), window.toNanos());
    this.free = new Semaphore(atOnce, true);
  }

  @Override
  public Permit acquire() throws InterruptedException {
    free.acquire();
    try {
      awaitTurn();
    } catch (InterruptedException e) {
      free.release();
      throw e;
    }
    return free::release;
  }

  private void awaitTurn() throws InterruptedException {
    long turn = plan();
    while (true) {
      long left = turn - System.nanoTime();
      if (left > 0) {
        TimeUnit.NANOSECONDS.sleep(left);
      } else if (silent()) {
        turn = plan();
      } else {
        return;
      }
    }
  }

  private synchronized long plan() {
    long now = System.nanoTime();
    long turn = pace.goes(arrival, now);
    arrival = pace.next(arrival, now);
    return turn;
  }

  private synchronized boolean silent() {
    return silentUntil - System.nanoTime() > 0;
  }

  @Override
  public synchronized void leaveAlone(Duration time) {
    long until = System.nanoTime() + time.toNanos();
    if (until - silentUntil > 0) {
      silentUntil = until;
      arrival = pace.silentUntil(arrival, until);
    }
  }
}
