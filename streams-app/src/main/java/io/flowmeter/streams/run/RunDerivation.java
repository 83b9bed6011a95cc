package io.flowmeter.streams.run;

import io.flowmeter.schemas.fact.Instance;
import io.flowmeter.schemas.fact.StepRun;
import io.flowmeter.schemas.fact.Transition;
import io.flowmeter.schemas.observation.CurrentStep;
import io.flowmeter.schemas.observation.DetailPart;
import io.flowmeter.schemas.observation.Error;
import io.flowmeter.schemas.observation.InstanceRow;
import io.flowmeter.schemas.state.RunState;
import io.flowmeter.schemas.state.StatusSample;
import io.flowmeter.schemas.state.StepSeen;
import io.flowmeter.streams.error.ErrorGroup;
import io.flowmeter.streams.error.ErrorPattern;
import io.flowmeter.streams.run.RunFacts.StepFacts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.ToLongFunction;

/**
 * The facts that follow from what is known of a run: a function of its arguments and of nothing
 * else.
 */
public final class RunDerivation {
  static final String BY_API = "api";
  static final String SUPERSEDED = "superseded";
  static final String VANISHED = "vanished";
  private static final String LIVES = "";

  /** So far can the times lie apart that a row and a detail give for one and the same end. */
  private static final Duration SAME_END = Duration.ofMillis(100);

  private RunDerivation() {}

  /** When and how a run ended. The time is null where nobody told it. */
  private record Ending(String kind, Instant at) {
    boolean isEnded() {
      return !kind.equals(LIVES);
    }
  }

  /** All facts of the run. */
  public static RunFacts derive(RunKey run, RunKnowledge known) {
    return derive(run, known, Optional.empty()).facts();
  }

  /** Facts, and how those of steps were derived. */
  record Derived(RunFacts facts, StepDerivation steps) {}

  /**
   * All facts of the run.
   *
   * @param before what was derived before the touched steps of what is known were touched: other
   *     steps' facts are the very same objects again, unless the run gives them another meaning
   */
  static Derived derive(RunKey run, RunKnowledge known, Optional<Derived> before) {
    OptionalLong nextRun = known.nextRun();
    RunState state = known.state();
    Optional<DetailPart> header = known.header();
    Optional<InstanceRow> row = known.row();
    String status = known.status();

    Instant queuedAt =
        header.map(DetailPart::getQueued).orElseGet(() -> Instant.ofEpochMilli(run.run()));
    Instant startedAt =
        header.map(DetailPart::getStart).or(() -> row.map(InstanceRow::getStartedOn)).orElse(null);
    Ending ending = ending(status, known, nextRun);
    String versionId =
        header
            .map(DetailPart::getVersionId)
            .or(() -> row.map(InstanceRow::getVersionId))
            .orElse("");
    String triggerSource =
        header
            .map(DetailPart::getTriggerSource)
            .or(() -> row.map(InstanceRow::getTriggerSource))
            .orElse("unknown");

    long weight = header.map(RunDerivation::weight).orElse(1L);
    StepDerivation derivation =
        new StepDerivation(
            run, versionId, Optional.ofNullable(ending.at()), ending.isEnded(), weight);
    List<StepFacts> steps =
        before.isPresent() && before.get().steps().equals(derivation)
            ? stepsAgain(known, before.get())
            : steps(known, derivation);

    List<Transition> transitions =
        TransitionDerivation.of(
            run,
            queuedAt,
            startedAt,
            ending.kind().equals(BY_API) ? ending.at() : null,
            state.getSamples(),
            state.getEnds());

    boolean whole = isFetchedInFull(status, header);
    Instance instance = new Instance();
    instance.setAccountId(run.accountId());
    instance.setWorkflow(run.workflow());
    instance.setInstanceId(run.instanceId());
    instance.setRun(run.run());
    instance.setIsNewest(nextRun.isEmpty());
    instance.setVersionId(versionId);
    instance.setTriggerSource(triggerSource);
    instance.setStatus(status);
    instance.setQueuedAt(queuedAt);
    instance.setStartedAt(startedAt);
    instance.setEndedAt(ending.at());
    instance.setEndKind(ending.kind());
    instance.setReopened(reopened(state, status));
    instance.setPausedMs(pausedMs(transitions));
    instance.setWeight(whole ? weight : 0);
    instance.setDetailAt(header.isPresent() ? state.getDetail().getOrder().getAt() : null);
    instance.setObservedAt(state.getObservedAt());
    instance.setRevision(0);
    header.ifPresent(
        detail -> setDetail(instance, detail, steps, queuedAt, startedAt, ending.at()));
    if (!ending.isEnded()) {
      header
          .map(DetailPart::getCurrent)
          .ifPresent(current -> setCurrentStep(instance, current, known.steps()));
    }
    return new Derived(new RunFacts(instance, transitions, steps), derivation);
  }

