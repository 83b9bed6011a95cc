package io.flowmeter.e2e.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.flowmeter.dashboards.Dashboard;
import io.flowmeter.dashboards.MacroExpander;
import io.flowmeter.dashboards.Selection;
import io.flowmeter.dashboards.TimeRange;
import io.flowmeter.dev.verify.SimulatedDay;
import io.flowmeter.verify.relation.Relation;
import io.flowmeter.verify.relation.RelationReader;
import io.flowmeter.verify.relation.Row;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The dashboards on a simulated day. Every panel is asked as Grafana would ask it. Its values are
 * held against sums that Java makes of facts; that the facts are those of the ledger must have been
 * verified before.
 */
final class DayOnDashboards {

  /** A run that was queued before the day began may end in it. */
  private static final Duration AROUND = Duration.ofHours(2);

  private final RelationReader reader;
  private final String account;
  private final List<String> workflows;
  private final TimeRange range;
  private final Map<String, Dashboard> dashboards;
  private final Map<String, List<Selection>> selections = new HashMap<>();
  private int compared;

  private DayOnDashboards(SimulatedDay day) throws IOException {
    this.reader = day.reader();
    this.account = day.simulator().account();
    this.workflows = reader.workflows().stream().sorted().toList();
    Instant end = day.end().plus(AROUND);
    this.range = new TimeRange(end.minus(Duration.ofDays(2)), end);
    Path folder = Path.of(System.getProperty("flowmeter.home"), "dashboards", "grafana");
    try (Stream<Path> files = Files.list(folder)) {
      this.dashboards =
          files
              .map(Dashboard::read)
              .collect(Collectors.toMap(Dashboard::uid, dashboard -> dashboard));
    }
  }

  /**
   * Asks all panels and compares.
   *
   * @return how many values were compared
   */
  static int compare(SimulatedDay day) throws IOException {
    DayOnDashboards all = new DayOnDashboards(day);
    all.everyPanelAnswers();
    all.workflows.forEach(all::compare);
    all.compareTotals();
    return all.compared;
  }

  /** For two workflows, and for all of them where a page can show that. */
  private void everyPanelAnswers() {
    for (Dashboard dashboard : dashboards.values()) {
      List<String> chosen = new ArrayList<>(List.of(workflows.get(0), workflows.get(1)));
      if (dashboard.variables().stream()
          .anyMatch(variable -> variable.name().equals("workflow") && variable.includeAll())) {
        chosen.add("");
      }
      for (Dashboard.Panel panel : dashboard.panels()) {
        for (String workflow : chosen) {
          answer(panel, workflow); // It fails if ClickHouse refuses the query.
        }
      }
    }
  }

  private void compare(String workflow) {
    List<Row> instances = reader.rows(Relation.INSTANCES, workflow);
    List<Row> ended = instances.stream().filter(Facts::isEnded).toList();
    long completed = Facts.count(ended, "complete");
    String page = "flowmeter-workflow";
    ratio(page, "Success rate", workflow, completed, ended.size());
    ratio(page, "Retry rate", workflow, Facts.sum(ended, "retries"), Facts.sum(ended, "attempts"));
    exactly(page, "Time lost to retries", workflow, Facts.sum(ended, "lost_ms"));

    // A step whose end the API did not report counts when its run ended.
    Set<List<Object>> over =
        instances.stream()
            .filter(run -> run.has("ended_at"))
            .map(run -> run.key(Relation.INSTANCES))
            .collect(Collectors.toSet());
    List<Row> steps =
        reader.rows(Relation.STEP_RUNS, workflow).stream()
            .filter(step -> step.has("ended_at") || over.contains(step.key(Relation.INSTANCES)))
            .toList();
    List<Row> retryable = steps.stream().filter(step -> step.text("type").equals("step")).toList();
    long runs = Facts.weight(steps);
    page = "flowmeter-step";
    exactly(page, "Step runs", workflow, runs);
    ratio(page, "Failure rate", workflow, Facts.weight(steps, Facts::isFailed), runs);
    ratio(
        page,
        "Retry rate",
        workflow,
        Facts.sum(retryable, "retries"),
        Facts.sum(retryable, "attempts"));
    exactly(page, "Recovered by retry", workflow, Facts.weight(steps, Facts::isRecovered));
    exactly(page, "Retries exhausted", workflow, Facts.weight(steps, Facts::isExhausted));
    exactly(page, "Time lost to retries", workflow, Facts.sum(steps, "lost_ms"));
    compareSteps(workflow, steps);
  }

