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
import java.util.OptionalLong;

/**
 * Plays workflow code against a clock of its own: every call advances that clock by what the call
 * would have taken and notes the step. Steps that are kept from before a restart are not played but
 * remembered, as the real engine does. Used for one life, by one thread.
 */
public final class Execution {
  private static final Failure WAIT_TIMED_OUT = new Failure("WorkflowTimeoutError", "");
  private static final double FAILING_WHILE_DOWN = 0.97;
  private static final long WEEK_MS = 7 * 86_400_000L;
  private static final double SLEEPING_FOR_A_WEEK = 0.97;

  private final Chance choices;
  private final Chance chance;
  private final Version version;
  private final Setting setting;
  private final Optional<Pause> pauseWish;
  private final Map<String, Step> kept = new HashMap<>();
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

  /** Where a life takes place. */
  record Setting(Weather weather, Lives lives) {
    static final Setting PLAIN = new Setting(Weather.CALM, Lives.MIXED);
  }

  /**
   * An execution from its start on.
   *
   * @param choices decides which way the code takes: the same choices, the same way
   * @param chance decides how long things take and whether they fail
   * @param start when it begins, in epoch milliseconds
   */
  Execution(
      Chance choices,
      Chance chance,
      Version version,
      Setting setting,
      long start,
      Optional<Pause> pauseWish) {
    this.choices = choices;
    this.chance = chance;
    this.version = version;
    this.setting = setting;
    this.now = start;
    this.pauseWish = pauseWish;
    this.lastEnd = start;
  }

  /** The same with these steps, all succeeded, kept from before. */
  Execution keeping(List<Step> before) {
    before.forEach(step -> kept.put(key(step), step));
    return this;
  }

  private static String key(Step step) {
    if (step instanceof Step.Do work) {
      return "do " + work.name();
    } else if (step instanceof Step.Sleep sleep) {
      return "sleep " + sleep.name();
    } else if (step instanceof Step.EventWait wait) {
      return "wait " + wait.name();
    }
    throw new IllegalArgumentException("a termination cannot be kept");
  }

  /** What the code itself draws on when it chooses: a life's choices outlive a restart. */
  public Chance chance() {
    return choices;
  }

  /** Whether this life runs a version whose deploy made things worse. */
  public boolean degraded() {
    return version.degraded();
  }

  /**
   * How long this life sleeps when it is one of those that sleep long: this long with this
   * probability in a fleet of mixed lives, never in a brisk one, and mostly a week in a long one.
   */
  public OptionalLong longSleep(double probability, long forMs) {
    double drawn = choices.uniform();
    return switch (setting.lives()) {
      case MIXED -> drawn < probability ? OptionalLong.of(forMs) : OptionalLong.empty();
      case BRISK -> OptionalLong.empty();
      case LONG -> drawn < SLEEPING_FOR_A_WEEK ? OptionalLong.of(WEEK_MS) : OptionalLong.empty();
    };
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
    String counted = counted(name, "");
    if (kept.get("do " + counted) instanceof Step.Do before) {
      steps.add(before);
      return;
    }
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
              counted,
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
    if (effort.outage().isPresent()
        && setting.weather().isDown(now)
        && chance.happens(FAILING_WHILE_DOWN)) {
      return thrown(tookMs, effort.outage().get());
    }
    if (chance.happens(effort.refusing())) {
      return refused(tookMs, effort.refusal());
    }
    if (chance.happens(effort.failing())) {
      return thrown(tookMs, effort.failure());
    }
    return new Tried(tookMs, Optional.empty(), false, new Failure("", ""));
  }

  private Tried thrown(long tookMs, Failure failure) {
    // Code that throws without a message has nothing to let slip.
    Failure told =
        failure.message().isEmpty()
            ? failure
            : new Failure(failure.name(), ErrorCanaries.in(failure.message(), chance));
    return new Tried(tookMs, Optional.of(told), false, told);
  }

  private Tried refused(long tookMs, String refusal) {
    String message =
        "Step threw a NonRetryableError with message \"NonRetryableError: "
            + ErrorCanaries.in(refusal, chance)
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

  /** One attempt: its error as the attempt tells it, and as the instance would tell it. */
  private record Tried(long tookMs, Optional<Failure> error, boolean fatal, Failure toInstance) {}

  /** Sleeps this long. */
  public void sleep(String name, long forMs) {
    String counted = counted(name, "sleep " + forMs);
    if (kept.get("sleep " + counted) instanceof Step.Sleep before) {
      steps.add(before);
      return;
    }
    begin();
    long start = now;
    now += forMs + chance.between(1, 4);
    steps.add(
        new Step.Sleep(
            counted, Instant.ofEpochMilli(start), Optional.of(Instant.ofEpochMilli(now))));
    finish(false);
  }

  /**
   * Waits for an event that comes after {@code comesAfterMs}.
   *
   * @throws StepFailed when the event would come after the timeout
   */
  public void waitForEvent(String name, String eventType, String timeout, long comesAfterMs) {
    String counted = counted(name, "wait");
    long timeoutMs = DurationSetting.of(timeout).millis();
    boolean met = comesAfterMs <= timeoutMs;
    if (kept.get("wait " + counted) instanceof Step.EventWait before) {
      steps.add(before);
    } else {
      begin();
      long start = now;
      now += met ? comesAfterMs : timeoutMs + chance.between(1, 9);
      steps.add(
          new Step.EventWait(
              counted,
              eventType,
              Instant.ofEpochMilli(start),
              Optional.of(Instant.ofEpochMilli(now)),
              met ? Optional.empty() : Optional.of(WAIT_TIMED_OUT)));
      finish(false);
    }
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

  /** Throws an error outside of any step. */
  public void fail(String name, String message) {
    throw new StepFailed(new Failure(name, ErrorCanaries.in(message, chance)));
  }

  long now() {
    return now;
  }

  /** The code has returned or thrown: the instance ends some milliseconds later. */
  void end() {
    now += chance.between(1, 4);
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
