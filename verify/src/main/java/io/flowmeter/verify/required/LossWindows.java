package io.flowmeter.verify.required;

import io.flowmeter.simulator.ledger.StatusInterval;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * When answers may have been lost: they were delivered to a reader that was killed before it had
 * told of them. What was shown at no other time is owed by nobody, and may be there all the same.
 */
public final class LossWindows {
  /** Every answer was taken in. */
  public static final LossWindows NONE = new LossWindows();

  private record Window(Instant from, Instant to) {}

  private final List<Window> windows = new ArrayList<>();

  /** No losses yet. */
  public LossWindows() {}

  /** What was answered from one moment to another, both included, may have been lost. */
  public void add(Instant from, Instant to) {
    windows.add(new Window(from, to));
  }

  /** Whether what was answered at this moment may have been lost. */
  public boolean mayHave(Instant respondedAt) {
    return windows.stream()
        .anyMatch(
            window -> !respondedAt.isBefore(window.from()) && !respondedAt.isAfter(window.to()));
  }

  /** Whether all that showed a stretch may have been lost. */
  public boolean mayHave(StatusInterval interval) {
    return mayHave(interval.first()) && mayHave(interval.last());
  }

  /** Whether some moment of a minute, or all of it, lies in such a time. */
  public boolean touches(Instant from, Instant to) {
    return windows.stream()
        .anyMatch(window -> window.from().isBefore(to) && !window.to().isBefore(from));
  }

  /** How often a reader was killed. */
  public int many() {
    return windows.size();
  }

  /** Whether there are none. */
  public boolean isEmpty() {
    return windows.isEmpty();
  }
}
