package io.flowmeter.bench.polling;

import io.flowmeter.bench.InProcessSource;
import io.flowmeter.clock.Clock;
import io.flowmeter.simulator.Simulator;
import io.flowmeter.simulator.SimulatorConfig;
import io.flowmeter.simulator.fleet.FleetPlan;
import java.io.IOException;
import java.time.Instant;
import java.util.Locale;

/**
 * A simulated account.
 *
 * @param name as it stands in the figures' names
 */
record Scenario(String name, String description, FleetPlan plan) {
  /** When the day begins: midnight, like the fleet's own day. */
  static final Instant EPOCH = Instant.parse("2026-03-02T00:00:00Z");

  /** So many instances finish in each second, on the average of a day. */
  static Scenario finishing(double perSecond, long seed) {
    return new Scenario(
        "finishing_" + text(perSecond).replace('.', '_'),
        text(perSecond) + " instances finish in each second, on the average of the day",
        FleetPlan.brisk(seed, EPOCH, perSecond));
  }

  /** So many are live, nearly all asleep. */
  static Scenario sleeping(int live, long seed) {
    return new Scenario(
        "sleeping_" + live,
        String.format(Locale.ROOT, "%,d instances are live, nearly all asleep for days", live),
        FleetPlan.sleepers(seed, EPOCH, live));
  }

  private static String text(double number) {
    return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
  }

  /** A simulator of its own, with production's limit on requests. */
  Simulator simulator(Clock clock) throws IOException {
    return Simulator.start(
        SimulatorConfig.of(plan).withAccount(InProcessSource.ACCOUNT).withClock(clock));
  }
}
