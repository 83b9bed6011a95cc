package io.flowmeter.ingest.budget;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * One request may go now. Whoever asks a source hands it a permit, which the source spends; one for
 * which there turned out to be no use is to be given back.
 */
public final class Permit {
  private final Budget budget;
  private final Priority urgency;
  private final BooleanSupplier calledOff;
  private final long grantedAt;
  private final AtomicBoolean used = new AtomicBoolean();

  Permit(Budget budget, Priority urgency, BooleanSupplier calledOff, long grantedAt) {
    this.budget = budget;
    this.urgency = urgency;
    this.calledOff = calledOff;
    this.grantedAt = grantedAt;
  }

  /**
   * The request goes.
   *
   * @throws IllegalStateException where it was spent or given back before
   */
  public void spend() {
    use();
  }

  /**
   * No request goes; another may in its place.
   *
   * @throws IllegalStateException where it was spent or given back before
   */
  public void giveBack() {
    use();
    budget.takeBack(grantedAt);
  }

  private void use() {
    if (!used.compareAndSet(false, true)) {
      throw new IllegalStateException("expected a permit for each request, came one twice");
    }
  }

  /**
   * Waits until the same request may go once more.
   *
   * @throws InterruptedException also where that is called off
   */
  public Permit again() throws InterruptedException {
    return budget.acquire(urgency, calledOff);
  }

  /**
   * The answer to the request of this permit told of the limits; empty for what it did not tell.
   */
  public void update(List<QuotaPolicy> policies, List<ServiceLimit> limits) {
    budget.update(policies, limits, grantedAt);
  }

  /** The source asked to be left alone for a time. */
  public void leaveAlone(Duration time) {
    budget.leaveAlone(time);
  }
}
