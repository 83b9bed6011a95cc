package io.flowmeter.streams.spike;

import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;

/**
 * By which rules spikes are told. Which figures they were chosen by: {@code docs/spikes.md}.
 *
 * @param windows whole minutes that are looked at together, beside the present one, which has only
 *     begun
 * @param openingScore −log10 of the probability under which a window opens a spike
 * @param leastErrored errored runs that a window needs to open one
 * @param leastRatio how many times the expected share it needs
 * @param leastRise by how much it must exceed the expected share
 * @param leastLearnt finished runs that a baseline needs, older ones counting less
 * @param guard how long before now the baseline ends at least, so that it does not learn from what
 *     is just going wrong
 * @param halfLife of what is learnt
 * @param mostBeforeDeploy finished runs that the baseline counts for at most when a version is new:
 *     that many runs of it weigh as much as all before
 * @param closingProbability a window that is at least as probable is calm
 * @param leastClosing finished runs below which a window is calm
 * @param calmFor how long it must be calm until a spike is closed
 * @param longest after which time the new share is taken for the usual one
 */
public record SpikeRules(
    List<Integer> windows,
    double openingScore,
    long leastErrored,
    double leastRatio,
    double leastRise,
    double leastLearnt,
    Duration guard,
    Duration halfLife,
    double mostBeforeDeploy,
    double closingProbability,
    long leastClosing,
    Duration calmFor,
    Duration longest) {
  /** Those in force. */
  public static final SpikeRules DEFAULTS =
      new SpikeRules(
          List.of(2, 5, 15, 30, 60),
          7.5,
          5,
          2,
          0.02,
          30,
          Duration.ofMinutes(15),
          Duration.ofHours(24),
          500,
          0.05,
          5,
          Duration.ofMinutes(5),
          Duration.ofHours(6));

  public SpikeRules {
    windows = List.copyOf(windows);
  }

  /** The score of a window that opens a spike; empty of one that does not. */
  OptionalDouble opening(ErrorShare seen, Baseline baseline) {
    double expected = baseline.share();
    if (seen.errored() < leastErrored
        || baseline.finished() < leastLearnt
        || seen.share() < leastRatio * expected
        || seen.share() < expected + leastRise) {
      return OptionalDouble.empty();
    }
    double score = baseline.score(seen);
    return score < openingScore ? OptionalDouble.empty() : OptionalDouble.of(score);
  }

  /** Whether a window of a spike is as it would be without. */
  boolean isCalm(ErrorShare seen, Baseline baseline) {
    return seen.finished() < leastClosing
        || baseline.score(seen) <= -Math.log10(closingProbability);
  }

  /** How far back minutes are looked at: over all windows, and to where a spike is closed. */
  Duration lookback() {
    return Duration.ofMinutes(windows.get(windows.size() - 1)).plus(calmFor);
  }
}
