package io.flowmeter.streams.topology;

import io.flowmeter.schemas.observation.Attempt;
import io.flowmeter.schemas.observation.CurrentStep;
import io.flowmeter.schemas.observation.DetailPart;
import io.flowmeter.schemas.observation.InstanceRow;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.schemas.observation.Step;
import java.time.Instant;

/**
 * What holds of every observation that a poller writes. One of which it does not hold would end the
 * thread that meets it: a time overflows where it is cut to its minute, a part has no place. It
 * would be met again at every new start.
 */
final class ObservationValidator {
  /**
   * So far from 1970, either way, can a time of JavaScript lie; those of the API are such.
   *
   * @see <a href="https://tc39.es/ecma262/#sec-time-values-and-time-range">Time values</a>
   */
  private static final long MOST_MS = 8_640_000_000_000_000L;

  /** Of a detail; each has up to 256 KiB. */
  private static final int MOST_PARTS = 1 << 16;

  private ObservationValidator() {}

  /**
   * Looks at all of it.
   *
   * @throws IllegalArgumentException what does not hold
   */
  static void require(Observation observation) {
    time("run", observation.getRun());
    time("observed_at", observation.getObservedAt());
    if (observation.getRow() != null) {
      row(observation.getRow());
    }
    if (observation.getDetail() != null) {
      detail(observation.getDetail());
    }
    if (observation.getVanished() != null) {
      time("at", observation.getVanished().getAt());
    }
  }

  private static void row(InstanceRow row) {
    time("created_on", row.getCreatedOn());
    time("started_on", row.getStartedOn());
    time("ended_on", row.getEndedOn());
    time("not_before", row.getNotBefore());
  }

  private static void detail(DetailPart detail) {
    number("parts", detail.getParts(), 1, MOST_PARTS);
    number("part", detail.getPart(), 0, detail.getParts() - 1);
    number("step_count", detail.getStepCount(), 0, Integer.MAX_VALUE);
    time("queued", detail.getQueued());
    time("start", detail.getStart());
    time("end", detail.getEnd());
    time("not_before", detail.getNotBefore());
    CurrentStep current = detail.getCurrent();
    if (current != null) {
      time("start", current.getStart());
    }
    for (Step step : detail.getSteps()) {
      step(step);
    }
  }

  private static void step(Step step) {
    number("step_index", step.getStepIndex(), 0, Integer.MAX_VALUE);
    number("attempt_offset", step.getAttemptOffset(), 0, Integer.MAX_VALUE);
    time("start", step.getStart());
    time("end", step.getEnd());
    for (Attempt attempt : step.getAttempts()) {
      time("start", attempt.getStart());
      time("end", attempt.getEnd());
    }
  }

  private static void number(String field, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "expected " + field + " of " + least + " to " + most + ", came " + value);
    }
  }

  private static void time(String field, Instant at) {
    if (at != null) {
      time(field, at.toEpochMilli());
    }
  }

  private static void time(String field, long ms) {
    if (ms < -MOST_MS || ms > MOST_MS) {
      throw new IllegalArgumentException(
          "expected " + field + " within " + MOST_MS + " ms of 1970, came " + ms);
    }
  }
}
