package io.flowmeter.ingest.source;

import io.flowmeter.ingest.privacy.ErrorPrivacy;
import io.flowmeter.schemas.observation.Attempt;
import io.flowmeter.schemas.observation.Error;
import io.flowmeter.schemas.observation.Step;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * An instance's detail, read from JSON. Any field may be absent; fields not known are skipped,
 * outputs and params measured and skipped. One for each request.
 */
final class DetailJson {
  private final ScrubbedErrorCache errors;

  /**
   * @param privacy what may be kept of errors
   */
  DetailJson(ErrorPrivacy privacy) {
    this.errors = new ScrubbedErrorCache(privacy);
  }

  /** Empty where it tells no status, or says that there are steps and shows none of them. */
  Optional<InstanceDetail> read(StreamingJsonReader json) throws IOException {
    var read =
        new Object() {
          Optional<String> status = Optional.empty();
          Optional<Instant> queued = Optional.empty();
          Optional<Instant> start = Optional.empty();
          Optional<Instant> end = Optional.empty();
          Optional<Boolean> success = Optional.empty();
          Optional<Error> error = Optional.empty();
          Optional<String> versionId = Optional.empty();
          Optional<String> triggerSource = Optional.empty();
          OptionalLong outputBytes = OptionalLong.empty();
          OptionalLong paramsBytes = OptionalLong.empty();
          Optional<String> rollbackOutcome = Optional.empty();
          Optional<Error> rollbackError = Optional.empty();
          OptionalLong stepCount = OptionalLong.empty();
          boolean reportedSteps;
          final ObservedSteps.Builder steps = new ObservedSteps.Builder();

          /** Else what is known of the run would be taken back by an answer that says nothing. */
          boolean hasRun() {
            return status.isPresent() && (reportedSteps || stepCount.orElse(0) == 0);
          }
        };
    boolean object =
        json.object(
            field -> {
              switch (field) {
                case "status" -> read.status = json.text();
                case "queued" -> read.queued = json.time();
                case "start" -> read.start = json.time();
                case "end" -> read.end = json.time();
                case "success" -> read.success = json.bool();
                case "error" -> read.error = error(json);
                case "versionId", "version_id" -> read.versionId = json.text();
                case "trigger" -> read.triggerSource = ApiJson.source(json);
                case "output" -> json.size(n -> read.outputBytes = OptionalLong.of(n));
                case "params" -> json.size(n -> read.paramsBytes = OptionalLong.of(n));
                case "rollback" ->
                    json.object(
                        part -> {
                          switch (part) {
                            case "outcome" -> read.rollbackOutcome = json.text();
                            case "error" -> read.rollbackError = error(json);
                            default -> {}
                          }
                        });
                case "step_count" -> read.stepCount = json.number();
                case "steps" ->
                    read.reportedSteps =
                        json.array(() -> read.steps.add(step(json, read.steps.size())));
                default -> {}
              }
            });
    if (!object || !read.hasRun()) {
      return Optional.empty();
    }
    return Optional.of(
        new InstanceDetail(
            read.status.orElseThrow(),
            read.queued,
            read.start,
            read.end,
            read.success,
            read.error,
            read.versionId,
            read.triggerSource,
            read.outputBytes,
            read.paramsBytes,
            read.rollbackOutcome,
            read.rollbackError,
            read.steps.build()));
  }

  private Step step(StreamingJsonReader json, int index) throws IOException {
    Step step = new Step();
    step.setStepIndex(index);
    step.setType("");
    step.setAttemptOffset(0);
    step.setAttempts(List.of());
    json.object(
        field -> {
          switch (field) {
            case "type" -> step.setType(json.word().orElse(""));
            case "name" -> step.setName(json.text().orElse(null));
            case "start" -> step.setStart(json.time().orElse(null));
            case "end" -> step.setEnd(json.time().orElse(null));
            case "success" -> step.setSuccess(json.bool().orElse(null));
            case "finished" -> step.setFinished(json.bool().orElse(null));
            case "error" -> step.setError(error(json).orElse(null));
            case "event_type" -> step.setEventType(json.word().orElse(null));
            case "trigger" -> step.setTriggerSource(ApiJson.source(json).orElse(null));
            case "output" -> json.size(step::setOutputBytes);
            case "config" -> config(json, step);
            case "attempts" -> {
              List<Attempt> attempts = new ArrayList<>(1);
              json.array(() -> attempts.add(attempt(json)));
              step.setAttempts(List.copyOf(attempts));
            }
            default -> {}
          }
        });
    return step;
  }

  private static void config(StreamingJsonReader json, Step step) throws IOException {
    json.object(
        field -> {
          switch (field) {
            case "timeout" -> step.setTimeout(json.word().orElse(null));
            case "retries" ->
                json.object(
                    retry -> {
                      switch (retry) {
                        case "limit" ->
                            step.setRetryLimit(
                                json.number().isPresent() ? json.number().getAsLong() : null);
                        case "delay" -> step.setRetryDelay(json.word().orElse(null));
                        case "backoff" -> step.setBackoff(json.word().orElse(null));
                        default -> {}
                      }
                    });
            default -> {}
          }
        });
  }

  private Attempt attempt(StreamingJsonReader json) throws IOException {
    Attempt attempt = new Attempt();
    json.object(
        field -> {
          switch (field) {
            case "start" -> attempt.setStart(json.time().orElse(null));
            case "end" -> attempt.setEnd(json.time().orElse(null));
            case "success" -> attempt.setSuccess(json.bool().orElse(null));
            case "error" -> attempt.setError(error(json).orElse(null));
            default -> {}
          }
        });
    return attempt;
  }

  /** An error is an object with name and message, or, forgiven, a bare text. */
  private Optional<Error> error(StreamingJsonReader json) throws IOException {
    if (json.isNull()) {
      return Optional.empty();
    }
    if (!json.isObject()) {
      return json.text().map(message -> new Error("", errors.message(message)));
    }
    Error error = new Error("", "");
    json.object(
        field -> {
          switch (field) {
            case "name" -> error.setName(errors.name(json.text().orElse("")));
            case "message" -> error.setMessage(errors.message(json.text().orElse("")));
            default -> {}
          }
        });
    return Optional.of(error);
  }
}
