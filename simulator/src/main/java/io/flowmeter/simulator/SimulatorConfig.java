package io.flowmeter.simulator;

import io.flowmeter.clock.Clock;
import io.flowmeter.simulator.api.RateLimit;
import io.flowmeter.simulator.fault.FaultPlan;
import io.flowmeter.simulator.fleet.FleetPlan;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * What a simulator is made of.
 *
 * @param plan decides what happens in the fleet: keep it to go on with the same fleet after a
 *     restart
 * @param account the account's id in the API's paths
 * @param token what the API demands as bearer token; empty to let everybody in
 * @param port to listen on at 127.0.0.1; 0 for a free one
 * @param clock the simulator's time
 * @param rateLimit how much all callers together may ask; empty for as much as they like
 * @param faults what goes wrong by itself
 * @param giant one instance as large as can be; empty for none
 */
public record SimulatorConfig(
    FleetPlan plan,
    String account,
    Optional<String> token,
    int port,
    InstantSource clock,
    Optional<RateLimit> rateLimit,
    FaultPlan faults,
    Optional<Giant> giant) {
  /** The account of a simulator that was told no other. */
  public static final String DEFAULT_ACCOUNT = "0123456789abcdef0123456789abcdef";

  /** The fleet of {@link FleetPlan#of}, the system's clock, production's rate limit, no faults. */
  public static SimulatorConfig of(long seed, Instant epoch) {
    return of(FleetPlan.of(seed, epoch));
  }

  /** This fleet, the system's clock, production's rate limit, no faults. */
  public static SimulatorConfig of(FleetPlan plan) {
    return new SimulatorConfig(
        plan,
        DEFAULT_ACCOUNT,
        Optional.empty(),
        0,
        Clock.system(),
        Optional.of(RateLimit.PRODUCTION),
        FaultPlan.NONE,
        Optional.empty());
  }

  /** The same with another fleet. */
  public SimulatorConfig withPlan(FleetPlan fleet) {
    return new SimulatorConfig(fleet, account, token, port, clock, rateLimit, faults, giant);
  }

  /** The same with about so many instances created before the epoch. */
  public SimulatorConfig withHistory(int instances) {
    return withPlan(plan.withHistory(instances));
  }

  /** The same with so many new instances per second. */
  public SimulatorConfig withRate(double perSecond) {
    return withPlan(plan.withRate(perSecond));
  }

  /** The same with another retention. */
  public SimulatorConfig withRetention(Duration ended) {
    return withPlan(plan.withRetention(ended));
  }

  /** The same for another account. */
  public SimulatorConfig withAccount(String id) {
    return new SimulatorConfig(plan, id, token, port, clock, rateLimit, faults, giant);
  }

  /** The same, demanding this bearer token. */
  public SimulatorConfig withToken(String secret) {
    return new SimulatorConfig(
        plan, account, Optional.of(secret), port, clock, rateLimit, faults, giant);
  }

  /** The same on another port. */
  public SimulatorConfig withPort(int number) {
    return new SimulatorConfig(plan, account, token, number, clock, rateLimit, faults, giant);
  }

  /** The same with another clock. */
  public SimulatorConfig withClock(InstantSource time) {
    return new SimulatorConfig(plan, account, token, port, time, rateLimit, faults, giant);
  }

  /** The same with another limit on requests; empty for none. */
  public SimulatorConfig withRateLimit(Optional<RateLimit> limit) {
    return new SimulatorConfig(plan, account, token, port, clock, limit, faults, giant);
  }

  /** The same with these faults coming by themselves. */
  public SimulatorConfig withFaults(FaultPlan byThemselves) {
    return new SimulatorConfig(plan, account, token, port, clock, rateLimit, byThemselves, giant);
  }

  /** The same with one instance of so many steps, which return so many bytes all together. */
  public SimulatorConfig withGiant(int steps, long outputBytes) {
    return new SimulatorConfig(
        plan,
        account,
        token,
        port,
        clock,
        rateLimit,
        faults,
        Optional.of(new Giant(steps, outputBytes)));
  }

  /**
   * The same with a clock that runs so many times as fast as the present one, from the epoch on.
   */
  public SimulatorConfig withSpeed(double speed) {
    InstantSource base = clock;
    return withClock(
        () -> {
          double passedMs = Duration.between(plan.epoch(), base.instant()).toMillis() * speed;
          return plan.epoch().plusMillis((long) passedMs);
        });
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "SimulatorConfig[plan=%s, account=%s, token=%s, port=%d]"
        .formatted(plan, account, token.isPresent() ? "(set)" : "(none)", port);
  }
}
