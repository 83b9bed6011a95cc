package io.flowmeter.dev.verify;

import io.flowmeter.cli.console.ProgressListener;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.clock.Clock;
import io.flowmeter.clock.FastClock;
import io.flowmeter.dev.up.Up;
import io.flowmeter.dev.up.UpProgress;
import io.flowmeter.simulator.Simulator;
import io.flowmeter.simulator.SimulatorConfig;
import io.flowmeter.simulator.fleet.FleetPlan;
import io.flowmeter.verify.Verification;
import io.flowmeter.verify.relation.RelationReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import java.util.function.BooleanSupplier;

/**
 * The whole pipeline on a simulated day in virtual time. Simulator, poller, topology and writer go
 * by one clock, which begins more than a day ago and ends at the present. When the day is over,
 * nothing happens in the fleet any more; the pipeline catches up, and is held against the ledger.
 */
public final class SimulatedDay implements AutoCloseable {

  /** About how long the start takes where nothing else runs, in real time. */
  private static final Duration START = Duration.ofSeconds(10);

  /** The longest start that is allowed, in real time. The day begins then, and must be polled. */
  private static final Duration START_WITHIN = START.multipliedBy(2);

  /** So much of the day may be over before somebody polls; else the day is begun anew, once. */
  private static final Duration MISSED_AT_MOST = Duration.ofHours(1);

  /** After the day, still in virtual time: what waits for requests need not wait in real time. */
  private static final Duration CATCHING_UP = Duration.ofHours(6);

  private static final Duration LOOK_AGAIN = Duration.ofMillis(500);
  private static final Duration CATCHES_UP_WITHIN = Duration.ofMinutes(10);

  private static final Duration FETCHES_WITHIN = Duration.ofMinutes(2);

  /**
   * How long an answer can be on its way or wait for its turn, in real time. A day that is started
   * again allows for more: by the factor by which its longest start exceeds {@link #START}.
   */
  private static final Duration LATE_AT_MOST = Duration.ofSeconds(2);

  private final DayPlan plan;
  private final Duration lateAtMost;
  private final ProgressListener progress;
  private final BooleanSupplier cancelled;
  private final FastClock clock;
  private final Instant startedAt;
  private final Instant end;
  private final String token = "verify-" + UUID.randomUUID();
  private final Simulator simulator;
  private final Settings settings;
  private final Up up;
  private final CatchingUp catchingUp = new CatchingUp(CATCHES_UP_WITHIN, this::look);
  private boolean sampled;

  private SimulatedDay(
      DayPlan plan,
      Settings settings,
      Path directory,
      Duration startWithin,
      Duration lateAtMost,
      ProgressListener progress,
      BooleanSupplier cancelled) {
    this.plan = plan;
    this.lateAtMost = lateAtMost;
    this.progress = progress;
    this.cancelled = cancelled;
    Duration start = virtual(startWithin);
    Instant from = Clock.system().instant().minus(CATCHING_UP).minus(DayPlan.LENGTH).minus(start);
    this.clock = FastClock.from(from, plan.speed());
    this.startedAt = from.plus(start);
    this.end = startedAt.plus(DayPlan.LENGTH);
    this.simulator = simulatorAt(startedAt);
    try {
      simulator.endFleetAt(end);
      this.settings = settings(settings, directory);
      this.up = Up.start(this.settings, progress, cancelled);
    } catch (RuntimeException e) {
      simulator.close();
      throw e;
    }
  }

  /**
   * Starts the day. Kafka, registry and ClickHouse are started for it, whatever the settings name.
   *
   * <p>Virtual time does not wait for the pipeline: a machine that halts for three seconds at speed
   * 720 is blind for 36 minutes of the day. So where the start takes longer than expected, the day
   * begins anew, and passes slower by the same factor.
   *
   * @param directory where everything is kept
   * @param cancelled looked at now and then; the day ends at once then
   */
  public static SimulatedDay start(
      DayPlan plan,
      Settings settings,
      Path directory,
      ProgressListener progress,
      BooleanSupplier cancelled) {
    long asked = System.nanoTime();
    SimulatedDay day =
        new SimulatedDay(
            plan,
            settings,
            directory.resolve("day"),
            START_WITHIN,
            LATE_AT_MOST,
            progress,
            cancelled);
    if (!day.now().isAfter(day.startedAt.plus(MISSED_AT_MOST))) {
      return day;
    }
    Duration took = Duration.ofNanos(System.nanoTime() - asked);
    progress.onProgress(
        String.format(
            Locale.ROOT,
            "The start took %d s, and %d were expected: the day begins anew, and passes slower",
            took.toSeconds(),
            START_WITHIN.toSeconds()));
    day.close();
    double slower = (double) took.toMillis() / START.toMillis();
    Duration within = took.multipliedBy(2);
    return new SimulatedDay(
        plan.slower(slower),
        settings,
        directory.resolve("day-anew"),
        within,
        LATE_AT_MOST.multipliedBy(within.toMillis()).dividedBy(START.toMillis()),
        progress,
        cancelled);
  }

