package io.flowmeter.streams.run;

import io.flowmeter.schemas.fact.StepAttempt;
import io.flowmeter.schemas.fact.StepRun;
import io.flowmeter.schemas.observation.Attempt;
import io.flowmeter.schemas.observation.Error;
import io.flowmeter.schemas.observation.Step;
import io.flowmeter.schemas.state.StepSeen;
import io.flowmeter.streams.error.ErrorGroup;
import io.flowmeter.streams.error.ErrorPattern;
import io.flowmeter.streams.run.RunFacts.StepFacts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A step run and its attempts, from what the API told of the step.
 *
 * @param end when the run ended, if it did: what is unfinished is cut there
 * @param ended the run ended, though perhaps nobody told when
 * @param weight how many of its like the step stands for
 */
record StepDerivation(
    RunKey run, String versionId, Optional<Instant> end, boolean ended, long weight) {
  static final String STEP = "step";
  static final String SLEEP = "sleep";
  static final String WAIT_FOR_EVENT = "waitForEvent";
  static final String TERMINATION = "termination";
  static final String ROLLBACK = "rollback";

  static final String SUCCEEDED = "succeeded";
  static final String FAILED = "failed";
  static final String TIMED_OUT = "timed_out";
  static final String UNFINISHED = "unfinished";

  private static final Pattern COUNTER = Pattern.compile("-\\d+$");

  /** The name without its one trailing counter. */
  static String step(String name) {
    return COUNTER.matcher(name).replaceFirst("");
  }

  StepFacts of(List<StepSeen> stretches) {
    Step told = stretches.get(0).getStep();
    String name = told.getName() == null ? "" : told.getName();
    boolean termination = told.getType().equals(TERMINATION);
    String step = termination ? "" : step(name);
    List<StepAttempt> attempts = attempts(told, step, stretches);
    Error error = errorOf(told, stretches);
    String outcome = outcome(told, error);
    boolean unsuccessful = outcome.equals(FAILED) || outcome.equals(TIMED_OUT);
    boolean isStep = told.getType().equals(STEP);

    Instant startedAt = termination && told.getStart() == null ? end.orElse(null) : told.getStart();
    Instant endedAt = told.getEnd();
    if (endedAt == null && (termination || outcome.equals(UNFINISHED))) {
      endedAt = end.orElse(null);
    }
    Long wall = Durations.between(startedAt, endedAt);
    long attemptMs = attempts.stream().mapToLong(StepDerivation::duration).sum();
    Long backoff =
        !isStep || attempts.isEmpty()
            ? Long.valueOf(0)
            : wall == null ? null : Long.valueOf(wall - attemptMs);
    long failedMs = 0;
    int failedAttempts = 0;
    for (StepAttempt attempt : attempts) {
      if (Boolean.FALSE.equals(attempt.getSuccess())) {
        failedAttempts++;
        failedMs += duration(attempt);
      }
    }

    StepRun stepRun =
        StepRun.newBuilder()
            .setAccountId(run.accountId())
            .setWorkflow(run.workflow())
            .setInstanceId(run.instanceId())
            .setRun(run.run())
            .setStepIndex(told.getStepIndex())
            .setStep(step)
            .setStepName(name)
            .setType(told.getType())
            .setOutcome(outcome)
            .setStartedAt(startedAt)
            .setEndedAt(endedAt)
            .setWallMs(wall)
            .setAttemptMs(attemptMs)
            .setBackoffMs(backoff)
            .setAttempts(attempts.size())
            .setRetries(Math.max(0, attempts.size() - 1))
            .setRetryLimit(told.getRetryLimit())
            .setBackoff(told.getBackoff() == null ? "" : told.getBackoff())
            .setTimeoutMs(timeout(told))
            .setErrorName(unsuccessful && error != null ? error.getName() : null)
            .setErrorMessage(
                unsuccessful && error != null ? ErrorText.unwrapped(error.getMessage()) : null)
            .setErrorGroup(unsuccessful && error != null ? errorGroup(step, error) : null)
            .setVersionId(versionId)
            .setWeight(weight)
            .setFirstAttemptOk(
                !attempts.isEmpty() && Boolean.TRUE.equals(attempts.get(0).getSuccess()))
            .setFailedAttempts(failedAttempts)
            .setLostMs(failedMs + (backoff == null ? 0 : backoff))
            .setRevision(0)
            .build();
    return new StepFacts(stepRun, attempts);
  }

  private String errorGroup(String step, Error error) {
    String pattern = ErrorPattern.of(ErrorText.unwrapped(error.getMessage()));
    return ErrorGroup.of(run.accountId(), run.workflow(), step, error.getName(), pattern);
  }

  private List<StepAttempt> attempts(Step told, String step, List<StepSeen> stretches) {
    List<StepAttempt> attempts = new ArrayList<>();
    if (!told.getType().equals(STEP)) {
      // Only steps of type `step` are tried again; what else names attempts is carried as it is not
      // understood.
      return attempts;
    }
    Instant previousEnd = null;
    for (StepSeen stretch : stretches) {
      for (Attempt attempt : stretch.getStep().getAttempts()) {
        boolean unfinished = attempt.getSuccess() == null && attempt.getEnd() == null;
        Instant endedAt = unfinished && ended ? end.orElse(null) : attempt.getEnd();
        Error error = attempt.getError();
        attempts.add(
            StepAttempt.newBuilder()
                .setAccountId(run.accountId())
                .setWorkflow(run.workflow())
                .setInstanceId(run.instanceId())
                .setRun(run.run())
                .setStepIndex(told.getStepIndex())
                .setAttempt(attempts.size() + 1)
                .setStep(step)
                .setType(told.getType())
                .setVersionId(versionId)
                .setStartedAt(attempt.getStart())
                .setEndedAt(endedAt)
                .setSuccess(attempt.getSuccess())
                .setDurationMs(Durations.between(attempt.getStart(), endedAt))
                .setBackoffBeforeMs(
                    attempts.isEmpty()
                        ? Long.valueOf(0)
                        : Durations.between(previousEnd, attempt.getStart()))
                .setErrorName(ErrorText.isEmpty(error) ? null : error.getName())
                .setErrorMessage(
                    ErrorText.isEmpty(error) ? null : ErrorText.unwrapped(error.getMessage()))
                .setWeight(weight)
                .setRevision(0)
                .build());
        previousEnd = endedAt;
      }
    }
    return attempts;
  }

  private static long duration(StepAttempt attempt) {
    return attempt.getDurationMs() == null ? 0 : attempt.getDurationMs();
  }

  /** The last attempt's error, or the step's own. */
  private static Error errorOf(Step told, List<StepSeen> stretches) {
    List<Attempt> last = stretches.get(stretches.size() - 1).getStep().getAttempts();
    Error ofAttempt = last.isEmpty() ? null : last.get(last.size() - 1).getError();
    Error error = ErrorText.isEmpty(ofAttempt) ? told.getError() : ofAttempt;
    return ErrorText.isEmpty(error) ? null : error;
  }

  private static String outcome(Step told, Error error) {
    return switch (told.getType()) {
      case TERMINATION -> SUCCEEDED;
      case STEP -> bySuccess(told.getSuccess(), error);
      case SLEEP, WAIT_FOR_EVENT -> byFinished(told.getFinished(), error);
      default ->
          told.getSuccess() != null
              ? bySuccess(told.getSuccess(), error)
              : byFinished(told.getFinished(), error);
    };
  }

  private static String bySuccess(Boolean success, Error error) {
    if (success == null) {
      return UNFINISHED;
    }
    return success ? SUCCEEDED : unsuccessful(error);
  }

  private static String byFinished(Boolean finished, Error error) {
    if (finished == null || !finished) {
      return UNFINISHED;
    }
    return error == null ? SUCCEEDED : unsuccessful(error);
  }

  private static String unsuccessful(Error error) {
    return error != null && ErrorText.isTimeout(error) ? TIMED_OUT : FAILED;
  }

  private static Long timeout(Step told) {
    return told.getTimeout() == null
        ? null
        : Durations.milliseconds(told.getTimeout()).orElse(null);
  }
}