  /** The table of steps, row by row. */
  private void compareSteps(String workflow, List<Row> steps) {
    Map<String, List<Row>> byStep =
        steps.stream()
            .filter(step -> !step.text("step").isEmpty() && step.number("weight") > 0)
            .collect(
                Collectors.groupingBy(
                    step -> step.text("step") + " " + step.text("type"),
                    TreeMap::new,
                    Collectors.toList()));
    Map<String, Row> shown =
        answer(panel("flowmeter-workflow", "Slowest steps"), workflow).stream()
            .collect(Collectors.toMap(row -> row.text("step") + " " + row.text("type"), r -> r));
    assertThat(shown.keySet()).as("steps of %s", workflow).isEqualTo(byStep.keySet());
    byStep.forEach(
        (step, rows) -> {
          Row row = shown.get(step);
          assertThat(row.number("step_runs")).as(step).isEqualTo(Facts.weight(rows));
          assertThat(row.number("failed") + row.number("timed_out"))
              .as(step)
              .isEqualTo(Facts.weight(rows, Facts::isFailed));
          assertThat(row.number("lost")).as(step).isEqualTo(Facts.sum(rows, "lost_ms"));
          compared += 3;
        });
  }

  /** Of all workflows together. */
  private void compareTotals() {
    List<Row> all =
        workflows.stream().flatMap(name -> reader.rows(Relation.INSTANCES, name).stream()).toList();
    List<Row> ended = all.stream().filter(Facts::isEnded).toList();
    Row shown = answer(panel("flowmeter-overview", "Run totals"), "").get(0);
    assertThat(shown.number("arrivals"))
        .isEqualTo(all.stream().filter(run -> run.has("queued_at")).count());
    compared++;
    for (String status : List.of("complete", "errored", "terminated")) {
      assertThat(shown.number(status)).as(status).isEqualTo(Facts.count(ended, status));
      compared++;
    }
  }

  private void exactly(String page, String title, String workflow, long expected) {
    assertThat(number(page, title, workflow)).as("%s of %s", title, workflow).isEqualTo(expected);
    compared++;
  }

  private void ratio(String page, String title, String workflow, long numerator, long of) {
    Double shown = number(page, title, workflow);
    if (of == 0) {
      assertThat(shown).as("%s of %s", title, workflow).isNull();
    } else {
      assertThat(shown)
          .as("%s of %s", title, workflow)
          .isCloseTo((double) numerator / of, within(1e-9));
    }
    compared++;
  }

  private Double number(String page, String title, String workflow) {
    Object value = answer(panel(page, title), workflow).get(0).values().values().iterator().next();
    return value == null ? null : Double.valueOf(value.toString());
  }

  private Dashboard.Panel panel(String page, String title) {
    return dashboards.get(page).panels().stream()
        .filter(panel -> panel.title().equals(title))
        .findFirst()
        .orElseThrow();
  }

  /**
   * @param workflow one, or empty for all
   */
  private List<Row> answer(Dashboard.Panel panel, String workflow) {
    Duration interval = range.interval(panel.maxDataPoints(), Duration.ofMinutes(1));
    String sql =
        new MacroExpander(range, interval, selections.computeIfAbsent(workflow, this::selections))
            .expand(panel.targets().get(0).rawSql());
    try {
      return reader.query(sql);
    } catch (UncheckedIOException | IllegalStateException e) {
      throw new AssertionError("panel " + panel.title() + " of " + workflow, e);
    }
  }

  /** What a reader would choose: everything of a workflow, and its newest instance. */
  private List<Selection> selections(String workflow) {
    Row any =
        reader
            .query(
                "SELECT argMax(instance_id, run) AS instance, toString(max(run)) AS life FROM instances"
                    + (workflow.isEmpty() ? "" : " WHERE workflow = '" + workflow + "'"))
            .get(0);
    return List.of(
        Selection.one("account", account),
        workflow.isEmpty()
            ? Selection.all("workflow", workflows)
            : Selection.one("workflow", workflow),
        Selection.all("version", List.of()),
        Selection.all("step", List.of()),
        Selection.one("objective", "0.99"),
        Selection.one("instance", any.text("instance")),
        Selection.one("run", any.text("life")));
  }
}
