package io.flowmeter.dashboards.pages;

import io.flowmeter.sql.Metric;
import java.util.Map;

/**
 * The parts of SQL that most questions share. In a question's text they stand as {@code <name>}:
 *
 * <ul>
 *   <li>{@code <workflows>}: of the selected account and workflows
 *   <li>{@code <present>}: of those, of workflows that were not deleted
 *   <li>{@code <versions>}: of those, of the selected versions
 *   <li>{@code <steps>}: of those, of the selected steps
 *   <li>{@code <runs_between>}, {@code <steps_between>}: rollups of the range, for one sum
 *   <li>{@code <runs_by_time>}, {@code <steps_by_time>}: rollups of the range, for a chart
 *   <li>{@code <live>}: runs that live, found by what is little to read of all runs before the rest
 *       is read
 *   <li>{@code <last_day>}: facts that ended in the range, of its last day only, so that a long
 *       range does not read all facts
 * </ul>
 */
final class Scope {

  /** The range as parameters of a view, which ClickHouse hands over as texts and reads as UTC. */
  static final String FROM = "toDateTime($__fromTime, 'UTC')";

  static final String TO = "toDateTime($__toTime, 'UTC')";

  private static final String WORKFLOWS =
      "account_id = ${account:singlequote} AND $__conditionalAll(workflow IN"
          + " (${workflow:singlequote}), $workflow)";
  private static final String PRESENT =
      WORKFLOWS
          + " AND workflow NOT IN (SELECT workflow FROM flowmeter.workflows"
          + " WHERE account_id = ${account:singlequote} AND deleted_at IS NOT NULL)";
  private static final String VERSIONS =
      WORKFLOWS + " AND $__conditionalAll(version_id IN (${version:singlequote}), $version)";
  private static final String STEPS =
      VERSIONS + " AND $__conditionalAll(step IN (${step:singlequote}), $step)";

  private static final Map<String, String> PARTS =
      Map.of(
          "<workflows>",
          WORKFLOWS,
          "<present>",
          PRESENT,
          "<versions>",
          VERSIONS,
          "<steps>",
          STEPS,
          "<runs_between>",
          between("runs_between", "0"),
          "<steps_between>",
          between("steps_between", "0"),
          "<runs_by_time>",
          between("runs_between", "$__interval_s"),
          "<steps_by_time>",
          between("steps_between", "$__interval_s"),
          "<live>",
          "is_newest AND end_kind = '' AND (account_id, workflow, run) IN (SELECT account_id, workflow, run"
              + " FROM flowmeter.instances WHERE "
              + WORKFLOWS
              + " AND end_kind = '')",
          "<last_day>",
          "run <= toUnixTimestamp64Milli($__toTime_ms) AND ended_at <= $__toTime_ms"
              + " AND ended_at >= greatest($__fromTime_ms, $__toTime_ms - INTERVAL 1 DAY)");

  private Scope() {}

  /** The query with all its parts put in. */
  static String fill(String sql) {
    String filled = Metric.fill(sql.strip());
    for (Map.Entry<String, String> part : PARTS.entrySet()) {
      filled = filled.replace(part.getKey(), part.getValue());
    }
    return filled;
  }

  private static String between(String view, String every) {
    return "flowmeter.%s(since = %s, until = %s, every = %s)".formatted(view, FROM, TO, every);
  }
}
