package io.flowmeter.verify.expected;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.flowmeter.verify.Comparison;
import io.flowmeter.verify.relation.Relation;
import io.flowmeter.verify.relation.Row;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The expectations themselves, held against examples worked out by hand. */
class ExpectedRelationsTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void theWorkedExampleOfTheDefinitions() {
    ExpectedRelations expected = expected("errored-retries-exhausted");

    Row step = expected.rows(Relation.STEP_RUNS).get(1);
    assertThat(step.values())
        .containsAllEntriesOf(
            Map.ofEntries(
                Map.entry("step", "post to ledger"),
                Map.entry("step_name", "post to ledger-1"),
                Map.entry("outcome", "failed"),
                Map.entry("wall_ms", 679L),
                Map.entry("attempts", 3L),
                Map.entry("attempt_ms", 73L),
                Map.entry("backoff_ms", 606L),
                Map.entry("retries", 2L),
                Map.entry("retry_limit", 2L),
                Map.entry("failed_attempts", 3L),
                Map.entry("lost_ms", 679L),
                Map.entry("timeout_ms", 5_000L),
                Map.entry("error_name", "RangeError")));
    assertThat(expected.rows(Relation.STEP_ATTEMPTS).stream().skip(1))
        .extracting(row -> List.of(row.get("duration_ms"), row.get("backoff_before_ms")))
        .containsExactly(List.of(39L, 0L), List.of(17L, 203L), List.of(17L, 403L));
    Row run = expected.rows(Relation.INSTANCES).get(0);
    assertThat(run.values())
        .containsAllEntriesOf(
            Map.of(
                "queue_ms", 0L,
                "run_ms", 693L,
                "active_ms", 87L,
                "attempts", 4L,
                "retries", 2L,
                "lost_ms", 679L,
                "failed_step", "post to ledger",
                "error_name", "RangeError",
                "error_message", "ledger rejected: balance < 0"));
    assertThat(
            ExpectedMinutes.ofStepRuns(
                expected.rows(Relation.STEP_RUNS), expected.rows(Relation.INSTANCES)))
        .anySatisfy(
            minute ->
                assertThat(minute.values())
                    .containsAllEntriesOf(
                        Map.of(
                            "step", "post to ledger",
                            "runs", 1L,
                            "failed", 1L,
                            "exhausted", 1L,
                            "attempts", 3L,
                            "wall_buckets", Map.of(330L, 1L),
                            "wall_ms_max", 688L)));
  }

  @Test
  void aRunThatLivesWithItsFailuresHasNoFailedStep() {
    ExpectedRelations expected = expected("flaky-complete");

    Row run = expected.rows(Relation.INSTANCES).get(0);
    assertThat(run.values())
        .containsEntry("status", "complete")
        .containsEntry("failed_step", "")
        .containsEntry("error_name", null);
    assertThat(expected.rows(Relation.STEP_RUNS))
        .extracting(row -> row.text("step") + ": " + row.text("outcome"))
        .contains("too slow: timed_out", "optional enrich: failed", "skip enrich: succeeded");
  }

  @Test
  void anEventThatDoesNotComeInTimeFailsItsRun() {
    ExpectedRelations expected = expected("event-timeout-errored");

    assertThat(expected.rows(Relation.STEP_RUNS).get(1).values())
        .containsEntry("type", "waitForEvent")
        .containsEntry("outcome", "timed_out")
        .containsEntry("attempts", 0L)
        .containsEntry("wall_ms", 2_005L);
    assertThat(expected.rows(Relation.INSTANCES).get(0).values())
        .containsEntry("failed_step", "wait approval")
        .containsEntry("error_name", "WorkflowTimeoutError")
        .containsEntry("error_message", "WorkflowTimeoutError: Execution timed out after 2000ms")
        .containsEntry("event_wait_ms", 2_005L);
  }

  @Test
  void aRollbackIsAStepRunOfItsOwnTypeWithAttemptsAndWithoutBackoff() {
    ExpectedRelations expected = expected("errored-rollback-failed");

    assertThat(expected.rows(Relation.STEP_RUNS))
        .extracting(row -> row.text("type") + " " + row.text("step") + ": " + row.text("outcome"))
        .containsExactly(
            "step book flight: succeeded", "step pay: failed", "rollback book flight: failed");
    assertThat(expected.rows(Relation.STEP_RUNS).get(2).values())
        .containsEntry("attempts", 2L)
        .containsEntry("retries", 1L)
        .containsEntry("failed_attempts", 2L)
        .containsEntry("backoff_ms", 0L)
        .containsEntry("wall_ms", 2_101L)
        .containsEntry("retry_limit", 1L)
        .containsEntry("error_message", "airline answered 503");
  }

  @Test
  void whatUndoesAFailureIsNotTheFailure() {
    assertThat(expected("errored-rollback-failed").rows(Relation.INSTANCES).get(0).values())
        .containsEntry("failed_step", "pay")
        .containsEntry("error_name", "Error")
        .containsEntry("error_message", "card declined");
  }

  @Test
  void whatIsUnfinishedIsCutAtTheRunsEnd() {
    ExpectedRelations expected = expected("terminated-in-backoff");

    assertThat(expected.rows(Relation.STEP_RUNS).get(2).values())
        .containsAllEntriesOf(
            Map.of(
                "outcome", "unfinished",
                "wall_ms", 299L,
                "attempt_ms", 17L,
                "backoff_ms", 282L,
                "retries", 0L,
                "lost_ms", 299L));
    assertThat(expected.rows(Relation.INSTANCES).get(0).values())
        .containsEntry("status", "terminated")
        .containsEntry("failed_step", "");
  }

  @Test
  void aBackoffThatTheRunsEndCutsIsNoWork() {
    // Of 584 ms it slept 91 and was in a backoff for 282.
    assertThat(life("terminated-in-backoff").activeMs()).hasValue(211L);
  }

  @Test
  void spansCountOnceWhatTheyShare() {
    Spans spans = new Spans(100, 200);
    spans.add(Optional.of(150L), Optional.of(170L));
    spans.add(Optional.of(50L), Optional.of(120L));
    spans.add(Optional.of(160L), Optional.of(180L));
    spans.add(Optional.of(110L), Optional.of(115L));
    spans.add(Optional.of(190L), Optional.empty());
    spans.add(Optional.of(210L), Optional.of(220L));

    assertThat(spans.covered()).isEqualTo(50);
  }

  @Test
  void aLiveRunIsAtItsUnfinishedStepOfLatestStart() throws IOException {
    JsonNode detail =
        JSON.readTree(
            """
            {"status": "running", "queued": "2026-11-24T12:00:00Z", "steps": [
              {"type": "step", "name": "load-1", "start": "2026-11-24T12:00:03Z", "success": null,
               "attempts": [{"start": "2026-11-24T12:00:03Z", "success": false}, {"start": "2026-11-24T12:00:04Z"}]},
              {"type": "sleep", "name": "nap-1", "start": "2026-11-24T12:00:01Z", "finished": false},
              {"type": "step", "name": "done-1", "start": "2026-11-24T12:00:05Z", "end": "2026-11-24T12:00:06Z",
               "success": true, "attempts": []}]}
            """);
    ReportedRun run = RunJson.run("w", "a", 0, Optional.empty(), detail);

    assertThat(ExpectedRelations.of("local", List.of(run)).rows(Relation.INSTANCES).get(0).values())
        .containsEntry("current_step", "load")
        .containsEntry("current_type", "step")
        .containsEntry("current_since", 1795521603000L)
        .containsEntry("current_attempt", 2L);
  }

  @Test
  void runsWithTheSameErrorAreOneGroup() {
    ReportedRun reportedRun = life("errored-retries-exhausted");
    long end = reportedRun.end().orElseThrow();

    Row run = ExpectedRelations.of("local", List.of(reportedRun)).rows(Relation.INSTANCES).get(0);
    Row step = ExpectedRelations.of("local", List.of(reportedRun)).rows(Relation.STEP_RUNS).get(1);
    assertThat(step.get("error_group")).isEqualTo(run.get("error_group"));
    Row other = run.without(List.of()).with("instance_id", "another").with("version_id", "v2");
    other.with("ended_at", end + 5).with("weight", 0L);
    assertThat(ErrorGroups.of(List.of(run, other, run.without(List.of("error_group")))))
        .singleElement()
        .satisfies(
            group ->
                assertThat(group.values())
                    .containsAllEntriesOf(
                        Map.of(
                            "workflow", "billing",
                            "step", "post to ledger",
                            "error_name", "RangeError",
                            "message_pattern", "ledger rejected: balance < {}",
                            "first_seen", end,
                            "last_seen", end + 5,
                            "runs", 2L,
                            "versions", List.of("", "v2"),
                            "sample_instance_id", "another")));
  }

  @Test
  void aStepThatEndedThoughNobodyToldWhenCountsInTheMinuteOfItsRunsEnd() throws IOException {
    JsonNode detail =
        JSON.readTree(
            """
            {"status": "complete", "queued": "2026-11-24T12:00:00Z", "start": "2026-11-24T12:00:00Z",
             "end": "2026-11-24T12:01:07Z", "steps": [
              {"type": "step", "name": "load-1", "start": "2026-11-24T12:00:03Z", "success": true,
               "attempts": [{"start": "2026-11-24T12:00:03Z", "success": true}]}]}
            """);
    ExpectedRelations expected =
        ExpectedRelations.of("local", List.of(RunJson.run("w", "a", 0, Optional.empty(), detail)));

    assertThat(expected.rows(Relation.STEP_RUNS).get(0).values())
        .containsEntry("outcome", "succeeded")
        .containsEntry("ended_at", null)
        .containsEntry("wall_ms", null);
    assertThat(expected.rows(Relation.STEP_ATTEMPTS).get(0).values())
        .containsEntry("ended_at", null);
    assertThat(
            ExpectedMinutes.ofStepRuns(
                expected.rows(Relation.STEP_RUNS), expected.rows(Relation.INSTANCES)))
        .singleElement()
        .satisfies(
            minute ->
                assertThat(minute.values())
                    .containsEntry("minute", 1795521660000L)
                    .containsEntry("runs", 1L)
                    .containsEntry("wall_buckets", Map.of()));
  }

  @Test
  void aLaterLifeIsNamedByItsQueued() throws IOException {
    JsonNode first = detail("terminated");
    JsonNode second = detail("errored-retries-exhausted");
    JsonNode row = JSON.readTree("{\"id\": \"a\", \"created_on\": \"2026-11-24T12:22:26.200Z\"}");

    List<ReportedRun> runs = RunJson.runs("w", row, List.of(first, second));

    assertThat(runs).extracting(ReportedRun::newest).containsExactly(false, true);
    assertThat(runs)
        .extracting(ReportedRun::run)
        .containsExactly(1795522946200L, runs.get(1).queued());
    assertThat(ExpectedRelations.of("local", runs).rows(Relation.STATUS_COUNTS_NOW))
        .extracting(Row::toString)
        .containsExactly("{account_id=local, workflow=w, status=errored, count=1}");
  }

  @Test
  void bucketsHoldAboutTwoPercentEach() {
    assertThat(ExpectedBuckets.key(0)).isEqualTo(-1);
    assertThat(ExpectedBuckets.key(1)).isZero();
    assertThat(ExpectedBuckets.key(2)).isEqualTo(36);
    assertThat(ExpectedBuckets.key(679)).isEqualTo(330);
    assertThat(ExpectedBuckets.key(86_400_000)).isEqualTo(923);
    assertThat(ExpectedBuckets.upperEdge(-1)).isZero();
    for (long ms = 1; ms < 100_000; ms++) {
      long key = ExpectedBuckets.key(ms);
      assertThat(ms)
          .isBetween(ExpectedBuckets.upperEdge(key - 1) + 1, ExpectedBuckets.upperEdge(key));
    }
  }

  @Test
  void differencesAreToldByKeyAndColumn() {
    Row row = expected("terminated").rows(Relation.STATUS_COUNTS_NOW).get(0);
    Row other = new Row();
    row.values().forEach(other::with);
    other.with("count", 2L);
    Row unknown = new Row().with("account_id", "local").with("workflow", "x").with("status", "?");
    List<Row> found = new ArrayList<>(List.of(other, other, unknown));

    Comparison comparison = new Comparison();
    comparison.add(Relation.STATUS_COUNTS_NOW, List.of(row), found);

    assertThat(comparison.summary()).isEqualTo("verified 1 facts: missing 0, double 1, wrong 2");
    assertThat(comparison.differences())
        .extracting(Comparison.Difference::toString)
        .contains(
            "wrong in status_counts_now: [local, billing, terminated]: count: expected 1, found 2");
    assertThat(comparison.isClean()).isFalse();
  }

  @Test
  void anEndThatWasToldAndIsNotItsStatusAnyMoreWasLeftAgain() {
    ReportedRun ended = life("errored-retries-exhausted");
    ReportedRun waits =
        ended.with("waiting", ended.start(), Optional.empty(), "v1", ended.triggerSource());

    assertThat(ended.reopened()).isZero();
    assertThat(waits.reopened()).isEqualTo(1);
  }

  private static ExpectedRelations expected(String name) {
    return ExpectedRelations.of("local", List.of(life(name)));
  }

  private static ReportedRun life(String name) {
    JsonNode detail = detail(name);
    long run = ExpectedDurations.time(detail.get("queued")).orElseThrow();
    return RunJson.run("billing", name, run, Optional.empty(), detail);
  }

  private static JsonNode detail(String name) {
    try (InputStream in =
        ExpectedRelationsTest.class.getResourceAsStream("/details/" + name + ".json")) {
      return JSON.readTree(Objects.requireNonNull(in, name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
