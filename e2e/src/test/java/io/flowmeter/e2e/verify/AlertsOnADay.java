package io.flowmeter.e2e.verify;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.flowmeter.dashboards.alerts.AlertRule;
import io.flowmeter.dashboards.alerts.AlertRules;
import io.flowmeter.dev.verify.SimulatedDay;
import io.flowmeter.testkit.PastQueries;
import io.flowmeter.verify.relation.RelationReader;
import io.flowmeter.verify.relation.Row;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The alert rules on a simulated day: when each would have fired. A rule's query runs at past
 * moments of the day, and its rows are compared with {@link ExpectedAlerts}. From the values of
 * every minute follows, as Grafana does it, from when to when a rule fires.
 *
 * <p>What is known at a moment is what had happened by then. The pipeline's own delay cannot be
 * shown: in virtual time a second of it is 12 minutes. Relations that hold only the newest state
 * are made from those that hold history:
 *
 * <ul>
 *   <li>{@code status_counts_now} from {@code status_counts}, and {@code as_of} from the ledger: it
 *       is the last time that the API reported the workflow's counts. So {@code pipeline_delayed}
 *       sees whether sweeps keep up with requests, and not how late the topology is. {@code
 *       drift_sweeps} is the number of sweeps since the count began to differ, which is an upper
 *       bound.
 *   <li>A live run's current step from {@code step_runs}, as a poll at that moment would have seen
 *       it.
 *   <li>A spike has its last numbers from the beginning. A run that was restarted from a step
 *       counts where it ended at last.
 * </ul>
 */
final class AlertsOnADay {

  private static final Duration MINUTE = Duration.ofMinutes(1);

  /** Of the times at which Grafana runs a query, every 30th, beside those of a change. */
  private static final int STRIDE = 30;

  /** Of a rule that must be silent all day, every 60th. */
  private static final int SILENT_STRIDE = 60;

  /** A query reads little, so that more threads cost time. */
  private static final String ONE_THREAD = " SETTINGS max_threads = 1";

  /** The number of a workflow's sweeps that a query knows: more than drift may last. */
  private static final int SWEEPS = 20;

  /**
   * A rule that fires for one thing.
   *
   * @param labels those beside the account
   * @param to when it is over, excluded; empty if it still fires at the end of the day
   */
  record Firing(String rule, String labels, Instant from, Optional<Instant> to) {

    /** As a line, with times since the day's begin. */
    String since(Instant begin) {
      return "%s | %s | %s to %s"
          .formatted(
              rule, labels, hours(begin, from), to.map(end -> hours(begin, end)).orElse("the end"));
    }

    private static String hours(Instant begin, Instant moment) {
      Duration passed = Duration.between(begin, moment);
      return "%d:%02d".formatted(passed.toHours(), passed.toMinutesPart());
    }
  }

  /**
   * What came of it.
   *
   * @param firings in the order of rules and time
   * @param queries at all moments
   * @param values that were compared
   */
  record Outcome(List<Firing> firings, int queries, int values) {}

  private final RelationReader reader;
  private final PastQueries past;
  private final Map<String, NavigableSet<Long>> sweeps;
  private final ExpectedAlerts expected;
  private final List<Instant> minutes;
  private int queries;
  private int values;

  AlertsOnADay(RelationReader reader, Map<String, NavigableSet<Long>> sweeps, Instant end) {
    this.reader = reader;
    this.past = past(reader);
    this.sweeps = sweeps;
    this.expected = new ExpectedAlerts(reader, sweeps);
    Instant first = Instant.ofEpochMilli(expected.firstMinute()).plus(MINUTE);
    this.minutes =
        Stream.iterate(first, minute -> !minute.isAfter(end), minute -> minute.plus(MINUTE))
            .toList();
  }