  private static List<StepFacts> steps(RunKnowledge known, StepDerivation derivation) {
    List<StepFacts> steps = new ArrayList<>(known.steps().size());
    known.steps().values().forEach(step -> steps.add(derivation.of(step)));
    return steps;
  }

  private static List<StepFacts> stepsAgain(RunKnowledge known, Derived before) {
    List<StepFacts> earlier = before.facts().steps();
    List<StepFacts> steps = new ArrayList<>(known.steps().size());
    int at = 0;
    for (Map.Entry<Integer, List<StepSeen>> step : known.steps().entrySet()) {
      while (at < earlier.size() && earlier.get(at).stepRun().getStepIndex() < step.getKey()) {
        at++;
      }
      steps.add(
          known.touchedSteps().containsKey(step.getKey())
              ? before.steps().of(step.getValue())
              : earlier.get(at));
    }
    return steps;
  }

  /** How many runs the detail's run, and each of its steps, stands for; a live one for itself. */
  private static long weight(DetailPart detail) {
    if (detail.getWeight() < 1) {
      throw new IllegalArgumentException(
          "expected a detail of a weight of at least 1, came " + detail.getWeight());
    }
    return Status.isTerminal(detail.getStatus()) ? detail.getWeight() : 1;
  }

  /** The detail of the end is there: the run stands for itself and its like. */
  private static boolean isFetchedInFull(String status, Optional<DetailPart> header) {
    return Status.isTerminal(status)
        && header.filter(h -> h.getWhole() && Status.isTerminal(h.getStatus())).isPresent();
  }

  private static Ending ending(String status, RunKnowledge known, OptionalLong nextRun) {
    if (Status.isTerminal(status)) {
      return new Ending(BY_API, ownEnd(known));
    }
    Instant vanishedAt = known.state().getVanishedAt();
    StatusSample latest = known.state().getLatest();
    boolean vanished =
        vanishedAt != null && (latest == null || !latest.getAt().isAfter(vanishedAt));
    if (nextRun.isPresent()) {
      Instant replacedAt = Instant.ofEpochMilli(nextRun.getAsLong());
      if (!vanished || replacedAt.isBefore(vanishedAt)) {
        return new Ending(SUPERSEDED, replacedAt);
      }
    }
    return vanished ? new Ending(VANISHED, vanishedAt) : new Ending(LIVES, null);
  }

  /** As the detail told it, unless a row tells of a later one: then the run was re-opened since. */
  private static Instant ownEnd(RunKnowledge known) {
    Optional<Instant> listed = known.row().map(InstanceRow::getEndedOn);
    return known
        .header()
        .filter(detail -> Status.isTerminal(detail.getStatus()))
        .map(DetailPart::getEnd)
        .filter(published -> listed.filter(published.plus(SAME_END)::isBefore).isEmpty())
        .or(() -> listed)
        .orElse(null);
  }

  /** Ends that were left again. */
  private static int reopened(RunState state, String status) {
    int ends = state.getEnds().size();
    return Math.max(0, Status.isTerminal(status) ? ends - 1 : ends);
  }

  /** As polls sampled it; a pause that nobody saw the end of is not in it. */
  private static long pausedMs(List<Transition> transitions) {
    return transitions.stream()
        .filter(transition -> transition.getFromStatus().equals(Status.PAUSED))
        .mapToLong(Transition::getPreviousMs)
        .sum();
  }

  /** What a live run is at, named as its step runs are. */
  private static void setCurrentStep(
      Instance instance, CurrentStep current, Map<Integer, List<StepSeen>> steps) {
    List<StepSeen> known = steps.getOrDefault(current.getStepIndex(), List.of());
    boolean isKnown =
        !known.isEmpty() && current.getName().equals(StepDerivation.name(known.get(0).getStep()));
    instance.setCurrentStep(
        isKnown
            ? StepDerivation.step(known.get(0).getStep())
            : StepDerivation.step(current.getName()));
    instance.setCurrentType(current.getType());
    instance.setCurrentSince(current.getStart());
    instance.setCurrentAttempt(current.getAttempt() == 0 ? null : current.getAttempt());
  }

