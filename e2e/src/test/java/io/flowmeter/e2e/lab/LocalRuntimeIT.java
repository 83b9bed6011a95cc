package io.flowmeter.e2e.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.flowmeter.e2e.FreshDirectory;
import io.flowmeter.verify.Comparison;
import io.flowmeter.verify.Transitions;
import io.flowmeter.verify.expected.ExpectedMinutes;
import io.flowmeter.verify.expected.ExpectedRelations;
import io.flowmeter.verify.expected.ReportedRun;
import io.flowmeter.verify.relation.Relation;
import io.flowmeter.verify.relation.RelationReader;
import io.flowmeter.verify.relation.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The whole pipeline against Cloudflare's own runtime: what the relations say must be exactly what
 * the API's final JSON says. Half-way the pipeline is killed and started again, while instances go
 * on; in the end it is stopped and started once more.
 */
class LocalRuntimeIT {

  private static final Path LAB = Path.of(System.getProperty("flowmeter.home"), "e2e", "lab");
  private static final Duration CATCHES_UP_WITHIN = Duration.ofSeconds(120);

  /** In the build's folder, so that all logs are there after a failure. */
  private static final Path DIRECTORY =
      Path.of(System.getProperty("flowmeter.home"), "e2e", "target", "local-runtime");

  private static final String ACCOUNT = "local";

  private volatile Pipeline pipeline;

  @BeforeAll
  static void beginWithoutAnything() throws IOException {
    FreshDirectory.at(DIRECTORY);
  }

  @Test
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void theRelationsSayExactlyWhatTheApiSays() throws Exception {
    Path data = DIRECTORY.resolve("data");
    Path log = DIRECTORY.resolve("up.log");
    try (LocalRuntime runtime = LocalRuntime.start(LAB, DIRECTORY.resolve("lab"))) {
      ExplorerApi api = runtime.api();
      pipeline = Pipeline.start(api.base(), data, log);
      try {
        List<Scenario> scenarios = new ArrayList<>(Scenarios.all("first"));
        Play first = play(scenarios, api);
        await("the middle of the first wave")
            .atMost(CATCHES_UP_WITHIN)
            .until(() -> pipeline.reader().rows(Relation.STEP_RUNS).size() > 100);

        pipeline.kill();
        List<Scenario> meanwhile = Scenarios.all("second");
        scenarios.addAll(meanwhile);
        Play second = play(meanwhile, api);
        pipeline = Pipeline.start(api.base(), data, log);
        first.await();
        second.await();

        assertNothingIsLeftOut(scenarios, api);
        awaitAgreement(scenarios, api);
        assertThat(pipeline.stop()).as("exit code of `up` after Ctrl-C").isZero();

        Instant stopped = Instant.now();
        pipeline = Pipeline.start(api.base(), data, log);
        awaitSweepAfter(stopped);
        System.out.println(awaitAgreement(scenarios, api));
      } finally {
        pipeline.stop();
      }
    }
  }

  /** Scenarios under way. */
  private record Play(ExecutorService threads, List<Future<?>> scenarios) {

    void await() throws Exception {
      threads.shutdown();
      for (Future<?> scenario : scenarios) {
        scenario.get();
      }
    }
  }

  private Play play(List<Scenario> scenarios, ExplorerApi api) {
    ExecutorService threads = Executors.newFixedThreadPool(scenarios.size());
    List<Future<?>> futures = new ArrayList<>();
    for (Scenario scenario : scenarios) {
      futures.add(threads.submit(() -> scenario.play(api, this::lives)));
    }
    return new Play(threads, futures);
  }

  private List<Row> lives(String workflow, String id) {
    String where = " WHERE workflow = '%s' AND instance_id = '%s'".formatted(workflow, id);
    try {
      return pipeline.reader().query(Relation.INSTANCES.select() + where);
    } catch (RuntimeException e) {
      // It is down for a while in the middle of the test; whoever asks asks again.
      return List.of();
    }
  }

  /** Waits until nothing is missing, double or wrong, and answers the last line to print. */
  private String awaitAgreement(List<Scenario> scenarios, ExplorerApi api) {
    Verdict[] last = new Verdict[1];
    try {
      await("ClickHouse to agree with the runtime")
          .atMost(CATCHES_UP_WITHIN)
          .pollInterval(Duration.ofSeconds(1))
          .until(
              () -> {
                last[0] = compare(scenarios, api, pipeline.reader());
                return last[0].comparison().isClean();
              });
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(last[0].text() + "\n" + last[0].comparison().differences(), e);
    }
    return last[0].text();
  }

  private record Verdict(Comparison comparison, String text) {}