  /** Runs the rules' queries and compares. The facts must have been verified before. */
  static Outcome compare(SimulatedDay day) {
    Map<String, NavigableSet<Long>> sweeps = new HashMap<>();
    for (String workflow : day.reader().workflows()) {
      sweeps.put(
          workflow,
          day.simulator().ledger().servedCounts(workflow).stream()
              .map(counts -> counts.at().toEpochMilli())
              .collect(Collectors.toCollection(TreeSet::new)));
    }
    return new AlertsOnADay(day.reader(), sweeps, day.end()).compare();
  }

  /** Queries on what the day left, at moments of it. */
  static PastQueries past(RelationReader reader) {
    return PastQueries.of(
        reader.query(PastQueries.VIEWS).stream()
            .collect(toMap(view -> view.text("name"), view -> view.text("as_select"))));
  }

  Outcome compare() {
    List<Firing> firings = new ArrayList<>();
    for (AlertRule rule : AlertRules.ALL) {
      Map<Instant, Map<String, Double>> rows = new TreeMap<>();
      for (Instant minute : minutes) {
        if (isRun(rule, minute)) {
          rows.put(minute, expected.values(rule.name(), minute.toEpochMilli()));
        }
      }
      moments(rule, rows).forEach(moment -> compare(rule, moment, rows.get(moment)));
      firings.addAll(firings(rule, rows));
    }
    return new Outcome(firings, queries, values);
  }

  /** Grafana runs a rule's query at whole multiples of its interval. */
  private static boolean isRun(AlertRule rule, Instant minute) {
    return minute.getEpochSecond() % rule.every().toSeconds() == 0;
  }

  /** Some of the moments: those around each change of what is over the threshold are among them. */
  private static Set<Instant> moments(AlertRule rule, Map<Instant, Map<String, Double>> rows) {
    boolean silent = rows.values().stream().allMatch(values -> over(rule, values).isEmpty());
    long stride = rule.every().toSeconds() * (silent ? SILENT_STRIDE : STRIDE);
    Set<Instant> moments = new TreeSet<>();
    Set<String> before = Set.of();
    for (Map.Entry<Instant, Map<String, Double>> row : rows.entrySet()) {
      Instant moment = row.getKey();
      Set<String> over = over(rule, row.getValue());
      Instant last = moment.minus(rule.every());
      if (!over.equals(before) && rows.containsKey(last)) {
        moments.addAll(List.of(last, moment));
      }
      if (moment.getEpochSecond() % stride == 0) {
        moments.add(moment);
      }
      before = over;
    }
    return moments;
  }

