package io.flowmeter.verify.expected;

import io.flowmeter.verify.relation.Relation;
import io.flowmeter.verify.relation.Row;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/**
 * The rows of the relations of facts that some lives of instances come to, by the definitions of
 * the metrics. What was told of a life determines all of it; what was not told is left out or NULL.
 */
public final class ExpectedRelations {

  /** What only a detail tells of a run, as {@code instances} has it. */
  public static final Set<String> DETAIL_COLUMNS =
      Set.of(
          "queue_ms",
          "run_ms",
          "total_ms",
          "active_ms",
          "step_count",
          "sleep_ms",
          "event_wait_ms",
          "lost_ms",
          "attempts",
          "retries",
          "failed_step",
          "error_name",
          "error_message",
          "error_group",
          "current_step",
          "current_type",
          "current_since",
          "current_attempt");

  private final Map<Relation, List<Row>> rows = new EnumMap<>(Relation.class);
  private final String account;
  private final ToLongFunction<ReportedRun> weights;

  private ExpectedRelations(String account, ToLongFunction<ReportedRun> weights) {
    this.account = account;
    this.weights = weights;
  }

  /** Where nothing is sampled: every life that was fetched in full stands for itself. */
  public static ExpectedRelations of(String account, Collection<ReportedRun> runs) {
    return of(account, runs, run -> 1);
  }

  /**
   * @param weights of how many runs a life that was fetched in full stands for
   */
  public static ExpectedRelations of(
      String account, Collection<ReportedRun> runs, ToLongFunction<ReportedRun> weights) {
    ExpectedRelations expected = new ExpectedRelations(account, weights);
    for (ReportedRun run : runs) {
      expected.add(Relation.INSTANCES, expected.instance(run));
      for (ExpectedStep step : run.steps()) {
        expected.add(Relation.STEP_RUNS, expected.stepRun(run, step));
        expected.stepAttempts(run, step).forEach(row -> expected.add(Relation.STEP_ATTEMPTS, row));
      }
    }
    expected.rows.put(Relation.ERROR_GROUPS, ErrorGroups.of(expected.rows(Relation.INSTANCES)));
    expected.rows.put(Relation.STATUS_COUNTS_NOW, expected.statusCounts(runs));
    return expected;
  }

  /** The rows of one of the relations of facts, or of {@code status_counts_now}. */
  public List<Row> rows(Relation relation) {
    return rows.getOrDefault(relation, List.of());
  }

  private void add(Relation relation, Row row) {
    rows.computeIfAbsent(relation, any -> new ArrayList<>()).add(row);
  }

  private Row key(ReportedRun run) {
    return new Row()
        .with("account_id", account)
        .with("workflow", run.workflow())
        .with("instance_id", run.instanceId())
        .with("run", run.run());
  }

  private Row instance(ReportedRun run) {
    Row row =
        key(run)
            .with("is_newest", run.newest())
            .with("version_id", run.versionId())
            .with("trigger_source", run.triggerSource())
            .with("status", run.status())
            .with("queued_at", run.queued())
            .with("started_at", run.start().orElse(null))
            .with("ended_at", run.end().orElse(null))
            .with("end_kind", run.endKind())
            .with("reopened", run.reopened())
            .with("weight", run.fetchedInFull() ? weights.applyAsLong(run) : 0);
    List<ExpectedStep> steps = run.steps();
    List<ExpectedStep> plain = steps.stream().filter(ExpectedStep::isPlain).toList();
    boolean published = run.detail().isPresent();
    Optional<ReportedStep> current = run.current();
    row.with(
            "current_step",
            current.map(step -> new ExpectedStep(step, Optional.empty()).step()).orElse(null))
        .with("current_type", current.map(ReportedStep::type).orElse(null))
        .with("current_since", current.flatMap(ReportedStep::start).orElse(null))
        .with(
            "current_attempt",
            current.map(step -> step.attempts().size()).filter(n -> n > 0).orElse(null));
    return row.with("queue_ms", published ? between(Optional.of(run.queued()), run.start()) : null)
        .with("run_ms", published ? between(run.start(), run.end()) : null)
        .with("total_ms", published ? between(Optional.of(run.queued()), run.end()) : null)
        .with("active_ms", run.activeMs().orElse(null))
        .with("step_count", run.detail().map(ReportedRun.Detail::stepCount).orElse(null))
        .with("sleep_ms", published ? wallMs(steps, "sleep") : null)
        .with("event_wait_ms", published ? wallMs(steps, "waitForEvent") : null)
        .with("lost_ms", published ? sum(steps, ExpectedStep::lostMs) : null)
        .with("attempts", published ? sum(plain, step -> step.attempts().size()) : null)
        .with("retries", published ? sum(plain, ExpectedStep::retries) : null)
        .with("failed_step", published ? run.failedStep().map(ExpectedStep::step).orElse("") : null)
        .with("error_name", run.error().map(ReportedError::name).orElse(null))
        .with("error_message", run.error().map(ReportedError::message).orElse(null))
        .with(
            "error_group",
            run.error()
                .map(
                    error -> group(run, run.failedStep().map(ExpectedStep::step).orElse(""), error))
                .orElse(null));
  }

