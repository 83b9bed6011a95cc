package io.flowmeter.cli.start;

import io.flowmeter.cli.console.ProgressListener;
import io.flowmeter.cli.health.Check;
import io.flowmeter.cli.health.Health;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The start of a process. Machines come up in any order, so that what is away is waited for: what
 * needs it is tried again and again, and what is waited for is said at once, then once a minute,
 * and when it is there. Until the start is over this is what the process tells of its health: it
 * lives, and is not ready. Safe for use by many threads.
 */
public final class Start implements Health {
  private static final Logger LOG = LoggerFactory.getLogger(Start.class);
  private static final Duration ASK_AGAIN_AFTER = Duration.ofSeconds(1);

  /** Where nobody reads along, the log is not to be filled. */
  private static final Duration SAY_EVERY = Duration.ofMinutes(1);

  private static final String SUBJECT = "start";

  /** How a wait passes. */
  @FunctionalInterface
  public interface Stop {
    /** Waits for so long; true where a stop was asked for meanwhile. */
    boolean await(Duration patience) throws InterruptedException;
  }

  private final ProgressListener progress;
  private final Stop stop;
  private final LongSupplier nanoTime;
  private final Map<Backend, Wait> waits = new EnumMap<>(Backend.class);
  private final Set<Thread> working = ConcurrentHashMap.newKeySet();
  private volatile boolean givenUp;

  public Start(ProgressListener progress, Stop stop) {
    this(progress, stop, System::nanoTime);
  }

  Start(ProgressListener progress, Stop stop, LongSupplier nanoTime) {
    this.progress = progress;
    this.stop = stop;
    this.nanoTime = nanoTime;
  }

  private record Wait(long sinceNanos, long saidNanos, String reason) {}

  /**
   * Does something that needs parts, again and again while one of them is away.
   *
   * @param work that can be repeated
   * @throws InterruptedException where a stop was asked for instead
   * @throws Exception what asking again would not mend
   */
  public <T> T through(Callable<T> work) throws Exception {
    Set<Backend> waitedFor = EnumSet.noneOf(Backend.class);
    working.add(Thread.currentThread());
    try {
      while (true) {
        if (givenUp) {
          throw new InterruptedException("the start was given up");
        }
        long startNanos = nanoTime.getAsLong();
        try {
          T done = work.call();
          over(waitedFor);
          return done;
        } catch (Exception e) {
          if (Thread.currentThread().isInterrupted()) {
            throw e;
          }
          Unavailable unavailable = Unavailable.of(e).orElseThrow(() -> firstFailure(waitedFor, e));
          waitedFor.remove(unavailable.backend());
          over(waitedFor);
          waitedFor.add(unavailable.backend());
          waiting(unavailable, startNanos);
        }
        if (stop.await(ASK_AGAIN_AFTER)) {
          throw new InterruptedException("a stop was asked for during the start");
        }
      }
    } finally {
      working.remove(Thread.currentThread());
    }
  }

  /** What it is now has nothing to do with what was waited for. */
  private Exception firstFailure(Set<Backend> waitedFor, Exception failure) {
    over(waitedFor);
    return failure;
  }

  /** The same for what has no result. */
  public void through(Work work) throws Exception {
    through(
        () -> {
          work.run();
          return null;
        });
  }

  /** Something that needs parts and has no result. */
  @FunctionalInterface
  public interface Work {
    void run() throws Exception;
  }

  /** Interrupts what is under way, and begins nothing more. */
  public void giveUp() {
    givenUp = true;
    working.forEach(Thread::interrupt);
  }

  private synchronized void waiting(Unavailable unavailable, long startNanos) {
    Wait before = waits.get(unavailable.backend());
    long now = nanoTime.getAsLong();
    long since = before == null ? startNanos : before.sinceNanos();
    boolean says = before == null || now - before.saidNanos() >= SAY_EVERY.toNanos();
    waits.put(
        unavailable.backend(),
        new Wait(since, says ? now : before.saidNanos(), unavailable.reason()));
    if (says) {
      String told =
          "waiting for %s%s, see %s and flowmeter doctor: %s"
              .formatted(
                  unavailable.backend().words(),
                  before == null ? "" : " for %d s now".formatted(seconds(now - since)),
                  unavailable.backend().address(),
                  unavailable.reason());
      progress.warn(told);
      // The narrator is told warnings of the log as well.
      LOG.atInfo()
          .addKeyValue("event", "backend_unavailable")
          .addKeyValue("part", unavailable.backend().words())
          .log(told);
    }
  }

  private synchronized void over(Set<Backend> backends) {
    for (Backend backend : backends) {
      Wait wait = waits.remove(backend);
      if (wait != null) {
        long ms = Duration.ofNanos(nanoTime.getAsLong() - wait.sinceNanos()).toMillis();
        progress.onProgress(backend.sentence() + " is there.");
        LOG.atInfo()
            .addKeyValue("event", "backend_available")
            .addKeyValue("part", backend.words())
            .addKeyValue("took_ms", ms)
            .log("{} is there after {} ms", backend.words(), ms);
      }
    }
    backends.clear();
  }

  @Override
  public List<Check> live() {
    return checks(true);
  }

  @Override
  public List<Check> ready() {
    return checks(false);
  }

  private synchronized List<Check> checks(boolean well) {
    if (waits.isEmpty()) {
      return List.of(new Check(SUBJECT, well, "it is not over yet"));
    }
    long now = nanoTime.getAsLong();
    return waits.entrySet().stream()
        .map(
            each ->
                new Check(
                    SUBJECT,
                    well,
                    "waits for %s, for %d s: %s"
                        .formatted(
                            each.getKey().words(),
                            seconds(now - each.getValue().sinceNanos()),
                            each.getValue().reason())))
        .toList();
  }

  private static long seconds(long nanos) {
    return Duration.ofNanos(nanos).toSeconds();
  }
}
