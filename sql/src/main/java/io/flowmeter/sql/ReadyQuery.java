package io.flowmeter.sql;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A query that people will want, over the relations of the database {@link
 * ClickHouseEndpoint#DATABASE}.
 *
 * @param name such as {@code slowest_steps}
 * @param reader who asks it most
 * @param question what it answers, in plain words
 * @param sql one statement without a semicolon, its leading comment lines included
 */
public record ReadyQuery(String name, Reader reader, String question, String sql) {

  private static final String COMMENT = "-- ";

  /** A constant with an alias on a line of its own, and what a user may choose in its place. */
  private static final Pattern PARAMETER =
      Pattern.compile(
          "(?m)^(WITH +| +)(\\S.*?)( AS \\w+,? -- Parameter ([a-z_]+) \\((.+)\\): (.+))$");

  /**
   * A value that a user may choose. In the SQL it is a constant, so that the text runs as it is.
   *
   * @param name such as {@code workflow}
   * @param type ClickHouse's, such as {@code UInt32}
   * @param standard the constant in the SQL, which is the default: {@code 1}, {@code ''}
   * @param meaning what it chooses, in plain words
   */
  public record Parameter(String name, String type, String standard, String meaning) {
    private static Parameter of(MatchResult found) {
      return new Parameter(found.group(4), found.group(5), found.group(2), found.group(6));
    }
  }

  /** What a user may choose, in the order of the SQL; empty if there is nothing. */
  public List<Parameter> parameters() {
    return PARAMETER.matcher(sql).results().map(Parameter::of).toList();
  }

  /**
   * The SQL with <code>{name:Type}</code> in place of the constants of these parameters. Their
   * values travel beside it: {@link ReadOnlyQuery#with}.
   *
   * @param names of parameters
   * @throws IllegalArgumentException if there is no parameter of one of these names; it names those
   *     that there are
   */
  public String sql(Set<String> names) {
    List<String> known = parameters().stream().map(Parameter::name).toList();
    for (String chosen : names) {
      if (!known.contains(chosen)) {
        throw new IllegalArgumentException(
            "%s has no parameter %s; it has %s"
                .formatted(name, chosen, known.isEmpty() ? "none" : String.join(", ", known)));
      }
    }
    return PARAMETER
        .matcher(sql)
        .replaceAll(
            found -> {
              Parameter each = Parameter.of(found);
              return Matcher.quoteReplacement(
                  names.contains(each.name())
                      ? "%s{%s:%s}%s"
                          .formatted(found.group(1), each.name(), each.type(), found.group(3))
                      : found.group());
            });
  }

  /** Who asks. */
  public enum Reader {
    /** What is wrong right now? */
    ON_CALL("On call"),
    /** How does my workflow do, and where does its time go? */
    OWNER("Owner of a workflow"),
    /** Is the new version worse? */
    DEPLOYS("Who deploys"),
    /** Does Flowmeter itself see enough? */
    OPERATOR("Operator");

    private final String title;

    Reader(String title) {
      this.title = title;
    }

    /** As people read it. */
    public String title() {
      return title;
    }
  }

  /** All of them, by reader, the most general first. */
  public static List<ReadyQuery> all() {
    return Stream.of(
            of(
                Reader.ON_CALL,
                "status_now",
                "error_spikes",
                "slo_burn",
                "failing_steps",
                "latest_errors",
                "stuck",
                "retrying",
                "longest_running",
                "oldest_per_status",
                "drain_time",
                "waterfall"),
            of(
                Reader.OWNER,
                "throughput",
                "throughput_by_trigger",
                "weeks_compared",
                "status_history",
                "in_flight_at",
                "mttr",
                "failing_step_pareto",
                "funnel",
                "where_time_goes",
                "critical_path_share",
                "slowest_steps",
                "duration_outliers",
                "timeouts",
                "paused_time",
                "retry_rate",
                "first_attempt_success",
                "exhausted_retries",
                "retry_headroom",
                "cost_of_retries",
                "lost_time"),
            of(
                Reader.DEPLOYS,
                "version_regressions",
                "new_error_groups",
                "versions_compared",
                "deploy_impact",
                "throughput_by_version"),
            of(
                Reader.OPERATOR,
                "coverage_by_hour",
                "rate_precision",
                "freshness",
                "budget_by_hour",
                "saturation"))
        .flatMap(queries -> queries)
        .toList();
  }

  /** The one of that name, if there is one. */
  public static Optional<ReadyQuery> named(String name) {
    return all().stream().filter(query -> query.name().equals(name)).findFirst();
  }

  private static Stream<ReadyQuery> of(Reader reader, String... names) {
    return Stream.of(names).map(name -> read(name, reader));
  }

  private static ReadyQuery read(String name, Reader reader) {
    String text = Metric.fill(SqlScript.resource("queries/" + name + ".sql").text().strip());
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
        name,
        reader,
        comments.substring(0, questionMark + 1),
        text.substring(0, text.length() - 1));
  }
}