  private static Set<String> over(AlertRule rule, Map<String, Double> rows) {
    return rows.entrySet().stream()
        .filter(row -> row.getValue() > rule.above())
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  /** It is pending from the first time over the threshold, and fires once that has lasted. */
  private static List<Firing> firings(AlertRule rule, Map<Instant, Map<String, Double>> rows) {
    List<Firing> firings = new ArrayList<>();
    Map<String, Instant> pending = new TreeMap<>();
    Map<String, Instant> firing = new TreeMap<>();
    rows.forEach(
        (minute, values) -> {
          Set<String> over = over(rule, values);
          pending.keySet().retainAll(over);
          over.forEach(labels -> pending.putIfAbsent(labels, minute));
          firing.entrySet().stream()
              .filter(each -> !over.contains(each.getKey()))
              .map(
                  each ->
                      new Firing(rule.name(), each.getKey(), each.getValue(), Optional.of(minute)))
              .forEach(firings::add);
          firing.keySet().retainAll(over);
          pending.forEach(
              (labels, since) -> {
                if (!minute.isBefore(since.plus(rule.lasts()))) {
                  firing.putIfAbsent(labels, minute);
                }
              });
        });
    firing.forEach(
        (labels, from) -> firings.add(new Firing(rule.name(), labels, from, Optional.empty())));
    return firings;
  }

  private void compare(AlertRule rule, Instant moment, Map<String, Double> due) {
    Map<String, Double> found = new TreeMap<>();
    for (Row row :
        reader.query(past.knowing(knownAt(rule, moment)).at(moment, rule.sql()) + ONE_THREAD)) {
      found.put(labels(row), Double.valueOf(row.get("value").toString()));
    }
    assertThat(found.keySet()).as("rows of %s at %s", rule.name(), moment).isEqualTo(due.keySet());
    due.forEach(
        (labels, value) ->
            assertThat(found.get(labels))
                .as("%s of %s at %s", rule.name(), labels, moment)
                .isCloseTo(value, within(1e-9 * Math.max(1, value))));
    queries++;
    values += due.size();
  }

  private static String labels(Row row) {
    return row.values().entrySet().stream()
        .filter(column -> !Set.of("account_id", "value").contains(column.getKey()))
        .map(column -> column.getValue().toString())
        .collect(Collectors.joining(" · "));
  }

  /** What takes the place of relations: only what had happened by then. */
  private Map<String, String> knownAt(AlertRule rule, Instant moment) {
    String at = PastQueries.literal(moment);
    Map<String, String> known = new HashMap<>();
    for (String relation :
        List.of("workflow_minute_parts", "step_minute_parts", "collector_minutes")) {
      known.put(relation, "SELECT * FROM %s WHERE minute < %s".formatted(relation, at));
    }
    known.put(
        "workflows",
        "SELECT * REPLACE (if(deleted_at < %1$s, deleted_at, NULL) AS deleted_at) FROM workflows"
            .formatted(at));
    known.put("versions", "SELECT * FROM versions WHERE created_at < " + at);
    known.put(
        "error_spikes",
        """
        SELECT * REPLACE (if(closed_at <= %1$s, closed_at, NULL) AS closed_at) FROM error_spikes
        WHERE opened_at < %1$s"""
            .formatted(at));
    known.put(
        "status_counts_now",
        """
        SELECT account_id, workflow, status, argMax(s.count, minute) AS count, argMax(tuple(s.drift), minute).1 AS drift,
               map(%2$s)[workflow] AS swept,
               toInt32(if(drift = 0, 0, arrayCount(at -> at >= 1000 * toUnixTimestamp(max(minute)), swept))) AS drift_sweeps,
               fromUnixTimestamp64Milli(arrayMax(swept), 'UTC') AS as_of
        FROM status_counts AS s
        WHERE minute < %1$s
        GROUP BY account_id, workflow, status
        HAVING notEmpty(swept)"""
            .formatted(at, sweptBefore(moment)));
    known.put("instances", rule.sql().contains("stuck_runs") ? liveRuns(at) : endedRuns(at));
    return known;
  }

  private static String endedRuns(String at) {
    return "SELECT * FROM instances WHERE ended_at < " + at;
  }

  /** Each in the unfinished step that started last. */
  private static String liveRuns(String at) {
    return """
        SELECT account_id, workflow, instance_id, run, 'running' AS status, CAST(NULL, 'Nullable(DateTime64(3))') AS ended_at,
               '' AS end_kind, argMax((step, type, started_at), (started_at, step_index)) AS latest,
               latest.1 AS current_step, latest.2 AS current_type, latest.3 AS current_since, 1 AS current_attempt,
               %1$s AS detail_at
        FROM step_runs AS s
        WHERE s.started_at < %1$s AND (s.ended_at IS NULL OR s.ended_at >= %1$s)
          AND (account_id, workflow, instance_id, run) NOT IN (
              SELECT account_id, workflow, instance_id, run FROM instances WHERE ended_at < %1$s)
        GROUP BY account_id, workflow, instance_id, run"""
        .formatted(at);
  }

  /** The last sweeps of each workflow, as keys and values of a map. */
  private String sweptBefore(Instant moment) {
    return sweeps.entrySet().stream()
        .filter(each -> each.getValue().lower(moment.toEpochMilli()) != null)
        .map(
            each ->
                each.getValue().headSet(moment.toEpochMilli(), false).descendingSet().stream()
                    .limit(SWEEPS)
                    .map(Object::toString)
                    .collect(Collectors.joining(", ", "'" + each.getKey() + "', [", "]")))
        .collect(Collectors.joining(", "));
  }
}