  private String group(ReportedRun run, String step, ReportedError error) {
    return ErrorGroups.name(account, run.workflow(), step, error);
  }

  private static Long between(Optional<Long> from, Optional<Long> to) {
    return from.isPresent() && to.isPresent() ? to.get() - from.get() : null;
  }

  private static long sum(List<ExpectedStep> steps, ToLongFunction<ExpectedStep> of) {
    return steps.stream().mapToLong(of).sum();
  }

  private static long wallMs(List<ExpectedStep> steps, String type) {
    return steps.stream()
        .filter(step -> step.reported().type().equals(type))
        .mapToLong(step -> step.wallMs().orElse(0L))
        .sum();
  }

  /** A life with a told live detail is never sampled, so that its steps stand for themselves. */
  private long stepWeight(ReportedRun run) {
    return run.fetchedInFull() ? weights.applyAsLong(run) : 1;
  }

  private Row stepRun(ReportedRun run, ExpectedStep step) {
    return key(run)
        .with("step_index", step.reported().index())
        .with("step", step.step())
        .with("step_name", step.reported().name())
        .with("type", step.reported().type())
        .with("outcome", step.outcome())
        .with("started_at", step.start().orElse(null))
        .with("ended_at", step.end().orElse(null))
        .with("wall_ms", step.wallMs().orElse(null))
        .with("attempt_ms", step.attemptMs())
        .with("backoff_ms", step.backoffMs().orElse(null))
        .with("attempts", step.attempts().size())
        .with("retries", step.retries())
        .with("retry_limit", step.reported().retryLimit().orElse(null))
        .with("backoff", step.reported().backoff())
        .with("timeout_ms", step.reported().timeoutMs().orElse(null))
        .with("error_name", step.error().map(ReportedError::name).orElse(null))
        .with("error_message", step.error().map(ReportedError::message).orElse(null))
        .with("error_group", step.error().map(error -> group(run, step.step(), error)).orElse(null))
        .with("version_id", run.versionId())
        .with("weight", stepWeight(run))
        .with("first_attempt_ok", step.firstAttemptOk())
        .with("failed_attempts", step.failedAttempts().size())
        .with("lost_ms", step.lostMs());
  }

  private List<Row> stepAttempts(ReportedRun run, ExpectedStep step) {
    List<Row> attempts = new ArrayList<>();
    Optional<Long> previousEnd = Optional.empty();
    for (ExpectedStep.Attempt attempt : step.attempts()) {
      Optional<Long> start = Optional.of(attempt.reported().start());
      attempts.add(
          key(run)
              .with("step_index", step.reported().index())
              .with("attempt", attempt.number())
              .with("step", step.step())
              .with("type", step.reported().type())
              .with("version_id", run.versionId())
              .with("started_at", attempt.reported().start())
              .with("ended_at", attempt.end().orElse(null))
              .with("success", attempt.reported().success().orElse(null))
              .with("duration_ms", attempt.durationMs().orElse(null))
              .with(
                  "backoff_before_ms",
                  attempt.number() == 1 ? Long.valueOf(0) : between(previousEnd, start))
              .with("error_name", attempt.error().map(ReportedError::name).orElse(null))
              .with("error_message", attempt.error().map(ReportedError::message).orElse(null))
              .with("weight", stepWeight(run)));
      previousEnd = attempt.end();
    }
    return attempts;
  }

  private List<Row> statusCounts(Collection<ReportedRun> runs) {
    Map<String, Row> counts = new TreeMap<>();
    for (ReportedRun run : runs) {
      if (run.newest() && run.vanished().isEmpty()) {
        counts
            .computeIfAbsent(
                run.workflow() + '\0' + run.status(),
                any ->
                    new Row()
                        .with("account_id", account)
                        .with("workflow", run.workflow())
                        .with("status", run.status()))
            .plus("count", 1);
      }
    }
    return List.copyOf(counts.values());
  }
}