  private Simulator simulatorAt(Instant epoch) {
    try {
      return Simulator.start(
          SimulatorConfig.of(FleetPlan.day(plan.seed(), epoch, plan.instances()))
              .withFaults(plan.faults())
              .withToken(token)
              .withClock(clock));
    } catch (IOException e) {
      throw new UncheckedIOException("the simulator cannot listen on loopback", e);
    }
  }

  private Settings settings(Settings given, Path directory) {
    String origin = "verify";
    return given
        .with(Setting.CLOCK, clock.toString(), origin)
        .with(Setting.SOURCE_URL, simulator.baseUri().toString(), origin)
        .with(Setting.ACCOUNT_ID, simulator.account(), origin)
        .with(Setting.API_TOKEN, token, origin)
        .with(Setting.API_TOKEN_FILE, "", origin)
        .with(Setting.DATA_DIR, directory.toString(), origin)
        .with(Setting.KAFKA_BOOTSTRAP_SERVERS, "", origin)
        .with(Setting.REGISTRY_URL, "", origin)
        .with(Setting.CLICKHOUSE_URL, "", origin)
        .with(Setting.EMBEDDED_KAFKA_PORT, "0", origin)
        .with(Setting.EMBEDDED_REGISTRY_PORT, "0", origin)
        .with(Setting.EMBEDDED_CLICKHOUSE_PORT, "0", origin)
        .with(Setting.METRICS_PORT, "0", origin)
        .with(Setting.PREVIEW_PORT, "0", origin);
  }

  /** Waits until the day is over and all that was served is in ClickHouse. */
  public void live() throws InterruptedException {
    while (clock.instant().isBefore(end)) {
      look();
    }
    progress.onProgress("The day is over; catching up");
    catchingUp.awaitSweeps(reader(), end.plus(tolerance()));
    catchingUp.awaitDetails(simulator, FETCHES_WITHIN, () -> sampled);
    up.stopPolling();
    if (!up.drain(CATCHES_UP_WITHIN)) {
      throw new DayException(
          "expected all that was polled in ClickHouse within %d s; %s"
              .formatted(CATCHES_UP_WITHIN.toSeconds(), line()));
    }
    sumMinutes();
  }

  /**
   * Lets ClickHouse sum the minutes that are there over hours and days, as it does by itself once a
   * minute. Returns when it has.
   */
  public void sumMinutes() throws InterruptedException {
    catchingUp.sumMinutes(up.parts().writer());
  }

  private boolean isSampling() {
    return up.polling().planning().filter(planning -> planning.sampling() > 1).isPresent();
  }

  private String look() throws InterruptedException {
    if (cancelled.getAsBoolean()) {
      throw new DayException("given up before the day was over");
    }
    up.failure()
        .ifPresent(
            failure -> {
              throw new DayException(failure);
            });
    sampled |= isSampling();
    String line = line();
    progress.live(line);
    Clock.system().sleep(LOOK_AGAIN);
    return line;
  }

  private String line() {
    UpProgress now = up.progress();
    Duration passed = Duration.between(startedAt, clock.instant());
    return String.format(
        Locale.ROOT,
        "%2d:%02d of the day · %,d instances · %,d fetched · %,d rows · lag %,d",
        passed.toHours(),
        Math.abs(passed.toMinutesPart()),
        now.instancesKnown(),
        now.detailsFetched(),
        now.totalRows(),
        now.lag());
  }

  /** What is due, after {@link #live}. */
  public Verification verification() {
    return Verification.of(simulator, token, tolerance());
  }

  /** The moment, by the clock of all. */
  public Instant now() {
    return clock.instant();
  }

  private Duration tolerance() {
    return virtual(lateAtMost);
  }

  private Duration virtual(Duration real) {
    return Duration.ofMillis((long) (real.toMillis() * plan.speed()));
  }

  /** When traffic set in. */
  public Instant startedAt() {
    return startedAt;
  }

  /** When nothing more happened. */
  public Instant end() {
    return end;
  }

  /** Reads the relations as anyone may. */
  public RelationReader reader() {
    return new RelationReader(up.clickHouseUrl(), up.readerPassword());
  }

  /** What the API demands; it must not be found anywhere. */
  public String token() {
    return token;
  }

  /** What is polled. */
  public Simulator simulator() {
    return simulator;
  }

  /** What the pipeline was started with. */
  public Settings settings() {
    return settings;
  }

  /** The pipeline. */
  public Up up() {
    return up;
  }

  @Override
  public void close() {
    up.close();
    simulator.close();
  }
}