  private static Verdict compare(List<Scenario> scenarios, ExplorerApi api, RelationReader reader) {
    List<ReportedRun> runs =
        scenarios.stream().flatMap(scenario -> scenario.lives(api).stream()).toList();
    ExpectedRelations expected = ExpectedRelations.of(ACCOUNT, runs);
    Comparison comparison = new Comparison();
    Map<Relation, List<Row>> found = new EnumMap<>(Relation.class);
    for (Relation relation : Relation.values()) {
      found.put(relation, reader.rows(relation));
    }
    found.get(Relation.STATUS_COUNTS_NOW).removeIf(row -> row.number("count") == 0);
    Set<List<Object>> open = new HashSet<>();
    for (Row row : expected.rows(Relation.INSTANCES)) {
      if (!row.text("end_kind").equals("api")) {
        open.add(row.key(Relation.INSTANCES));
      }
    }
    comparison.add(
        Relation.INSTANCES,
        expected.rows(Relation.INSTANCES).stream()
            .map(
                row ->
                    open.contains(row.key(Relation.INSTANCES))
                        ? row.without(ExpectedRelations.DETAIL_COLUMNS)
                        : row)
            .toList(),
        found.get(Relation.INSTANCES));
    for (Relation relation : List.of(Relation.STEP_RUNS, Relation.STEP_ATTEMPTS)) {
      comparison.add(
          relation, ended(open, expected.rows(relation)), ended(open, found.get(relation)));
    }
    comparison.add(
        Relation.STATUS_COUNTS_NOW,
        expected.rows(Relation.STATUS_COUNTS_NOW),
        found.get(Relation.STATUS_COUNTS_NOW));
    comparison.add(
        Relation.WORKFLOWS,
        api.workflows().stream().map(LocalRuntimeIT::workflow).toList(),
        found.get(Relation.WORKFLOWS));
    Transitions.check(ACCOUNT, runs, found.get(Relation.TRANSITIONS), comparison);
    comparison.add(
        Relation.STEP_MINUTES,
        ExpectedMinutes.ofStepRuns(found.get(Relation.STEP_RUNS), found.get(Relation.INSTANCES)),
        found.get(Relation.STEP_MINUTES));
    comparison.add(
        Relation.WORKFLOW_MINUTES,
        ExpectedMinutes.ofInstances(found.get(Relation.INSTANCES)),
        found.get(Relation.WORKFLOW_MINUTES));
    String text =
        "compared %d instances, %d runs, %d transitions, %d step runs, %d attempts, %d minute rows: %s"
            .formatted(
                scenarios.size(),
                runs.size(),
                found.get(Relation.TRANSITIONS).size(),
                found.get(Relation.STEP_RUNS).size(),
                found.get(Relation.STEP_ATTEMPTS).size(),
                found.get(Relation.WORKFLOW_MINUTES).size()
                    + found.get(Relation.STEP_MINUTES).size(),
                comparison.summary());
    return new Verdict(comparison, text);
  }

  /**
   * Of a life that goes on, or was replaced by a restart, the relations tell of its inside what the
   * last poll happened to see: it is not compared.
   */
  private static List<Row> ended(Set<List<Object>> open, List<Row> rows) {
    return rows.stream().filter(row -> !open.contains(row.key(Relation.INSTANCES))).toList();
  }

  private static Row workflow(JsonNode json) {
    return new Row()
        .with("account_id", ACCOUNT)
        .with("workflow", json.get("name").asText())
        .with("workflow_id", json.path("id").textValue())
        .with("class_name", json.get("class_name").asText())
        .with("script_name", json.get("script_name").asText())
        .with("created_at", null)
        .with("modified_at", null)
        .with("triggered_at", null)
        .with("deleted_at", null);
  }

  /**
   * Agreement on little would prove little: the API must have shown all that there is to measure.
   */
  private static void assertNothingIsLeftOut(List<Scenario> scenarios, ExplorerApi api) {
    ExpectedRelations expected =
        ExpectedRelations.of(
            ACCOUNT, scenarios.stream().flatMap(each -> each.lives(api).stream()).toList());
    assertThat(expected.rows(Relation.INSTANCES))
        .extracting(row -> row.text("status") + " " + row.text("end_kind"))
        .contains(
            "complete api",
            "errored api",
            "terminated api",
            "running superseded",
            "paused superseded",
            "running ",
            "paused ");
    assertThat(expected.rows(Relation.STEP_RUNS))
        .extracting(row -> row.text("type") + " " + row.text("outcome"))
        .contains(
            "step succeeded",
            "step failed",
            "step timed_out",
            "step unfinished",
            "sleep succeeded",
            "sleep unfinished",
            "waitForEvent succeeded",
            "waitForEvent timed_out",
            "waitForEvent unfinished");
    assertThat(expected.rows(Relation.STEP_RUNS))
        .filteredOn(row -> row.number("retries") > 0 && row.text("outcome").equals("succeeded"))
        .extracting(row -> row.text("backoff"))
        .contains("constant", "linear", "exponential");
    assertThat(
            ExpectedMinutes.ofStepRuns(
                expected.rows(Relation.STEP_RUNS), expected.rows(Relation.INSTANCES)))
        .anyMatch(minute -> minute.number("recovered") > 0)
        .anyMatch(minute -> minute.number("exhausted") > 0);
  }

  /** Waits until every workflow has been swept again. */
  private void awaitSweepAfter(Instant time) {
    await("another sweep")
        .atMost(CATCHES_UP_WITHIN)
        .until(
            () ->
                pipeline
                        .reader()
                        .query(
                            "SELECT toUnixTimestamp64Milli(min(as_of)) AS t FROM status_counts_now")
                        .get(0)
                        .number("t")
                    > time.toEpochMilli());
  }
}
