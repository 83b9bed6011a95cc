package io.flowmeter.verify.expected;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One life of an instance, as far as the API told of it. Times are epoch milliseconds.
 *
 * @param run names the life
 * @param next names the next life of the instance, if there is one
 * @param status the last that was told
 * @param start empty while nobody told one
 * @param ownEnd as the API told it; empty while the life goes on, and where its end was not seen
 * @param versionId empty where the source knows no versions
 * @param triggerSource {@code unknown} where the source does not tell
 * @param endsPublished how many ends details told, of which all but the one it is at were left
 *     again
 * @param detail the last that was told of its inside; empty where only rows told of it
 * @param vanished when it was found to be gone, where it lived as far as was told; else empty
 */
public record ReportedRun(
    String workflow,
    String instanceId,
    long run,
    Optional<Long> next,
    String status,
    long queued,
    Optional<Long> start,
    Optional<Long> ownEnd,
    String versionId,
    String triggerSource,
    int endsPublished,
    Optional<Detail> detail,
    Optional<Long> vanished) {

  /** Where nobody told what triggered an instance. */
  public static final String UNKNOWN_TRIGGER = "unknown";

  private static final Set<String> TERMINAL = Set.of("complete", "errored", "terminated");

  /**
   * The inside of a life.
   *
   * @param ended it was told after the life's end: nothing is to come
   */
  public record Detail(
      boolean ended, int stepCount, List<ReportedStep> steps, Optional<ReportedError> error) {}

  /** The same with other values that rows tell. */
  public ReportedRun with(
      String otherStatus,
      Optional<Long> otherStart,
      Optional<Long> otherEnd,
      String otherVersion,
      String otherTrigger) {
    return new ReportedRun(
        workflow,
        instanceId,
        run,
        next,
        otherStatus,
        queued,
        otherStart,
        otherEnd,
        otherVersion,
        otherTrigger,
        endsPublished,
        detail,
        vanished);
  }

  /** The same, gone at this moment, in epoch milliseconds. */
  public ReportedRun vanishedAt(long at) {
    return new ReportedRun(
        workflow,
        instanceId,
        run,
        next,
        status,
        queued,
        start,
        ownEnd,
        versionId,
        triggerSource,
        endsPublished,
        detail,
        Optional.of(at));
  }

  /** No later life of the same id is known. */
  public boolean newest() {
    return next.isEmpty();
  }

  /** It came to an end of its own, which the API told. */
  public boolean ended() {
    return TERMINAL.contains(status);
  }

  /** Ends that were told and left again. */
  public int reopened() {
    return Math.max(0, ended() ? endsPublished - 1 : endsPublished);
  }

  /** It ended, and its detail was told after that. */
  public boolean fetchedInFull() {
    return ended() && detail.filter(Detail::ended).isPresent();
  }

  /** api, superseded, vanished, or empty while it lives. */
  String endKind() {
    if (ended()) {
      return "api";
    }
    return !newest() ? "superseded" : vanished.isPresent() ? "vanished" : "";
  }

  /** Its own, else the moment at which the next life took its place, or at which it was gone. */
  public Optional<Long> end() {
    return ended() ? ownEnd : next.or(() -> vanished);
  }

  /** All entries of {@code steps}, in their order; none where no detail was told. */
  List<ExpectedStep> steps() {
    return detail.map(Detail::steps).orElse(List.of()).stream()
        .map(reported -> new ExpectedStep(reported, end()))
        .toList();
  }

  /**
   * Its run time without sleeps, waits and backoffs, unless an attempt was at work meanwhile; empty
   * where the run time is not known.
   */
  Optional<Long> activeMs() {
    if (detail.isEmpty() || start.isEmpty() || end().isEmpty()) {
      return Optional.empty();
    }
    Spans attempts = new Spans(start.get(), end().get());
    Spans all = new Spans(start.get(), end().get());
    for (ExpectedStep step : steps()) {
      step.addAttempts(attempts);
      step.addAttempts(all);
      step.addIdle(all);
    }
    long idle = all.covered() - attempts.covered();
    return Optional.of(end().get() - start.get() - idle);
  }

  /**
   * What it is at: of its steps that have not ended the one that began last. Only while it lives.
   */
  Optional<ReportedStep> current() {
    return endKind().isEmpty()
        ? detail.filter(inside -> !inside.ended()).stream()
            .flatMap(inside -> inside.steps().stream())
            .filter(step -> new ExpectedStep(step, Optional.empty()).outcome().equals("unfinished"))
            .max(
                Comparator.comparing((ReportedStep step) -> step.start().orElse(Long.MIN_VALUE))
                    .thenComparing(ReportedStep::index))
        : Optional.empty();
  }

  /**
   * The failed step with the latest end, if no step of a later position began after it. What undoes
   * a failure is neither.
   */
  Optional<ExpectedStep> failedStep() {
    List<ExpectedStep> steps = steps();
    return steps.stream()
        .filter(step -> step.failed() && !step.isRollback() && step.end().isPresent())
        .max(
            Comparator.comparing((ExpectedStep step) -> step.end().orElseThrow())
                .thenComparing(step -> step.reported().index()))
        .filter(failed -> steps.stream().noneMatch(later -> startedAfter(later, failed)));
  }

  private static boolean startedAfter(ExpectedStep later, ExpectedStep failed) {
    return later.reported().index() > failed.reported().index()
        && !later.isTermination()
        && !later.isRollback()
        && later.start().orElse(Long.MIN_VALUE) >= failed.end().orElseThrow();
  }

  /**
   * The error of the failed step's last attempt, else the instance's. A step that failed without a
   * message, as a wait does that timed out, takes that of the instance.
   */
  Optional<ReportedError> error() {
    Optional<ReportedError> ofInstance =
        detail.flatMap(Detail::error).map(ReportedError::unwrapped);
    Optional<String> message = ofInstance.map(ReportedError::message);
    return failedStep()
        .flatMap(ExpectedStep::error)
        .map(
            error ->
                error.message().isEmpty()
                    ? new ReportedError(error.name(), message.orElse(""))
                    : error)
        .or(() -> ofInstance);
  }
}
