package io.flowmeter.ingest.budget;

import java.time.Duration;
import java.util.concurrent.Semaphore;

/** So many requests at a time, however many in all: for a source on this machine. */
public final class Concurrency implements Budget {
  private final Semaphore free;
  private final Silence silence = new Silence();

  public Concurrency(int atOnce) {
    this.free = new Semaphore(atOnce, true);
  }

  @Override
  public Permit acquire() throws InterruptedException {
    silence.await();
    free.acquire();
    return free::release;
  }

  @Override
  public void leaveAlone(Duration time) {
    silence.extend(time);
  }
}
