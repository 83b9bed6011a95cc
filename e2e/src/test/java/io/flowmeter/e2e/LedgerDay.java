package io.flowmeter.e2e;

import static org.awaitility.Awaitility.await;

import io.flowmeter.cli.backend.Backends;
import io.flowmeter.cli.health.Lag;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.clock.Clock;
import io.flowmeter.clock.FastClock;
import io.flowmeter.dev.verify.CatchingUp;
import io.flowmeter.dev.verify.Report;
import io.flowmeter.simulator.SimulatorConfig;
import io.flowmeter.simulator.fleet.FleetPlan;
import io.flowmeter.verify.Comparison;
import io.flowmeter.verify.Verification;
import io.flowmeter.verify.relation.RelationReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.admin.Admin;

/** Parts under a simulated day that runs fast, which is held against the simulator's ledger. */
final class LedgerDay implements AutoCloseable {
  static final double SPEED = 60;

  /** The class path of what is tested. */
  static final String THIS_BUILD = System.getProperty("java.class.path");

  private static final String TOKEN = "day-0123456789";
  private static final String APPLICATION = "flowmeter-streams";
  private static final Duration LASTS = Duration.ofMinutes(12);
  private static final Duration LATE_AT_MOST = Duration.ofSeconds(3);
  private static final Duration WITHIN = Duration.ofSeconds(180);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(500);
  private static final Duration QUIET = Duration.ofSeconds(4);

  private static final String COVERAGE =
      "SELECT sum(known) AS known, sum(fetched) + sum(lost_sampled_out) + sum(lost_restarted)"
          + " + sum(lost_vanished) AS settled FROM collector_minutes";

  private final FastClock clock;
  private final OperatorBackends place;

  private LedgerDay(Path home, UnaryOperator<FleetPlan> change, int instances, String build)
      throws IOException, InterruptedException {
    Instant begin =
        Clock.system().instant().minus(Duration.ofMillis((long) (LASTS.toMillis() * SPEED)));
    clock = FastClock.from(begin, SPEED);
    place =
        OperatorBackends.start(
            home,
            SimulatorConfig.of(change.apply(FleetPlan.day(1, begin, instances)))
                .withRateLimit(Optional.empty())
                .withToken(TOKEN)
                .withClock(clock));
    place.set("FLOWMETER_CLOCK", clock.toString());
    place.set("FLOWMETER_INGEST_INTERVAL", "60s");
    place.set("FLOWMETER_INGEST_REQUEST_SHARE", "1");
    place.use(build);
    place.migrate();
  }

  static LedgerDay begin(Path home, int instances) throws IOException, InterruptedException {
    return new LedgerDay(home, UnaryOperator.identity(), instances, THIS_BUILD);
  }

  /** The same, begun by the build with this class path. */
  static LedgerDay begin(Path home, int instances, String build)
      throws IOException, InterruptedException {
    return new LedgerDay(home, UnaryOperator.identity(), instances, build);
  }

  /** The same, where the API knows an ended instance for so long, by the clock of all. */
  static LedgerDay begin(Path home, int instances, Duration retention)
      throws IOException, InterruptedException {
    return new LedgerDay(home, plan -> plan.withRetention(retention), instances, THIS_BUILD);
  }

  OperatorBackends place() {
    return place;
  }

  /**
   * Nothing more happens in the fleet; when all that happened is written, the relations are
   * compared with what was served. Nothing may be lost.
   *
   * @param pollers are stopped when they have seen all of it, for sweeps never end
   */
  Comparison end(Service... pollers) throws InterruptedException {
    Duration tolerance = Duration.ofMillis((long) (LATE_AT_MOST.toMillis() * SPEED));
    Instant end = clock.instant().plusSeconds(30).truncatedTo(ChronoUnit.MILLIS);
    place.simulator().endFleetAt(end);
    CatchingUp catchingUp =
        new CatchingUp(
            WITHIN,
            () -> {
              Clock.system().sleep(LOOK_AGAIN);
              return "see the logs";
            });
    catchingUp.awaitSweeps(place.reader(), end.plus(tolerance));
    catchingUp.awaitDetails(place.simulator(), WITHIN, () -> false);
    catchingUp.awaitSweeps(place.reader(), clock.instant().plus(tolerance));
    awaitCoverage(place.reader());
    for (Service poller : pollers) {
      poller.stop();
    }
    Backends backends = Backends.find(Settings.read(Map.of(), place.settings(), Optional.empty()));
    drain(backends);
    catchingUp.sumMinutes(backends.writer());
    Verification verification = Verification.of(place.simulator(), TOKEN, tolerance);
    Comparison comparison = verification.compare(place.reader(), clock.instant());
    Report.lines(comparison, verification.coverage(), place.simulator().ledger().unseen(end))
        .forEach(System.out::println);
    return comparison;
  }

  /** A run that was removed before its turn is owed by nobody, and not yet known to be lost. */
  private static void awaitCoverage(RelationReader reader) {
    await("each ended run that is known to be fetched or lost")
        .atMost(WITHIN)
        .until(
            () -> reader.query(COVERAGE).get(0),
            counted -> counted.number("known") == counted.number("settled"));
  }

  private static void drain(Backends backends) throws InterruptedException {
    long deadline = System.nanoTime() + WITHIN.toNanos();
    try (Admin admin = backends.admin()) {
      Lag before = Lag.ofPipeline(admin, APPLICATION);
      long quietSince = System.nanoTime();
      while (System.nanoTime() - quietSince < QUIET.toNanos()) {
        Clock.system().sleep(LOOK_AGAIN);
        Lag now = Lag.ofPipeline(admin, APPLICATION);
        if (now.worst() > 1 || !now.equals(before)) {
          quietSince = System.nanoTime();
        }
        if (System.nanoTime() > deadline) {
          throw new AssertionError("not all is written: " + now);
        }
        before = now;
      }
    }
  }

  /**
   * From a run's end until it stood in ClickHouse, in real seconds: the median and the longest of
   * what ended since a moment by the clock of all.
   */
  List<Double> freshness(Instant since) {
    var row =
        place
            .reader()
            .query(
                "SELECT quantileExact(0.5)(s) AS median, max(s) AS longest FROM (SELECT"
                    + " dateDiff('millisecond', ended_at, inserted_at) / 1000 / "
                    + SPEED
                    + " AS s FROM instances WHERE end_kind = 'api' AND ended_at > fromUnixTimestamp64Milli("
                    + since.toEpochMilli()
                    + "))")
            .get(0);
    return List.of(
        Double.parseDouble(String.valueOf(row.get("median"))),
        Double.parseDouble(String.valueOf(row.get("longest"))));
  }

  Instant now() {
    return clock.instant();
  }

  @Override
  public void close() {
    place.close();
  }
}
