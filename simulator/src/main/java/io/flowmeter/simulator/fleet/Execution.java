package io.flowmeter.simulator.fleet;

import io.flowmeter.simulator.life.Attempt;
import io.flowmeter.simulator.life.DurationSetting;
import io.flowmeter.simulator.life.Failure;
import io.flowmeter.simulator.life.Step;
import io.flowmeter.simulator.life.StepConfig;
import io.flowmeter.simulator.life.Version;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Plays workflow code against a clock of its own: every call advances that clock by what the call
 * would have taken and notes the step. Used for one life, by one thread.
 */
public final class Execution {
  private static final Failure WAIT_TIMED_OUT = new Failure("WorkflowTimeoutError", "");

  private final Chance chance;
  private final Version version;
  private final Optional<Pause> pauseWish;
  private final List<Step> steps = new ArrayList<>();
  private final Map<String, Integer> counters = new HashMap<>();

  private long now;
  private boolean parallel;
  private Optional<Paused> paused = Optional.empty();
  // The last finished step of the serial part: what a pause asked for meanwhile had to wait for.
  private boolean lastWasWork;
  private long lastEnd;

  /** Someone asks for a pause at {@code at} and resumes {@code forMs} later, in milliseconds. */
  record Pause(long at, long forMs) {}

  /** What came of it: asked, paused when the step at work was done, resumed. */
  record Paused(long asked, long paused, long resumed) {}

  Execution(Chance chance, Version version, long start, Optional<Pause> pauseWish) {
    this.chance = chance;
    this.version = version;
    this.now = start;
    this.pauseWish = pauseWish;
    this.lastEnd = start;
  }

  /** The life's own source of chance. */
  public Chance chance() {
    return chance;
  }

  /** Whether this life runs a version whose deploy made things worse. */
  public boolean degraded() {
    return version.degraded();
  }

  /** A step with the default configuration. */
  public void work(String name, Effort effort) {
    work(name, StepConfig.DEFAULT, effort);
  }

  /**
   * A step of type {@code step}, with its retries.
   *
   * @throws StepFailed when its last attempt failed
   */
  public void work(String name, StepConfig config, Effort effort) {
    begin();
    long start = now;
    List<Attempt> attempts = new ArrayList<>();
    now += chance.between(0, 1);
    while (true) {
      Tried tried = attempt(config, effort);
      attempts.add(
          new Attempt(
              Instant.ofEpochMilli(now),
              Optional.of(Instant.ofEpochMilli(now + tried.tookMs())),
              tried.error()));
      now += tried.tookMs();
      boolean failed = tried.error().isPresent();
      if (failed && !tried.fatal() && attempts.size() <= config.limit()) {
        now += config.backoff().delayMs(config.delay().millis(), attempts.size());
        now += chance.between(1, 8);
        continue;
      }
      // A step can end a millisecond after its last attempt.
      now += chance.between(0, 1);
      steps.add(
          new Step.Do(
              counted(name, ""),
              Instant.ofEpochMilli(start),
              Optional.of(Instant.ofEpochMilli(now)),
              Optional.of(!failed),
              config,
              List.copyOf(attempts),
              effort.hasOutput() && !failed));
      finish(true);
      if (failed) {
        throw new StepFailed(tried.toInstance());
      }
      return;
    }
  }

  private Tried attempt(StepConfig config, Effort effort) {
    long tookMs = Math.max(1, chance.heavyTailed(effort.medianMs(), effort.sigma()));
    long timeoutMs = config.timeout().millis();
    if (tookMs > timeoutMs) {
      String message = "Execution timed out after " + timeoutMs + "ms";
      return new Tried(
          timeoutMs + chance.between(0, 3),
          Optional.of(new Failure("WorkflowTimeoutError", message)),
          false,
          new Failure("Error", "WorkflowTimeoutError: " + message));
    }
    if (chance.happens(effort.refusing())) {
      String message =
          "Step threw a NonRetryableError with message \"NonRetryableError: "
              + effort.refusal()
              + "\"";
      return new Tried(
          tookMs,
          Optional.of(new Failure("WorkflowFatalError", message)),
          true,
          new Failure(
              "WorkflowFatalError",
              "The execution of the Workflow instance was terminated, as a step threw an"
                  + " NonRetryableError and it was not handled"));
    }
    if (chance.happens(effort.failing())) {
      return new Tried(tookMs, Optional.of(effort.failure()), false, effort.failure());
    }
    return new Tried(tookMs, Optional.empty(), false, new Failure("", ""));
  }

