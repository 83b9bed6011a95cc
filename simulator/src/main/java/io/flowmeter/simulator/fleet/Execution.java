package io.flowmeter.simulator.fleet;

import io.flowmeter.simulator.model.DurationSetting;
import io.flowmeter.simulator.model.Failure;
import io.flowmeter.simulator.model.Step;
import io.flowmeter.simulator.model.StepConfig;
import io.flowmeter.simulator.model.Version;
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
  private static final long WEEK_MS = 7 * 86_400_000L;
  private static final double SLEEPING_FOR_A_WEEK = 0.97;

  private final SeededRandom choices;
  private final SeededRandom random;
  // Of its own, so that what can be undone does not change what happens.
  private final SeededRandom undoing;
  private final StepExecution labour;
  private final Version version;
  private final Setting setting;
  private final Optional<Pause> pauseWish;
  private final Map<String, Step> kept = new HashMap<>();
  private final List<Step> steps = new ArrayList<>();
  private final List<Undoable> done = new ArrayList<>();
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

  /** A step that succeeded, and what undoes it. */
  private record Undoable(Step.Do step, Compensation undo) {}

  /** Where a life takes place. */
  record Setting(IncidentProfile incidents, LifetimeProfile lifetime) {
    static final Setting PLAIN = new Setting(IncidentProfile.CALM, LifetimeProfile.MIXED);
  }

  /**
   * An execution from its start on.
   *
   * @param way decides which way the code takes: the same number, the same way
   * @param random decides how long things take and whether they fail
   * @param start when it begins, in epoch milliseconds
   */
  Execution(
      long way,
      SeededRandom random,
      Version version,
      Setting setting,
      long start,
      Optional<Pause> pauseWish) {
    this.choices = SeededRandom.of(way);
    this.random = random;
    this.undoing = SeededRandom.of(way, start, 60);
    this.labour = new StepExecution(random, setting.incidents());
    this.version = version;
    this.setting = setting;
    this.now = start;
    this.pauseWish = pauseWish;
    this.lastEnd = start;
  }

  /** The same with these steps, all finished, kept from before; those that failed, fail again. */
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
    throw new IllegalArgumentException("expected a step of the code's own, came " + step);
  }

  /** What the code itself draws on when it chooses: a life's choices outlive a restart. */
  public SeededRandom random() {
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
    return switch (setting.lifetime()) {
      case MIXED -> drawn < probability ? OptionalLong.of(forMs) : OptionalLong.empty();
      case BRISK -> OptionalLong.empty();
      case LONG -> drawn < SLEEPING_FOR_A_WEEK ? OptionalLong.of(WEEK_MS) : OptionalLong.empty();
    };
  }

  /** A step with the default configuration. */
  public void work(String name, AttemptModel effort) {
    work(name, StepConfig.DEFAULT, effort);
  }

  /**
   * A step of type {@code step}, with its retries.
   *
   * @throws StepFailed when its last attempt failed
   */
  public void work(String name, StepConfig config, AttemptModel effort) {
    work(name, config, effort, Optional.empty());
  }

  /**
   * The same of a step that is undone when the run fails later on.
   *
   * @throws StepFailed when its last attempt failed
   */
  public void work(String name, StepConfig config, AttemptModel effort, Compensation undo) {
    work(name, config, effort, Optional.of(undo));
  }

  private void work(
      String name, StepConfig config, AttemptModel effort, Optional<Compensation> undo) {
    String counted = counted(name, "");
    if (kept.get("do " + counted) instanceof Step.Do before) {
      steps.add(before);
      if (before.success().equals(Optional.of(false))) {
        throw new StepFailed(StepExecution.toInstance(lastError(before)));
      }
      undo.ifPresent(how -> done.add(new Undoable(before, how)));
      return;
    }
    start();
    StepExecution.Played played = labour.play(counted, config, effort, now);
    now = played.endMs();
    steps.add(played.step());
    finish(true);
    if (played.failure().isPresent()) {
      throw new StepFailed(played.failure().get());
    }
    undo.ifPresent(how -> done.add(new Undoable(played.step(), how)));
  }

  /** Sleeps this long. */
  public void sleep(String name, long forMs) {
    String counted = counted(name, "sleep " + forMs);
    if (kept.get("sleep " + counted) instanceof Step.Sleep before) {
      steps.add(before);
      return;
    }
    start();
    long start = now;
    now += forMs + random.between(1, 4);
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
      met = before.error().isEmpty();
    } else {
      start();
      long start = now;
      now += met ? comesAfterMs : timeoutMs + random.between(1, 9);
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
    start();
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
    throw new StepFailed(new Failure(name, ErrorCanaries.in(message, random)));
  }

  /**
   * The code has failed: what it did is undone, what began last first, until that fails, too. What
   * else was under way stays unfinished.
   */
  void rollBack() {
    Instant failed = Instant.ofEpochMilli(now);
    List<Undoable> toUndo = new ArrayList<>(done);
    toUndo.removeIf(each -> each.step().end().orElseThrow().isAfter(failed));
    if (toUndo.isEmpty()) {
      return;
    }
    steps.removeIf(step -> step.start().isAfter(failed));
    steps.replaceAll(step -> step.asOf(failed));
    toUndo.sort(Comparator.comparing((Undoable each) -> each.step().start()).reversed());
    StepExecution labourOfUndoing = new StepExecution(undoing, setting.incidents());
    for (Undoable each : toUndo) {
      now += undoing.between(1, 4);
      StepExecution.Played played =
          labourOfUndoing.play(each.step().name(), each.undo().config(), each.undo().effort(), now);
      now = played.endMs();
      steps.add(new Step.Rollback(played.step()));
      if (played.failure().isPresent()) {
        return;
      }
    }
  }

  private static Failure lastError(Step.Do work) {
    return work.attempts().get(work.attempts().size() - 1).error().orElseThrow();
  }

  long now() {
    return now;
  }

  /** The code has returned or thrown: the instance ends some milliseconds later. */
  void end() {
    now += random.between(1, 4);
  }

  Optional<Paused> paused() {
    return paused;
  }

  /** The steps so far, in order of their starts. */
  List<Step> steps() {
    return steps.stream().sorted(Comparator.comparing(Step::start)).toList();
  }

  private void start() {
    now += random.between(1, 4);
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
