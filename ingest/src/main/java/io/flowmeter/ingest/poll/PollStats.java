package io.flowmeter.ingest.poll;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

/** What polling did since the start. Safe for use by many threads. */
public final class PollStats {
  private final LongAdder details = new LongAdder();
  private final LongAdder listPages = new LongAdder();
  private final LongAdder observations = new LongAdder();
  private final AtomicReference<Optional<Instant>> lastSweep =
      new AtomicReference<>(Optional.empty());
  private final AtomicReference<Optional<String>> lastProblem =
      new AtomicReference<>(Optional.empty());

  void fetchedDetail() {
    details.increment();
  }

  void listedPage() {
    listPages.increment();
  }

  void published(int more) {
    observations.add(more);
  }

  void swept(Instant at) {
    lastSweep.set(Optional.of(at));
  }

  void problem(String message) {
    lastProblem.set(Optional.of(message));
  }

  public long details() {
    return details.sum();
  }

  /** Pages of instances that were read to know what is there, those of the backfill apart. */
  public long listPages() {
    return listPages.sum();
  }

  public long observations() {
    return observations.sum();
  }

  public Optional<Instant> lastSweep() {
    return lastSweep.get();
  }

  public Optional<String> lastProblem() {
    return lastProblem.get();
  }
}
