package io.flowmeter.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.testkit.ClickHouseServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The ready queries against a day of two workflows, as the read-only user runs them. */
class ReadyQueriesIT {

  @RegisterExtension static final ClickHouseServer server = new ClickHouseServer();

  private static final String BEGIN =
      "<!-- The lists below are made from src/main/resources/io/flowmeter/sql/queries. -->\n";

  @BeforeAll
  static void aDayOfTwoWorkflows() throws SQLException {
    server.startWithSampleFleet();
  }

  /** What the project's README shows is run, too. */
  static List<String> ofTheReadme() throws IOException {
    String readme = Files.readString(room().resolveSibling("README.md"));
    return Pattern.compile("```sql\n(.*?);\n```", Pattern.DOTALL)
        .matcher(readme)
        .results()
        .map(query -> query.group(1))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("ofTheReadme")
  void everyQueryOfTheReadmeAnswers(String query) throws SQLException {
    assertThat(server.query(query)).isNotEmpty();
  }

  @Test
  void statusNowCountsEveryInstanceOnce() throws SQLException {
    assertThat(sum(answer("status_now"), "count")).isEqualTo(480);
  }

  @Test
  void statusHistoryCountsEveryInstanceOnceAnHour() throws SQLException {
    List<Map<String, Object>> rows = answer("status_history");
    assertThat(rows.stream().map(row -> row.get("hour")).distinct()).hasSizeBetween(23, 24);
    Object lastHour = rows.get(rows.size() - 1).get("hour");
    assertThat(
            sum(
                rows.stream().filter(row -> row.get("hour").equals(lastHour)).toList(),
                "instances"))
        .as("all but the runs of this hour")
        .isBetween(459L, 480L);
  }

  @Test
  void everyEndedRunIsInTheThroughput() throws SQLException {
    List<Map<String, Object>> rows = answer("throughput");
    assertThat(sum(rows, "ok") + sum(rows, "failed") + sum(rows, "stopped")).isBetween(470L, 474L);
  }

  @Test
  void aServerOfAnotherTimeZoneAnswersTheSame() throws SQLException {
    String sql = ReadyQuery.named("throughput").orElseThrow().sql();
    List<Map<String, Object>> rows =
        server.query(sql + " SETTINGS session_timezone = 'America/Los_Angeles'");

    assertThat(sum(rows, "ok") + sum(rows, "failed") + sum(rows, "stopped")).isBetween(470L, 474L);
  }

  @Test
  void runsAreToldApartByWhatTriggeredThem() throws SQLException {
    List<Map<String, Object>> rows = answer("throughput_by_trigger");

    assertThat(rows.stream().map(row -> List.of(row.get("workflow"), row.get("trigger_source"))))
        .containsExactly(List.of("checkout", "api"), List.of("nightly report", "cron"));
    assertThat(sum(rows, "came")).isBetween(479L, 480L);
  }

  @Test
  void aWeekBeforeWhichThereWasNoneIsComparedWithNothing() throws SQLException {
    List<Map<String, Object>> rows = answer("weeks_compared");

    assertThat(sum(rows, "ended_now")).isEqualTo(474);
    assertThat(sum(rows, "ended_before")).isZero();
    assertThat(rows)
        .allSatisfy(
            row -> {
              assertThat(row.get("success_pct")).isNotNull();
              assertThat(row.get("success_pct_before")).isNull();
              assertThat(row.get("run_p95_ms_before")).isNull();
            });
  }

  /** Two accounts may have a workflow of the same name. */
  @Test
  void noAnswerAddsUpWorkflowsOfSeveralAccounts() {
    for (ReadyQuery query : ReadyQuery.all()) {
      assertThat(CountedByHandIT.ofThis("any", query.sql()).lines())
          .filteredOn(line -> line.strip().startsWith("GROUP BY") && line.contains("workflow"))
          .as(query.name())
          .allSatisfy(line -> assertThat(line).contains("account_id"));
    }
  }

  @Test
  void retryRateAndRetriedShareAreNotTheSame() throws SQLException {
    String sql = ReadyQuery.named("retry_rate").orElseThrow().sql();
    assertThat(server.query(CountedByHandIT.ofThis("nightly report", sql)).get(0))
        .containsEntry("workflow", "nightly report")
        .containsEntry("step", "charge card")
        .containsEntry("retry_rate", 0.5)
        .containsEntry("retried_share", 0.6667)
        .containsEntry("first_attempt_success", 0.3333);
  }

  @Test
  void theOnlyFailingStepIsNamedWithItsError() throws SQLException {
    assertThat(answer("failing_steps"))
        .singleElement()
        .satisfies(
            row ->
                assertThat(row)
                    .containsEntry("step", "charge card")
                    .containsEntry("last_error", "TimeoutError")
                    .containsEntry("last_message", "account 473 is closed"));
  }

  @Test
  void anErrorThatOnlyTheNewestVersionHasIsNew() throws SQLException {
    assertThat(answer("new_error_groups"))
        .singleElement()
        .satisfies(
            row ->
                assertThat(row)
                    .containsEntry("workflow", "checkout")
                    .containsEntry("since_version", "v2")
                    .containsEntry("step", "charge card")
                    .containsEntry("message_pattern", "account {} is closed")
                    .containsEntry("runs", 5L)
                    .containsEntry("sample_instance_id", "order-473"));
  }

  @Test
  void aSpikeThatIsNotOverComesBeforeThoseThatAre() throws SQLException {
    List<Map<String, Object>> rows = answer("error_spikes");

    assertThat(rows.stream().map(row -> row.get("workflow")))
        .containsExactly("nightly report", "checkout");
    assertThat(rows.get(0)).containsEntry("errored_pct", 100.0);
    assertThat(rows.get(1)).containsEntry("minutes", 30L).containsEntry("usual_pct", 5.0);
  }

  @Test
  void whoHasLongestRunComesFirst() throws SQLException {
    assertThat(answer("longest_running")).hasSize(6);
    assertThat(answer("longest_running").get(0))
        .containsEntry("instance_id", "order-474")
        .containsEntry("current_step", "cool down");
  }

  @Test
  void timeIsLostWhereStepsAreRetried() throws SQLException {
    assertThat(answer("cost_of_retries").stream().map(row -> row.get("step")))
        .containsExactly("charge card", "charge card");
  }

  @Test
  void everyVersionOfEveryWorkflowIsCompared() throws SQLException {
    assertThat(answer("versions_compared").stream().map(row -> row.get("version_id")))
        .containsExactly("v2", "v1", "v2", "v1");
  }

  @Test
  void aWaterfallShowsTheStepsOfOneRunInOrder() throws SQLException {
    List<Map<String, Object>> rows = answer("waterfall");
    assertThat(rows.stream().map(row -> row.get("run")).distinct()).hasSize(1);
    assertThat(rows.get(0)).containsEntry("what", "reserve stock").containsEntry("from_ms", 0L);
  }

  @Test
  void aWaterfallOfALiveRunGoesOnUntilNow() throws SQLException {
    server.execute(
        """
        INSERT INTO step_runs_rows (account_id, workflow, instance_id, run, step_index, step, type, outcome, started_at, revision)
        SELECT 'acme', 'checkout', 'side by side', toUnixTimestamp(now()) * 1000 - 7200000, number, 'ask', 'step', 'unfinished',
               now64(3) - toIntervalMinute(120 - 60 * number), 1
        FROM numbers(2)
        """);
    String waterfall = ReadyQuery.named("waterfall").orElseThrow().sql();

    List<Map<String, Object>> rows =
        server.query(
            waterfall.replaceFirst(
                "(?s)\\(\\s*SELECT argMax.*?\\) AS this_instance",
                "('acme', 'checkout', 'side by side') AS this_instance"));

    assertThat(rows.stream().map(row -> row.get("chart").toString()))
        .containsExactly("█".repeat(60), " ".repeat(30) + "█".repeat(30));
  }

  @Test
  void aWaterfallIsOfTheChosenInstance() throws SQLException {
    String instance =
        server
            .query(
                "SELECT instance_id FROM instances WHERE workflow = 'checkout' AND status = 'complete' ORDER BY instance_id LIMIT 1")
            .get(0)
            .get("instance_id")
            .toString();
    String waterfall = ReadyQuery.named("waterfall").orElseThrow().sql();

    List<Map<String, Object>> rows =
        server.query(
            waterfall
                .replace("'' AS chosen_instance", "'" + instance + "' AS chosen_instance")
                .replace("'' AS chosen_workflow", "'checkout' AS chosen_workflow"));

    assertThat(rows)
        .hasSameSizeAs(
            server.query(
                "SELECT 1 FROM step_runs WHERE workflow = 'checkout' AND instance_id = '"
                    + instance
                    + "'"))
        .isNotEmpty();
    assertThat(
            server.query(waterfall.replace("'' AS chosen_instance", "'none' AS chosen_instance")))
        .isEmpty();
  }

  /** As {@code flowmeter sql NAME --param} runs them. */
  @ParameterizedTest
  @MethodSource("withParameters")
  void everyParameterTakesAValueThatTravelsBesideTheQuery(ReadyQuery query) throws Exception {
    Map<String, String> values =
        query.parameters().stream()
            .collect(
                Collectors.toMap(
                    ReadyQuery.Parameter::name,
                    each -> each.type().startsWith("Date") ? "2001-01-01 09:30:00" : "1"));
    ReadOnlyQuery asked =
        new ReadOnlyQuery(server.reader(), Map.of(), Duration.ofSeconds(30)).with(values);

    try (ReadOnlyQuery.Result result = asked.execute(query.sql(values.keySet()))) {
      assertThat(result.body().readAllBytes()).as("there is no such workflow or moment").isEmpty();
    }
  }

  static List<ReadyQuery> withParameters() {
    return ReadyQuery.all().stream().filter(query -> !query.parameters().isEmpty()).toList();
  }

  @Test
  void everyRunThatBecameKnownIsInTheCoverage() throws SQLException {
    List<Map<String, Object>> rows = answer("coverage_by_hour");

    assertThat(sum(rows, "known")).isBetween(4L * 1_439, 4L * 1_440);
    assertThat(sum(rows, "not_drawn")).isBetween(1_439L, 1_440L);
    assertThat(rows).allSatisfy(row -> assertThat(row).containsEntry("coverage", 0.75));
  }

  @Test
  void everyRequestIsInTheBudgetOnceWhicheverProcessSentIt() throws SQLException {
    List<Map<String, Object>> rows = answer("budget_by_hour");

    assertThat(sum(rows, "asked")).isBetween(150L * 1_439, 150L * 1_440);
    assertThat(sum(rows, "fetched_in_full")).isBetween(3L * 1_439, 3L * 1_440);
    assertThat(sum(rows, "rejected")).isEqualTo(2);
    assertThat(rows.get(1)).containsEntry("requests_per_fetched", 50.0);
    assertThat(rows.get(1)).containsEntry("least_left", 661L);
  }

  @Test
  void everyRunFetchedInFullIsInTheFreshness() throws SQLException {
    List<Map<String, Object>> rows = answer("freshness");

    assertThat(sum(rows, "runs")).isBetween(470L, 474L);
    assertThat(rows)
        .allSatisfy(
            row ->
                assertThat((Double) row.get("p50_s"))
                    .isLessThanOrEqualTo((Double) row.get("p99_s")));
  }

  @Test
  void everyFileIsAReadyQuery() throws IOException {
    try (Stream<Path> files =
        Files.list(room().resolve("src/main/resources/io/flowmeter/sql/queries"))) {
      assertThat(files.map(file -> file.getFileName().toString().replace(".sql", "")))
          .containsExactlyInAnyOrderElementsOf(
              ReadyQuery.all().stream().map(ReadyQuery::name).toList());
    }
  }

  @Test
  void everyQueryAsksForWhatTheDefinitionsDefine() throws IOException {
    String definitions = Files.readString(room().resolveSibling("docs/definitions.md"));
    assertThat(ReadyQuery.all().stream().map(query -> "`" + query.name() + "`"))
        .allSatisfy(name -> assertThat(definitions).contains(name));
  }

  /**
   * To write it into the README after a change: {@code mvn -pl sql -am test -Dtest=ReadyQueriesIT
   * -Dsurefire.failIfNoSpecifiedTests=false -Dflowmeter.write.readme=true}.
   */
  @Test
  void theReadmeListsExactlyTheseQueries() throws IOException {
    Path readme = room().resolve("README.md");
    String text = Files.readString(readme);
    String expected = text.substring(0, text.indexOf(BEGIN) + BEGIN.length()) + listed();
    if (Boolean.getBoolean("flowmeter.write.readme")) {
      Files.writeString(readme, expected);
    }

    assertThat(Files.readString(readme)).isEqualTo(expected);
  }

  private static String listed() {
    StringBuilder table = new StringBuilder();
    for (ReadyQuery.Reader reader : ReadyQuery.Reader.values()) {
      table.append(
          "\n### %s\n\n| query | question | parameters |\n|---|---|---|\n"
              .formatted(reader.title()));
      for (ReadyQuery query : ReadyQuery.all()) {
        if (query.reader() == reader) {
          table.append(
              "| [`%s`](src/main/resources/io/flowmeter/sql/queries/%s.sql) | %s | %s |\n"
                  .formatted(
                      query.name(),
                      query.name(),
                      query.question(),
                      query.parameters().stream()
                          .map(each -> "`" + each.name() + "`")
                          .collect(Collectors.joining(", "))));
        }
      }
    }
    return table.toString();
  }

  private static Path room() {
    return Path.of(System.getProperty("flowmeter.home"), "sql");
  }

  private static List<Map<String, Object>> answer(String name) throws SQLException {
    ReadyQuery query = ReadyQuery.named(name).orElseThrow();
    return server.query(query.sql());
  }

  private static long sum(List<Map<String, Object>> rows, String column) {
    return rows.stream().mapToLong(row -> (Long) row.get(column)).sum();
  }
}
