package io.flowmeter.e2e.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.flowmeter.cli.query.TextAnswer;
import io.flowmeter.dashboards.MacroExpander;
import io.flowmeter.dashboards.Selection;
import io.flowmeter.dashboards.TimeRange;
import io.flowmeter.dashboards.alerts.AlertRule;
import io.flowmeter.dashboards.alerts.AlertRules;
import io.flowmeter.http.Access;
import io.flowmeter.preview.PreviewServer;
import io.flowmeter.sql.ReadyQuery;
import io.flowmeter.testkit.ClickHouseServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Names that want to be SQL, on each way on which somebody asks for them. */
class StrangeNamesIT {
  @RegisterExtension static final ClickHouseServer server = new ClickHouseServer();

  private static final ObjectMapper JSON = new ObjectMapper();

  private static PreviewServer preview;

  /** Of workflows, instances, versions and steps: nobody but their author chooses them. */
  static Stream<String> names() {
    return Stream.of(
        "it's",
        "say \"so\"",
        "back\\slash\\",
        "\\'",
        "\\\\'; DROP TABLE instances_rows; --",
        "') OR 1 = 1 --",
        "' UNION ALL SELECT 1 --",
        "100 % of %s, %27 and %",
        "naïve 漢字 🚀 \u202Eright-to-left",
        "{name:String}",
        "${workflow}",
        "$__timeFilter(queued_at)",
        "{{ $labels.workflow }}",
        "`backtick` /* comment */ -- and # another",
        "\\N",
        "NULL",
        " spaces around ",
        "two\nlines\tand\ra tab",
        "a,b&c=d?e#f+g",
        "<script>alert(1)</script>",
        "x'\\\"%".repeat(60).substring(0, 271));
  }

  @BeforeAll
  static void aRunOfEach() throws Exception {
    server.startAfresh();
    try (Connection connection = server.writer().connect()) {
      insert(
          connection,
          "INSERT INTO instances_rows (account_id, workflow, instance_id, run, version_id, status, queued_at,"
              + " started_at, ended_at, end_kind, failed_step, error_name, error_message, error_group, weight)"
              + " SELECT 'local', n, n, toUnixTimestamp64Milli(now64(3)) - 60000, n, 'errored', now64(3) - 60, now64(3) - 50, now64(3) - 40, 'api', n, n, n, n, 1"
              + " FROM (SELECT ? AS n)");
      insert(
          connection,
          "INSERT INTO step_minutes_rows (account_id, workflow, version_id, step, type, minute, runs, failed)"
              + " SELECT 'local', n, n, n, 'step', toStartOfMinute(now('UTC')), 1, 1 FROM (SELECT ? AS n)");
    }
    preview = PreviewServer.start("127.0.0.1", 0, Access.THIS_MACHINE, server.reader());
  }

  private static void insert(Connection connection, String sql) throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(sql)) {
      for (String name : names().toList()) {
        insert.setString(1, name);
        insert.execute();
      }
    }
  }

  @AfterAll
  static void stop() {
    preview.close();
  }

  private static String ask(String sql, Map<String, String> values) throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    TextAnswer.copy(server.reader(), sql + " FORMAT JSONCompactEachRow", values, false, answer);
    return answer.toString(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @MethodSource("names")
  void aParameterIsThatVeryName(String name) throws Exception {
    String found =
        "SELECT count(), any(version_id) = {name:String}, any(failed_step) = {name:String} FROM instances"
            + " WHERE workflow = {name:String} AND instance_id = {name:String}";
    assertThat(ask(found, Map.of("name", name))).isEqualTo("[1, 1, 1]\n");
    assertThat(
            ask(
                "SELECT toString(sum(runs)) FROM step_minutes WHERE step = {name:String}",
                Map.of("name", name)))
        .isEqualTo("[\"1\"]\n");
  }

  /** The pages' own SQL, with what is selected as the data source puts it between quotes. */
  @ParameterizedTest
  @MethodSource("names")
  void aVariableOfAPageIsThatVeryName(String name) throws Exception {
    String body =
        """
        {"dashboard":"flowmeter-instance","variable":"run","from":%d,"to":%d,"interval":60000,
         "variables":{"account":{"values":["local"]},"workflow":{"values":[%3$s]},"instance":{"values":[%3$s]}}}"""
            .formatted(
                Instant.now().minusSeconds(3_600).toEpochMilli(),
                Instant.now().plusSeconds(60).toEpochMilli(),
                json(name));
    HttpResponse<String> response = post("/api/variable", body);

    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(JSON.readTree(response.body()).path("data")).as(response.body()).hasSize(1);
  }

  /** No name is part of their text; so they are asked where there is time for it. */
  @Test
  @Tag("nightly")
  void everyReadyQueryAndEveryAlertAnswers() throws Exception {
    for (ReadyQuery query : ReadyQuery.all()) {
      assertThat(server.query(query.sql())).as(query.name()).isNotNull();
    }
    TimeRange range = new TimeRange(Instant.now().minusSeconds(3_600), Instant.now());
    MacroExpander expander =
        new MacroExpander(range, Duration.ofMinutes(1), List.of(Selection.one("unused", "unused")));
    for (AlertRule rule : AlertRules.ALL) {
      assertThat(server.query(expander.expand(rule.sql()))).as(rule.name()).isNotNull();
    }
    assertThat(server.query("SELECT toString(count()) AS n FROM instances").get(0))
        .containsEntry("n", Long.toString(names().count()));
  }

  private static String json(String text) throws IOException {
    return JSON.writeValueAsString(text);
  }

  private static HttpResponse<String> post(String path, String body) throws Exception {
    URI url = preview.url().resolve(path);
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(url)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofString());
  }
}
