package io.flowmeter.streams;

import io.flowmeter.schemas.observation.Attempt;
import io.flowmeter.schemas.observation.InstanceRow;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.schemas.observation.Step;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;

/**
 * Whatever polls may tell of some instances, likely or not: lives that replace each other, ends
 * that are left again, rows and details that contradict each other or are of the same moment,
 * details in parts, of a change or whole, of any step types, their names folded or not, versions
 * and weights, and vanishings.
 */
public final class AnyHistory {
  private static final List<String> STATUSES =
      List.of(
          "queued",
          "running",
          "running",
          "paused",
          "waiting",
          "waitingForPause",
          "complete",
          "complete",
          "errored",
          "terminated",
          "rollingBack",
          "sleeping-in-a-way-not-yet-known");
  private static final List<String> TYPES =
      List.of(
          "step", "step", "step", "sleep", "waitForEvent", "termination", "rollback", "not-known");
  private static final List<String> VERSIONS = List.of("v1", "v2", "v3");
  private static final List<String> TRIGGERS = List.of("api", "cron");
  private static final List<String> MESSAGES =
      List.of("order 17 is gone", "order 18 is gone", "Execution timed out after 5000ms", "");

  /** All times are multiples of it, so that some are the same. */
  private static final int TICK_MS = 2_500;

  private static final int LAST_TICK = 240;

  private final Random random;

  private AnyHistory(Random random) {
    this.random = random;
  }

  /** Observations, in no order. The parts of a detail are each one of them. */
  public static List<Observation> of(Random random) {
    return new AnyHistory(random).instances();
  }

  private List<Observation> instances() {
    List<Observation> published = new ArrayList<>();
    int instances = 1 + random.nextInt(2);
    for (int instance = 0; instance < instances; instance++) {
      TreeSet<Integer> lives = new TreeSet<>();
      lives.add(random.nextInt(LAST_TICK / 2));
      while (random.nextBoolean() && lives.size() < 3) {
        lives.add(random.nextInt(LAST_TICK));
      }
      for (int queued : lives) {
        life(InstanceHistory.of("w", "i" + instance, (long) queued * TICK_MS), queued, published);
      }
    }
    return published;
  }

  private void life(InstanceHistory life, int queued, List<Observation> published) {
    TreeSet<Integer> details = new TreeSet<>();
    int observations = 1 + random.nextInt(7);
    for (int i = 0; i < observations; i++) {
      int seen = queued + random.nextInt(LAST_TICK);
      switch (random.nextInt(8)) {
        case 0 -> published.add(life.vanished(ms(seen), ms(seen + random.nextInt(4))));
        case 1, 2, 3 -> published.add(life.row(ms(seen), row(life, queued, seen)));
        default -> {
          // A detail's id is made of its time: no two of a life may have the same.
          details.add(seen);
        }
      }
    }
    int known = 0;
    for (int seen : details) {
      int count = random.nextInt(6);
      published.addAll(detail(life, queued, seen, known, count));
      known = count;
    }
  }

  private InstanceRow.Builder row(InstanceHistory life, int queued, int seen) {
    InstanceRow.Builder row =
        InstanceRow.newBuilder()
            .setStatus(any(STATUSES))
            .setCreatedOn(Instant.ofEpochMilli(life.run()));
    if (random.nextBoolean()) {
      row.setStartedOn(InstanceHistory.at(ms(between(queued, seen))));
    }
    if (random.nextBoolean()) {
      row.setEndedOn(InstanceHistory.at(ms(between(queued, seen))));
    }
    if (random.nextBoolean()) {
      row.setVersionId(any(VERSIONS));
    }
    if (random.nextInt(4) == 0) {
      row.setTriggerSource(any(TRIGGERS));
    }
    if (random.nextInt(4) == 0) {
      row.setNotBefore(InstanceHistory.at(ms(between(queued, seen))));
    }
    return row;
  }

  /**
   * A live detail tells what changed: any of the steps that are known, and all that are new.
   *
   * @param known how many steps the detail before it told of
   */
  private List<Observation> detail(
      InstanceHistory life, int queued, int seen, int known, int count) {
    InstanceHistory.Detail detail = life.detail(ms(seen), any(STATUSES));
    int started = between(queued, seen);
    if (random.nextInt(5) > 0) {
      detail.started(ms(started));
    }
    if (random.nextBoolean()) {
      detail.ended(ms(between(started, seen)));
    }
    if (random.nextInt(4) > 0) {
      detail.version(any(VERSIONS));
    }
    if (random.nextBoolean()) {
      detail.trigger(any(TRIGGERS));
    }
    if (random.nextInt(4) == 0) {
      detail.weight(1 + random.nextInt(9));
    }
    if (random.nextInt(4) == 0) {
      detail.error("Error", any(MESSAGES));
    }
    detail.stepCount(count);
    for (int index = 0; index < count; index++) {
      if (index >= known || random.nextBoolean()) {
        detail.stepAt(index, step(between(started, seen), seen));
      }
    }
    if (count > 0 && random.nextInt(3) == 0) {
      detail.current(0, any(TYPES), "s-1", ms(started), random.nextInt(3));
    }
    return detail.parts(1 + random.nextInt(3));
  }

  private Step.Builder step(int from, int seen) {
    String name = any(List.of("a-1", "a-2", "b-1", "", "without a number"));
    String type = any(TYPES);
    int to = between(from, seen);
    List<Attempt> attempts = new ArrayList<>();
    if (type.equals("step")) {
      for (int at = from; at < to && attempts.size() < 3; at = between(at + 1, to)) {
        attempts.add(
            InstanceHistory.failed(ms(at), ms(between(at, to)), "RangeError", any(MESSAGES)));
      }
      attempts.add(
          switch (random.nextInt(3)) {
            case 0 -> InstanceHistory.unfinished(ms(to));
            case 1 -> InstanceHistory.attempt(ms(to), ms(to), true);
            default -> InstanceHistory.failed(ms(to), ms(to), "RangeError", any(MESSAGES));
          });
    }
    Step.Builder step =
        InstanceHistory.step(
                name, ms(from), ms(to), any(List.of(true, false)), attempts.toArray(Attempt[]::new))
            .setType(type);
    if (random.nextInt(4) == 0) {
      // The workflow has shown too many steps since, or had before.
      step.setStep(any(List.of("{}", "(other)")));
    }
    if (random.nextInt(3) == 0) {
      step.setSuccess(null);
    }
    if (random.nextInt(3) == 0) {
      step.setEnd(null);
    }
    if (random.nextInt(3) == 0) {
      step.setFinished(random.nextBoolean());
    }
    if (random.nextInt(3) == 0) {
      step.setRetryLimit(random.nextBoolean() ? null : Long.valueOf(random.nextInt(3)));
    }
    return step;
  }

  private <T> T any(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  /** Both included. */
  private int between(int from, int to) {
    return to <= from ? from : from + random.nextInt(to - from + 1);
  }

  private static long ms(int ticks) {
    return (long) ticks * TICK_MS;
  }
}
