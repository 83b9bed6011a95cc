package io.flowmeter.dev.torture;

import io.flowmeter.cli.console.ProgressListener;
import io.flowmeter.cli.health.Lag;
import io.flowmeter.cli.migrate.BackendMigration;
import io.flowmeter.clock.Clock;
import io.flowmeter.dev.verify.CatchingUp;
import io.flowmeter.dev.verify.DayException;
import io.flowmeter.failpoint.Failpoint.Command;
import io.flowmeter.schemas.Topics;
import io.flowmeter.sql.RebuiltTables;
import io.flowmeter.streams.StreamSettings;
import io.flowmeter.streams.rebuild.Generations;
import io.flowmeter.verify.Comparison;
import io.flowmeter.verify.Verification;
import io.flowmeter.verify.relation.RelationReader;
import io.flowmeter.verify.required.LossWindows;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;

/**
 * The product in processes of its own, two to poll and two to stream, all of which are killed over
 * and over, and then left alone. What they come to is held against the simulator's ledger.
 */
public final class Torture implements AutoCloseable {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);
  private static final Duration LOOK_CALMLY = Duration.ofMillis(500);
  private static final Duration CATCHES_UP_WITHIN = Duration.ofSeconds(300);

  /** Who is killed all the time may lag; what that left is caught up with in this part of it. */
  private static final int CATCHES_UP_IN = 4;

  /** So long nothing must be found waiting: see {@code up}, and a busy machine's share. */
  private static final Duration QUIET = Duration.ofSeconds(4);

  /** How long an answer can be on its way to Kafka, in real time: what a killed process loses. */
  private static final Duration UNTOLD_AT_MOST = Duration.ofSeconds(5);

  /** How long an answer can be on its way or wait for its turn, in real time. */
  private static final Duration LATE_AT_MOST = Duration.ofSeconds(3);

  /** How long a poller may be without Kafka after a broker was killed, in real time. */
  private static final Duration LEADERLESS_AT_MOST = Duration.ofSeconds(15);

  /** Clocks are read one after the other; in virtual time. */
  private static final Duration A_JUMP = Duration.ofMinutes(1);

  private final TorturePlan plan;
  private final ProgressListener progress;
  private final BooleanSupplier cancelled;
  private final ChaosCluster cluster;
  private final InjectionCounts injected = new InjectionCounts();
  private final LossWindows losses = new LossWindows();
  private final OneShotCommands commands;
  private final ClickHouseFaults clickHouse;
  private final Optional<BrokerFaults> brokers;
  private final List<ProcessSlot> pollers = new ArrayList<>();
  private final List<ProcessSlot> streamers = new ArrayList<>();
  private Duration wrongBy;
  private Optional<PoisonRecords> poison = Optional.empty();
  private long poisoned;
  private Instant end = Instant.MAX;

  private Torture(
      TorturePlan plan, Path home, ProgressListener progress, BooleanSupplier cancelled) {
    this.plan = plan;
    this.progress = progress;
    this.cancelled = cancelled;
    this.cluster = ChaosCluster.start(home, plan);
    this.wrongBy = Duration.between(cluster.clock().instant(), cluster.simulator().now());
    this.commands = new OneShotCommands(cluster, plan.seed(), injected, progress);
    this.clickHouse =
        new ClickHouseFaults(cluster.clickHouse(), plan.seed(), plan.lasts(), injected, progress);
    this.brokers =
        cluster
            .brokers()
            .map(
                several ->
                    new BrokerFaults(
                        several,
                        plan.seed(),
                        injected,
                        progress,
                        () -> mayHaveLost(LEADERLESS_AT_MOST)));
    FaultSchedule ofPollers =
        new FaultSchedule(Command.INGEST, plan.seed(), plan.ease(), plan.all());
    FaultSchedule ofStreamers =
        new FaultSchedule(Command.STREAM, plan.seed(), plan.ease(), plan.all());
    for (int i = 1; i <= 2; i++) {
      pollers.add(slot("ingest-" + i, "ingest", ofPollers, this::mayHaveLost));
      streamers.add(slot("stream-" + i, "stream", ofStreamers, after -> {}));
    }
  }

  private ProcessSlot slot(
      String name, String command, FaultSchedule schedule, Consumer<Duration> onHurt) {
    return new ProcessSlot(
        name,
        schedule,
        (process, armed) -> cluster.start(process, List.of(command), armed),
        injected,
        progress,
        onHurt);
  }

  /**
   * Starts what the product works with, below a directory.
   *
   * @param progress is told what is killed where
   * @param cancelled looked at now and then; the torture ends at once then
   */
  public static Torture start(
      TorturePlan plan, Path home, ProgressListener progress, BooleanSupplier cancelled) {
    return new Torture(plan, home, progress, cancelled);
  }

  /** Kills for as long as planned, and returns when all has caught up. */
  public void live() throws InterruptedException {
    migrate();
    if (plan.all()) {
      cluster.rehearse(List.of("ingest", "stream"));
    }
    PoisonRecords records =
        new PoisonRecords(cluster.parts().kafka(), cluster.clock(), plan.seed(), injected);
    poison = Optional.of(records);
    long until = System.nanoTime() + plan.lasts().toNanos();
    while (System.nanoTime() < until || !isEnough()) {
      requireWanted();
      for (ProcessSlot slot : slots()) {
        slot.tick();
      }
      if (plan.all()) {
        clickHouse.tick();
      }
      if (brokers.isPresent()) {
        brokers.get().tick();
      }
      records.tick();
      watchClock();
      Clock.system().sleep(LOOK_AGAIN);
    }
    clickHouse.repair();
    brokers.ifPresent(BrokerFaults::repair);
    poisoned = records.awaitDeadLetters();
    // Whole milliseconds, by which the ledger notes what it serves.
    end = cluster.simulator().now().plus(virtual(LOOK_CALMLY)).truncatedTo(ChronoUnit.MILLIS);
    cluster.simulator().endFleetAt(end);
    progress.onProgress("All are left alone; catching up");
    slots().forEach(ProcessSlot::leaveAlone);
    catchUp();
  }

  private boolean isEnough() {
    return injected.total() >= plan.kills()
        && injected.least(Command.INGEST) >= plan.each()
        && injected.least(Command.STREAM) >= plan.each();
  }

  private void migrate() throws InterruptedException {
    if (plan.rounds() > 0) {
      commands.migrate(plan.rounds());
    } else {
      BackendMigration.topicsAndSchemas(cluster.parts());
      BackendMigration.tables(cluster.parts());
    }
  }

  private void catchUp() throws InterruptedException {
    CatchingUp catchingUp = new CatchingUp(patience(), this::look);
    catchingUp.awaitSweeps(reader(), end.plus(tolerance()));
    catchingUp.awaitDetails(cluster.simulator(), patience(), () -> false);
    // Counts are told of sweeps, and those that found out what happened meanwhile moved them.
    catchingUp.awaitSweeps(reader(), cluster.simulator().now().plus(tolerance()));
    for (ProcessSlot poller : pollers) {
      poller.stop();
    }
    drain();
    if (plan.rounds() > 0) {
      rebuild();
    }
    catchingUp.sumMinutes(cluster.parts().writer());
  }

  /** What is derived anew must be the same, a lost table's rows too; nobody streams meanwhile. */
  private void rebuild() throws InterruptedException {
    for (ProcessSlot streamer : streamers) {
      streamer.stop();
    }
    commands.dropTable(RebuiltTables.table(Topics.STEP_RUNS.relation()));
    commands.rebuild(plan.rounds());
    streamers.forEach(ProcessSlot::leaveAlone);
    drain();
  }

  private Duration patience() {
    Duration part = plan.lasts().dividedBy(CATCHES_UP_IN);
    return part.compareTo(CATCHES_UP_WITHIN) > 0 ? part : CATCHES_UP_WITHIN;
  }

  private void drain() throws InterruptedException {
    Duration patience = patience();
    long deadline = System.nanoTime() + patience.toNanos();
    try (Admin admin = cluster.parts().admin()) {
      String application =
          StreamSettings.applicationId(Generations.current(cluster.parts().kafka()));
      Lag before = Lag.ofPipeline(admin, application);
      long quietSince = System.nanoTime();
      while (System.nanoTime() - quietSince < QUIET.toNanos()) {
        look();
        Lag now = Lag.ofPipeline(admin, application);
        // A transaction's marker is an offset, too.
        if (now.worst() > 1 || !now.equals(before)) {
          quietSince = System.nanoTime();
        }
        if (System.nanoTime() > deadline) {
          throw new DayException(
              "expected all that was polled in ClickHouse within %d s, but %s waits"
                  .formatted(patience.toSeconds(), now));
        }
        before = now;
      }
    }
  }

  private String look() throws InterruptedException {
    requireWanted();
    slots().forEach(ProcessSlot::requireAlive);
    Clock.system().sleep(LOOK_CALMLY);
    return "see the logs of the processes";
  }

  private void requireWanted() {
    if (cancelled.getAsBoolean()) {
      throw new DayException("given up before the torture was over");
    }
  }

  private List<ProcessSlot> slots() {
    return Stream.concat(pollers.stream(), streamers.stream()).toList();
  }

  private void mayHaveLost(Duration after) {
    mayHaveLost(Duration.ZERO, after);
  }

  /** By the API's clock, as the ledger goes by; {@code before} is virtual time, the other real. */
  private void mayHaveLost(Duration before, Duration after) {
    Instant now = cluster.simulator().now();
    losses.add(
        now.minus(virtual(UNTOLD_AT_MOST)).minus(before),
        now.plus(virtual(after)).plus(virtual(LATE_AT_MOST)));
  }

  /** Where the API's clock jumps, what was lost just before and after cannot be told apart. */
  private void watchClock() {
    Duration wrong = Duration.between(cluster.clock().instant(), cluster.simulator().now());
    Duration jump = wrong.minus(wrongBy);
    wrongBy = wrong;
    if (jump.compareTo(A_JUMP) > 0) {
      mayHaveLost(jump, ProcessSlot.FINDS_OUT_WITHIN);
      injected.fault("api clock jumped");
      progress.onProgress("the API's clock jumped by %d s".formatted(jump.toSeconds()));
    }
  }

  /** Whoever starts takes the API's clock for its own until two answers contradict. */
  private Duration tolerance() {
    return virtual(LATE_AT_MOST).plus(plan.faults().skew().multipliedBy(2));
  }

  private Duration virtual(Duration real) {
    return Duration.ofMillis((long) (real.toMillis() * plan.speed()));
  }

  /** The faults that were injected so far. */
  public InjectionCounts injected() {
    cluster
        .simulator()
        .faults()
        .met()
        .forEach((kind, times) -> injected.faults("api " + kind.word(), times));
    return injected;
  }

  /** What is due, after {@link #live}. */
  public Verification verification() {
    return Verification.of(cluster.simulator(), cluster.token(), tolerance(), losses, poisoned);
  }

  /** Holds all that is there against what is due, the dead letters too. */
  public Comparison compare(Verification verification) {
    Comparison comparison = verification.compare(reader(), cluster.clock().instant());
    poison.ifPresent(records -> records.check(comparison));
    return comparison;
  }

  private RelationReader reader() {
    return cluster.reader();
  }

  /** Lives that no answer showed. */
  public long unseen() {
    return cluster.simulator().ledger().unseen(end);
  }

  @Override
  public void close() {
    slots().forEach(ProcessSlot::close);
    brokers.ifPresent(BrokerFaults::close);
    poison.ifPresent(PoisonRecords::close);
    cluster.close();
  }
}
