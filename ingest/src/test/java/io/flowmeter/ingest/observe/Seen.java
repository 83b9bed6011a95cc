package io.flowmeter.ingest.observe;

import io.flowmeter.ingest.source.ApiResponse;
import io.flowmeter.ingest.source.InstanceDetail;
import io.flowmeter.ingest.source.ListedInstance;
import io.flowmeter.ingest.source.ObservedSteps;
import io.flowmeter.schemas.observation.Attempt;
import io.flowmeter.schemas.observation.Step;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Builds list rows and details of one instance. Times are in ms since its creation. */
final class Seen {
  static final Instant CREATED = Instant.parse("2026-03-29T01:59:59.900Z");

  private final String status;
  private Optional<Instant> queued = Optional.of(CREATED);
  private Optional<Instant> end = Optional.empty();
  private Optional<Instant> started = Optional.empty();
  private Optional<Instant> modified = Optional.empty();
  private Optional<Instant> created = Optional.of(CREATED);
  private final List<Step> steps = new ArrayList<>();

  private Seen(String status) {
    this.status = status;
  }

  static Instant at(long millis) {
    return CREATED.plusMillis(millis);
  }

  static Seen status(String status) {
    return new Seen(status);
  }

  Seen queuedAt(long millis) {
    queued = Optional.of(at(millis));
    return this;
  }

  Seen withoutQueued() {
    queued = Optional.empty();
    return this;
  }

  Seen withoutCreation() {
    created = Optional.empty();
    return this;
  }

  Seen endedAt(long millis) {
    end = Optional.of(at(millis));
    return this;
  }

  /** Sets the start that list rows report. */
  Seen startedAt(long millis) {
    started = Optional.of(at(millis));
    return this;
  }

  Seen modifiedAt(long millis) {
    modified = Optional.of(at(millis));
    return this;
  }

  /** Adds a step that has ended. */
  Seen step(String name, long from, long to) {
    Step step = running(name, from);
    step.setEnd(at(to));
    step.setSuccess(true);
    step.setAttempts(List.of(new Attempt(at(from), at(to), true, null)));
    steps.add(step);
    return this;
  }

  /** Adds a running step. */
  Seen step(String name, long from) {
    steps.add(running(name, from));
    return this;
  }

  /** Replaces the one attempt of the step that was added last. */
  Seen attempts(List<Attempt> attempts) {
    steps.get(steps.size() - 1).setAttempts(attempts);
    return this;
  }

  private Step running(String name, long from) {
    Step step = new Step();
    step.setStepIndex(steps.size());
    step.setType("step");
    step.setName(name);
    step.setStart(at(from));
    step.setAttemptOffset(0);
    step.setAttempts(List.of(new Attempt(at(from), null, null, null)));
    return step;
  }

  /** Returns a list row requested at this time, with its response 10 ms later. */
  ApiResponse<ListedInstance> rowAt(long millis) {
    ListedInstance row =
        new ListedInstance(
            "order-1",
            status,
            created,
            started,
            end,
            modified,
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    return new ApiResponse<>(row, at(millis), at(millis + 10));
  }

  /** Returns a detail requested at this time, with its response 10 ms later. */
  ApiResponse<InstanceDetail> detailAt(long millis) {
    InstanceDetail detail =
        new InstanceDetail(
            status,
            queued,
            queued,
            end,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            Optional.empty(),
            Optional.empty(),
            ObservedSteps.of(steps));
    return new ApiResponse<>(detail, at(millis), at(millis + 10));
  }
}