  private static void setDetail(
      Instance instance,
      DetailPart detail,
      List<StepFacts> steps,
      Instant queuedAt,
      Instant startedAt,
      Instant endedAt) {
    Optional<StepRun> failed = failedStep(steps);
    Error own = ErrorText.isEmpty(detail.getError()) ? null : detail.getError();
    instance.setQueueMs(DurationParser.between(queuedAt, startedAt));
    instance.setRunMs(DurationParser.between(startedAt, endedAt));
    instance.setTotalMs(DurationParser.between(queuedAt, endedAt));
    instance.setActiveMs(
        startedAt == null || endedAt == null
            ? null
            : Long.valueOf(ActiveTime.of(startedAt, endedAt, steps).ms()));
    instance.setSleepMs(wallOfType(steps, StepDerivation.SLEEP));
    instance.setEventWaitMs(wallOfType(steps, StepDerivation.WAIT_FOR_EVENT));
    instance.setLostMs(sum(steps, StepRun::getLostMs));
    instance.setStepCount(detail.getStepCount());
    instance.setAttempts(sum(steps, step -> isOfTypeStep(step) ? step.getAttempts() : 0));
    instance.setRetries(sum(steps, step -> isOfTypeStep(step) ? step.getRetries() : 0));
    instance.setFailedStep(failed.map(StepRun::getStep).orElse(""));
    instance.setErrorName(
        failed.map(StepRun::getErrorName).orElse(own == null ? null : own.getName()));
    instance.setErrorMessage(
        failed
            .map(StepRun::getErrorMessage)
            // A wait that timed out says nothing; the run's own error says how long it was.
            .filter(message -> own == null || !message.isEmpty())
            .orElse(own == null ? null : ErrorText.unwrapped(own.getMessage())));
    if (instance.getErrorName() != null) {
      setErrorGroup(instance);
    }
  }

  private static void setErrorGroup(Instance instance) {
    String message = instance.getErrorMessage();
    String pattern = message == null ? "" : ErrorPattern.of(message);
    instance.setErrorPattern(pattern);
    instance.setErrorGroup(
        ErrorGroup.of(
            instance.getAccountId(),
            instance.getWorkflow(),
            instance.getFailedStep(),
            instance.getErrorName(),
            pattern));
  }

  /**
   * The failed step with the latest end, if no later step began after it. Rollbacks are left out on
   * both sides: the failure is what they undo.
   */
  private static Optional<StepRun> failedStep(List<StepFacts> steps) {
    StepRun failed = null;
    for (StepFacts step : steps) {
      StepRun candidate = step.stepRun();
      boolean isFailed =
          candidate.getOutcome().equals(StepDerivation.FAILED)
              || candidate.getOutcome().equals(StepDerivation.TIMED_OUT);
      if (isFailed
          && !candidate.getType().equals(StepDerivation.ROLLBACK)
          && candidate.getEndedAt() != null
          && (failed == null || !candidate.getEndedAt().isBefore(failed.getEndedAt()))) {
        failed = candidate;
      }
    }
    if (failed == null) {
      return Optional.empty();
    }
    for (StepFacts step : steps) {
      StepRun later = step.stepRun();
      if (later.getStepIndex() > failed.getStepIndex()
          && !later.getType().equals(StepDerivation.TERMINATION)
          && !later.getType().equals(StepDerivation.ROLLBACK)
          && later.getStartedAt() != null
          && !later.getStartedAt().isBefore(failed.getEndedAt())) {
        return Optional.empty();
      }
    }
    return Optional.of(failed);
  }

  /** Its attempts count in the retry rate. */
  private static boolean isOfTypeStep(StepRun step) {
    return step.getType().equals(StepDerivation.STEP);
  }

  private static long wallOfType(List<StepFacts> steps, String type) {
    long sum = 0;
    for (StepFacts step : steps) {
      StepRun stepRun = step.stepRun();
      if (stepRun.getType().equals(type) && stepRun.getWallMs() != null) {
        sum += stepRun.getWallMs();
      }
    }
    return sum;
  }

  private static long sum(List<StepFacts> steps, ToLongFunction<StepRun> of) {
    long sum = 0;
    for (StepFacts step : steps) {
      sum += of.applyAsLong(step.stepRun());
    }
    return sum;
  }
}