  /** One attempt: its error as the attempt tells it, and as the instance would tell it. */
  private record Tried(long tookMs, Optional<Failure> error, boolean fatal, Failure toInstance) {}

  /** Sleeps this long. */
  public void sleep(String name, long forMs) {
    begin();
    long start = now;
    now += forMs + chance.between(1, 4);
    steps.add(
        new Step.Sleep(
            counted(name, "sleep " + forMs),
            Instant.ofEpochMilli(start),
            Optional.of(Instant.ofEpochMilli(now))));
    finish(false);
  }

  /**
   * Waits for an event that comes after {@code comesAfterMs}.
   *
   * @throws StepFailed when the event would come after the timeout
   */
  public void waitForEvent(String name, String eventType, String timeout, long comesAfterMs) {
    begin();
    long start = now;
    long timeoutMs = DurationSetting.of(timeout).millis();
    boolean met = comesAfterMs <= timeoutMs;
    now += met ? comesAfterMs : timeoutMs + chance.between(1, 9);
    steps.add(
        new Step.EventWait(
            counted(name, "wait"),
            eventType,
            Instant.ofEpochMilli(start),
            Optional.of(Instant.ofEpochMilli(now)),
            met ? Optional.empty() : Optional.of(WAIT_TIMED_OUT)));
    finish(false);
    if (!met) {
      throw new StepFailed(
          new Failure(
              "Error", "WorkflowTimeoutError: Execution timed out after " + timeoutMs + "ms"));
    }
  }

  /**
   * Runs the branches side by side, as {@code Promise.all} does.
   *
   * @throws StepFailed at the time of the first failure; the steps of other branches stay
   *     unfinished
   */
  public void parallel(WorkflowCode... branches) {
    if (parallel) {
      throw new IllegalStateException("parallel branches cannot be nested");
    }
    begin();
    long start = now;
    long end = now;
    Optional<StepFailed> first = Optional.empty();
    long firstAt = Long.MAX_VALUE;
    parallel = true;
    for (WorkflowCode branch : branches) {
      now = start;
      try {
        branch.run(this);
        end = Math.max(end, now);
      } catch (StepFailed failed) {
        if (now < firstAt) {
          firstAt = now;
          first = Optional.of(failed);
        }
      }
    }
    parallel = false;
    now = first.isPresent() ? firstAt : end;
    finish(true);
    if (first.isPresent()) {
      throw first.get();
    }
  }

  /** Time that passes outside of any step. */
  public void think(long forMs) {
    now += forMs;
  }

  /** Throws an error outside of any step. */
  public void fail(String name, String message) {
    throw new StepFailed(new Failure(name, message));
  }

  long now() {
    return now;
  }

  Optional<Paused> paused() {
    return paused;
  }

  /** The steps so far, in order of their starts. */
  List<Step> steps() {
    return steps.stream().sorted(Comparator.comparing(Step::start)).toList();
  }

  private void begin() {
    now += chance.between(1, 4);
    if (parallel || paused.isPresent() || pauseWish.isEmpty() || pauseWish.get().at() > now) {
      return;
    }
    Pause wish = pauseWish.get();
    // A step at work is finished first; a sleep or a wait is interrupted at once.
    long stopped = lastWasWork ? Math.max(wish.at(), lastEnd) : wish.at();
    long resumed = Math.max(now, wish.at() + wish.forMs());
    paused = Optional.of(new Paused(wish.at(), stopped, Math.max(resumed, stopped + 1)));
    now = paused.get().resumed() + 1;
  }

  private void finish(boolean work) {
    if (!parallel) {
      lastWasWork = work;
      lastEnd = now;
    }
  }

  /**
   * The name with its counter; a sleep's counter is per name and duration, as in the real thing.
   */
  private String counted(String name, String kind) {
    return name + "-" + counters.merge(kind + "/" + name, 1, Integer::sum);
  }
}
