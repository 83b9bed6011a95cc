package io.flowmeter.simulator;

import io.flowmeter.simulator.api.RateLimit;
import io.flowmeter.simulator.fault.FaultPlan;
import io.flowmeter.simulator.fleet.FleetPlan;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;

/**
 * What a simulator is made of. Seed, epoch, history, rate and retention decide what happens in the
 * fleet: keep all five to go on with the same fleet after a restart.
 *
 * @param epoch when live traffic sets in; usually the moment of the first start
 * @param history about how many instances were created before the epoch, most of them ended
 * @param rate new instances per second over all workflows, from the epoch on
 * @param account the account's id in the API's paths
 * @param token what the API demands as bearer token; empty to let everybody in
 * @param retention how long an ended instance stays known
 * @param port to listen on at 127.0.0.1; 0 for a free one
 * @param clock the simulator's time
 * @param rateLimit how much all callers together may ask; empty for as much as they like
 * @param faults what goes wrong by itself
 * @param giant one instance as large as can be; empty for none
 */
public record SimulatorConfig(
    long seed,
    Instant epoch,
    int history,
    double rate,
    String account,
    Optional<String> token,
    Duration retention,
    int port,
    InstantSource clock,
    Optional<RateLimit> rateLimit,
    FaultPlan faults,
    Optional<Giant> giant) {
  /** The account of a simulator that was told no other. */
  public static final String DEFAULT_ACCOUNT = "0123456789abcdef0123456789abcdef";

  /**
   * 400 instances of history, 1.5 new ones a second, 7 days of retention, the system's clock,
   * production's rate limit.
   */
  public static SimulatorConfig of(long seed, Instant epoch) {
    return new SimulatorConfig(
        seed,
        epoch,
        400,
        1.5,
        DEFAULT_ACCOUNT,
        Optional.empty(),
        Duration.ofDays(7),
        0,
        InstantSource.system(),
        Optional.of(RateLimit.PRODUCTION),
        FaultPlan.NONE,
        Optional.empty());
  }

  /** The same with about so many instances created before the epoch. */
  public SimulatorConfig withHistory(int instances) {
    return new SimulatorConfig(
        seed, epoch, instances, rate, account, token, retention, port, clock, rateLimit, faults,
        giant);
  }

  /** The same with so many new instances per second. */
  public SimulatorConfig withRate(double perSecond) {
    return new SimulatorConfig(
        seed, epoch, history, perSecond, account, token, retention, port, clock, rateLimit, faults,
        giant);
  }

  /** The same for another account. */
  public SimulatorConfig withAccount(String id) {
    return new SimulatorConfig(
        seed, epoch, history, rate, id, token, retention, port, clock, rateLimit, faults, giant);
  }

  /** The same, demanding this bearer token. */
  public SimulatorConfig withToken(String secret) {
    return new SimulatorConfig(
        seed,
        epoch,
        history,
        rate,
        account,
        Optional.of(secret),
        retention,
        port,
        clock,
        rateLimit,
        faults,
        giant);
  }

  /** The same with another retention. */
  public SimulatorConfig withRetention(Duration ended) {
    return new SimulatorConfig(
        seed, epoch, history, rate, account, token, ended, port, clock, rateLimit, faults, giant);
  }

  /** The same on another port. */
  public SimulatorConfig withPort(int number) {
    return new SimulatorConfig(
        seed, epoch, history, rate, account, token, retention, number, clock, rateLimit, faults,
        giant);
  }

  /** The same with another clock. */
  public SimulatorConfig withClock(InstantSource time) {
    return new SimulatorConfig(
        seed, epoch, history, rate, account, token, retention, port, time, rateLimit, faults,
        giant);
  }

  /** The same with another limit on requests; empty for none. */
  public SimulatorConfig withRateLimit(Optional<RateLimit> limit) {
    return new SimulatorConfig(
        seed, epoch, history, rate, account, token, retention, port, clock, limit, faults, giant);
  }

  /** The same with these faults coming by themselves. */
  public SimulatorConfig withFaults(FaultPlan plan) {
    return new SimulatorConfig(
        seed, epoch, history, rate, account, token, retention, port, clock, rateLimit, plan, giant);
  }

  /** The same with one instance of so many steps, which return so many bytes all together. */
  public SimulatorConfig withGiant(int steps, long outputBytes) {
    return new SimulatorConfig(
        seed,
        epoch,
        history,
        rate,
        account,
        token,
        retention,
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
          double passedMs = Duration.between(epoch, base.instant()).toMillis() * speed;
          return epoch.plusMillis((long) passedMs);
        });
  }

  FleetPlan plan() {
    return new FleetPlan(seed, epoch, history, rate, retention);
  }

  /** Without the token. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "SimulatorConfig[seed=%d, epoch=%s, history=%d, rate=%s, account=%s, token=%s,"
            + " retention=%s, port=%d]",
        seed,
        epoch,
        history,
        rate,
        account,
        token.isPresent() ? "(set)" : "(none)",
        retention,
        port);
  }
}
