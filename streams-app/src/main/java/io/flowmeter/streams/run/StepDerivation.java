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

  /** The step that ingest told, or the name without its one trailing counter. */
  static String step(Step reported) {
    return reported.getStep() != null ? reported.getStep() : step(name(reported));
  }

  /** The name as the API gave it; empty where it gave none. */
  static String name(Step reported) {
    return reported.getName() == null ? "" : reported.getName();
  }

  /** The name without its one trailing counter. */
  static String step(String name) {
    int digits = name.length();
    while (digits > 0 && name.charAt(digits - 1) >= '0' && name.charAt(digits - 1) <= '9') {
      digits--;
    }
    boolean counted = digits > 0 && digits < name.length() && name.charAt(digits - 1) == '-';
    return counted ? name.substring(0, digits - 1) : name;
  }

  StepFacts of(List<StepSeen> stretches) {
    Step reported = stretches.get(0).getStep();
    boolean termination = reported.getType().equals(TERMINATION);
    String step = termination ? "" : step(reported);
    List<StepAttempt> attempts = attempts(reported, step, stretches);
    Error error = errorOf(reported, stretches);
    String outcome = outcome(reported, error);
    boolean unsuccessful = outcome.equals(FAILED) || outcome.equals(TIMED_OUT);
    boolean isStep = reported.getType().equals(STEP);

    Instant startedAt =
        termination && reported.getStart() == null ? end.orElse(null) : reported.getStart();
    Instant endedAt = reported.getEnd();
    if (endedAt == null && (termination || outcome.equals(UNFINISHED))) {
      endedAt = end.orElse(null);
    }
    Long wall = DurationParser.between(startedAt, endedAt);
    long attemptMs = 0;
    for (StepAttempt attempt : attempts) {
      attemptMs += duration(attempt);
    }
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

    StepRun stepRun = new StepRun();
    stepRun.setAccountId(run.accountId());
    stepRun.setWorkflow(run.workflow());
    stepRun.setInstanceId(run.instanceId());
    stepRun.setRun(run.run());
    stepRun.setStepIndex(reported.getStepIndex());
    stepRun.setStep(step);
    stepRun.setStepName(name(reported));
    stepRun.setType(reported.getType());
    stepRun.setOutcome(outcome);
    stepRun.setStartedAt(startedAt);
    stepRun.setEndedAt(endedAt);
    stepRun.setWallMs(wall);
    stepRun.setAttemptMs(attemptMs);
    stepRun.setBackoffMs(backoff);
    stepRun.setAttempts(attempts.size());
    stepRun.setRetries(Math.max(0, attempts.size() - 1));
    stepRun.setRetryLimit(reported.getRetryLimit());
    stepRun.setBackoff(reported.getBackoff() == null ? "" : reported.getBackoff());
    stepRun.setTimeoutMs(timeout(reported));
    stepRun.setErrorName(unsuccessful && error != null ? error.getName() : null);
    stepRun.setErrorMessage(
        unsuccessful && error != null ? ErrorText.unwrapped(error.getMessage()) : null);
    stepRun.setErrorGroup(unsuccessful && error != null ? errorGroup(step, error) : null);
    stepRun.setVersionId(versionId);
    stepRun.setWeight(weight);
    stepRun.setFirstAttemptOk(
        !attempts.isEmpty() && Boolean.TRUE.equals(attempts.get(0).getSuccess()));
    stepRun.setFailedAttempts(failedAttempts);
    stepRun.setLostMs(failedMs + (backoff == null ? 0 : backoff));
    stepRun.setRevision(0);
    return new StepFacts(stepRun, attempts);
  }

  private String errorGroup(String step, Error error) {
    String pattern = ErrorPattern.of(ErrorText.unwrapped(error.getMessage()));
    return ErrorGroup.of(run.accountId(), run.workflow(), step, error.getName(), pattern);
  }

  private List<StepAttempt> attempts(Step reported, String step, List<StepSeen> stretches) {
    List<StepAttempt> attempts = new ArrayList<>();
    Instant previousEnd = null;
    for (StepSeen seen : stretches) {
      for (Attempt attempt : seen.getStep().getAttempts()) {
        boolean unfinished = attempt.getSuccess() == null && attempt.getEnd() == null;
        Instant endedAt = unfinished && ended ? end.orElse(null) : attempt.getEnd();
        Error error = attempt.getError();
        StepAttempt row = new StepAttempt();
        row.setAccountId(run.accountId());
        row.setWorkflow(run.workflow());
        row.setInstanceId(run.instanceId());
        row.setRun(run.run());
        row.setStepIndex(reported.getStepIndex());
        row.setAttempt(attempts.size() + 1);
        row.setStep(step);
        row.setType(reported.getType());
        row.setVersionId(versionId);
        row.setStartedAt(attempt.getStart());
        row.setEndedAt(endedAt);
        row.setSuccess(attempt.getSuccess());
        row.setDurationMs(DurationParser.between(attempt.getStart(), endedAt));
        row.setBackoffBeforeMs(
            attempts.isEmpty()
                ? Long.valueOf(0)
                : DurationParser.between(previousEnd, attempt.getStart()));
        row.setErrorName(ErrorText.isEmpty(error) ? null : error.getName());
        row.setErrorMessage(
            ErrorText.isEmpty(error) ? null : ErrorText.unwrapped(error.getMessage()));
        row.setWeight(weight);
        row.setRevision(0);
        attempts.add(row);
        previousEnd = endedAt;
      }
    }
    return attempts;
  }

  private static long duration(StepAttempt attempt) {
    return attempt.getDurationMs() == null ? 0 : attempt.getDurationMs();
  }

  /** The last attempt's error, or the step's own. */
  private static Error errorOf(Step reported, List<StepSeen> stretches) {
    List<Attempt> last = stretches.get(stretches.size() - 1).getStep().getAttempts();
    Error ofAttempt = last.isEmpty() ? null : last.get(last.size() - 1).getError();
    Error error = ErrorText.isEmpty(ofAttempt) ? reported.getError() : ofAttempt;
    return ErrorText.isEmpty(error) ? null : error;
  }

  private static String outcome(Step reported, Error error) {
    return switch (reported.getType()) {
      case TERMINATION -> SUCCEEDED;
      case STEP -> bySuccess(reported.getSuccess(), error);
      case SLEEP, WAIT_FOR_EVENT -> byFinished(reported.getFinished(), error);
      default ->
          reported.getSuccess() != null
              ? bySuccess(reported.getSuccess(), error)
              : byFinished(reported.getFinished(), error);
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

  private static Long timeout(Step reported) {
    return reported.getTimeout() == null
        ? null
        : DurationParser.milliseconds(reported.getTimeout()).orElse(null);
  }
}
