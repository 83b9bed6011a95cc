package io.flowmeter.dev.torture;

import io.flowmeter.simulator.fault.FaultPlan;
import java.time.Duration;

/**
 * How the product is tortured.
 *
 * @param seed another seed, other instances and other faults in another order
 * @param lasts for so long processes are killed, in real time, at least
 * @param kills so many processes are killed, at least
 * @param each so often every failpoint of polling and streaming is reached, at least
 * @param ease how many times as long as usual processes live, about; under 1 they get less done
 * @param instances created in a day of virtual time, about
 * @param speed virtual seconds for a real one
 * @param all whether ClickHouse is broken and processes are paused, too, which takes longer
 * @param rounds so often a migration and a rebuild are ended at each of their failpoints, too
 * @param faults what the API does wrong by itself, its clock included
 * @param brokers of Kafka: 1, or 3 and more, which are killed as well
 */
public record TorturePlan(
    long seed,
    Duration lasts,
    int kills,
    int each,
    double ease,
    int instances,
    double speed,
    boolean all,
    int rounds,
    FaultPlan faults,
    int brokers) {
  public TorturePlan {
    if (lasts.isNegative() || lasts.isZero()) {
      throw new IllegalArgumentException("expected some time to torture for, came " + lasts);
    }
    if (!(ease > 0)) {
      throw new IllegalArgumentException("expected some time to live, came " + ease);
    }
    if (rounds < 0) {
      throw new IllegalArgumentException("expected no negative rounds, came " + rounds);
    }
    if (instances < 1) {
      throw new IllegalArgumentException("expected at least 1 instance, came " + instances);
    }
    if (brokers != 1 && brokers < 3) {
      throw new IllegalArgumentException(
          "expected 1 broker, or 3 and more of which one may be missing, came " + brokers);
    }
    if (!(speed >= 1)) {
      throw new IllegalArgumentException("expected a speed of at least 1, came " + speed);
    }
  }
}
