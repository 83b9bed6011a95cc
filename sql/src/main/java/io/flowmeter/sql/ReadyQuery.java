package io.flowmeter.sql;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A query that people will want, over the relations of the database {@link
 * ClickHouseEndpoint#DATABASE}.
 *
 * @param name such as {@code slowest_steps}
 * @param question what it answers, in plain words
 * @param sql one statement without a semicolon, its leading comment lines included
 */
public record ReadyQuery(String name, String question, String sql) {

  private static final String COMMENT = "-- ";

  /** All of them, the most general first. */
  public static List<ReadyQuery> all() {
    return Stream.of(
            "status_now",
            "status_history",
            "throughput",
            "slowest_steps",
            "retry_rate",
            "cost_of_retries",
            "exhausted_retries",
            "failing_steps",
            "latest_errors",
            "error_spikes",
            "in_flight_at",
            "longest_running",
            "versions_compared",
            "waterfall",
            "coverage_by_hour",
            "budget_by_hour",
            "freshness")
        .map(ReadyQuery::read)
        .toList();
  }

  private static ReadyQuery read(String name) {
    String text = SqlScript.resource("queries/" + name + ".sql").text().strip();
    String comments =
        text.lines()
            .takeWhile(line -> line.startsWith(COMMENT))
            .map(line -> line.substring(COMMENT.length()))
            .collect(Collectors.joining(" "));
    int questionMark = comments.indexOf('?');
    if (questionMark < 0 || !text.endsWith(";")) {
      throw new IllegalStateException(
          "queries/"
              + name
              + ".sql must open with its question in a comment and end with a semicolon");
    }
    return new ReadyQuery(
        name, comments.substring(0, questionMark + 1), text.substring(0, text.length() - 1));
  }
}
