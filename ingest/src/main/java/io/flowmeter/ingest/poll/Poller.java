package io.flowmeter.ingest.poll;

import io.flowmeter.clock.Clock;
import io.flowmeter.clock.SteadyClock;
import io.flowmeter.ingest.budget.Budget;
import io.flowmeter.ingest.budget.Permit;
import io.flowmeter.ingest.budget.Priority;
import io.flowmeter.ingest.publish.CheckpointSnapshot;
import io.flowmeter.ingest.publish.ObservationSink;
import io.flowmeter.ingest.source.Source;
import io.flowmeter.ingest.telemetry.Telemetry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Polls an account. Whoever's turn it is waits until something is due, then until the budget grants
 * a permit, and only then takes from the planner what tells most; the request itself goes beside
 * those of the others.
 *
 * <p>{@link #start} polls by threads of its own. {@link #runUntil} polls on the caller's thread:
 * with a {@link io.flowmeter.clock.SteppedClock} that the source and its budget are handed, too, a
 * day passes as fast as it is worked through, the same every time, and what is told goes to any
 * {@link ObservationSink}, with no Kafka:
 *
 * <pre>{@code
 * Poller poller =
 *     new Poller(source, settings, Stored.NOTHING, telling, new Telemetry(clock), new Tally(), clock);
 * poller.runUntil(clock.instant().plus(Duration.ofDays(1)));
 * poller.planning(); // what it decided, and why
 * }</pre>
 */
public final class Poller implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Poller.class);

  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(1);

  /** Until it is seen again whether there is room for what would be told. */
  private static final Duration FOR_ROOM = Duration.ofSeconds(1);

  private final Source source;
  private final PollSettings settings;
  private final ObservationSink sink;
  private final PollStats stats;

  /** By which the caller says until when. */
  private final Clock wall;

  /** By which all is planned: a wall clock that is put back must not put off what is due. */
  private final Clock clock;

  private final AtomicBoolean stopping = new AtomicBoolean();

  /** Held by the one whose turn it is to choose. */
  private final ReentrantLock turn = new ReentrantLock(true);

  /** Guards the planner and all it knows. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Condition changed = lock.newCondition();
  private final Planner planner;
  private final List<Thread> workers = new ArrayList<>();

  public Poller(
      Source source,
      PollSettings settings,
      CheckpointSnapshot snapshot,
      ObservationSink sink,
      Telemetry telemetry,
      PollStats stats,
      Clock clock) {
    this.source = source;
    this.settings = settings;
    this.sink = sink;
    this.stats = stats;
    this.wall = clock;
    this.clock = new SteadyClock(clock);
    this.planner =
        new Planner(
            new PollerContext(
                source.account(),
                source.traits(),
                settings,
                sink,
                telemetry,
                stats,
                this.clock,
                stopping::get),
            snapshot);
  }

  /** Polls by threads of its own until it is stopped. */
  public void start() {
    for (int i = 0; i < settings.concurrency(); i++) {
      Thread worker = new Thread(this::work, "flowmeter-ingest-poller-" + i);
      workers.add(worker);
      worker.start();
    }
  }

  private void work() {
    try {
      while (!stopping.get()) {
        step(Instant.MAX);
      }
    } catch (InterruptedException e) {
      LOG.debug("poller interrupted");
    }
  }

  /** Polls on this thread until the clock says so late. */
  public void runUntil(Instant end) throws InterruptedException {
    Instant until = clock.instant().plus(Duration.between(wall.instant(), end));
    while (!stopping.get() && clock.instant().isBefore(until)) {
      step(until);
    }
  }

  /** One request, or a wait for one to be due. */
  private void step(Instant end) throws InterruptedException {
    Optional<Choice> choice = choose(end);
    if (choice.isPresent()) {
      complete(choice.get().request().send(source, choice.get().permit()));
    }
  }

  private record Choice(ApiRequest<?> request, Permit permit) {}

  private Optional<Choice> choose(Instant end) throws InterruptedException {
    turn.lockInterruptibly();
    try {
      Optional<Priority> urgency = awaitDue(end);
      if (urgency.isEmpty()) {
        return Optional.empty();
      }
      Permit permit = source.budget().acquire(urgency.get(), stopping::get);
      Optional<ApiRequest<?>> request = next();
      if (request.isEmpty()) {
        permit.giveBack();
      }
      return request.map(each -> new Choice(each, permit));
    } finally {
      turn.unlock();
    }
  }

  /** How urgent what is due is, once there is room to tell it; empty where the end came first. */
  private Optional<Priority> awaitDue(Instant end) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!stopping.get()) {
        Instant now = clock.instant();
        planner.granted(perSecond(source.budget()));
        boolean room = sink.hasCapacity();
        if (room && planner.due(now)) {
          return Optional.of(planner.urgency());
        }
        if (!now.isBefore(end)) {
          return Optional.empty();
        }
        clock.await(changed, room ? planner.idle(now) : FOR_ROOM);
      }
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  private static double perSecond(Budget budget) {
    Duration gap = budget.gapUnderLoad();
    return gap.isZero() ? Double.POSITIVE_INFINITY : 1e9 / gap.toNanos();
  }

  private Optional<ApiRequest<?>> next() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      return planner.next(clock.instant());
    } finally {
      lock.unlock();
    }
  }

  private void complete(ApiRequest.Settling settling) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      try {
        settling.complete();
        planner.completed();
      } finally {
        sink.completed();
      }
    } catch (RuntimeException e) {
      // What could not be told is not remembered, and is found again.
      LOG.error("an answer could not be taken in", e);
      stats.problem("an answer could not be taken in: " + e);
    } finally {
      changed.signalAll();
      lock.unlock();
    }
  }

  /** What is known of a workflow. For tests on one thread. */
  WorkflowState workflow(String name) {
    return planner.workflow(name);
  }

  /** Whom the poller knows of. */
  public record Known(int workflows, int instances, int live, int ended, int skippedRows) {}

  public Known known() {
    lock.lock();
    try {
      int workflows = 0;
      int instances = 0;
      int live = 0;
      int ended = 0;
      int skipped = 0;
      for (WorkflowState workflow : planner.workflows()) {
        workflows++;
        instances += workflow.size();
        live += workflow.live();
        ended += workflow.ended();
        skipped += workflow.skippedRows;
      }
      return new Known(workflows, instances, live, ended, skipped);
    } finally {
      lock.unlock();
    }
  }

  /** How many threads poll. */
  public int threads() {
    return workers.size();
  }

  /** Those of them that have not ended. */
  public int aliveThreads() {
    return (int) workers.stream().filter(Thread::isAlive).count();
  }

  /** What the planner decided, and why. */
  public PollPlan planning() {
    lock.lock();
    try {
      return planner.planning();
    } finally {
      lock.unlock();
    }
  }

  /** Details that are planned or on their way. */
  public long waiting() {
    lock.lock();
    try {
      return planner.details().size();
    } finally {
      lock.unlock();
    }
  }

  /** Asks nothing more, nor waits for permits; what is on its way is taken in. */
  public void stop() {
    stopping.set(true);
    source.budget().wake();
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for what is on its way; false where it took too long. */
  public boolean awaitStopped(Duration timeout) throws InterruptedException {
    return join(timeout);
  }

  private boolean join(Duration timeout) throws InterruptedException {
    long until = System.nanoTime() + timeout.toNanos();
    for (Thread worker : workers) {
      long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
      worker.join(Math.max(1, left));
      if (worker.isAlive()) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() {
    stop();
    try {
      if (!join(CLOSE_WITHIN)) {
        workers.forEach(Thread::interrupt);
        if (!join(CLOSE_WITHIN)) {
          LOG.warn("requests on their way did not end in time and are left alone");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
