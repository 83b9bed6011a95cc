package io.flowmeter.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.sql.ClickHouseServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every query of every dashboard, run as the data source would, on a day of two workflows. */
class DashboardsTest {

  @RegisterExtension static final ClickHouseServer server = new ClickHouseServer();

  private static final Instant NOW = Instant.now();
  private static final TimeRange LAST_DAY =
      new TimeRange(NOW.minus(Duration.ofHours(24)), NOW.plusSeconds(60));
  private static final Duration POINT = Duration.ofMinutes(5);

  /** A panel, named for the test report. */
  record Named(Path file, Dashboard dashboard, Dashboard.Panel panel) {
    @Override
    public String toString() {
      return file.getFileName() + ": " + panel.title();
    }
  }

  @BeforeAll
  static void aDayOfTwoWorkflows() throws SQLException {
    server.startWithSampleFleet();
  }

  static List<Path> dashboards() throws IOException {
    Path folder = Path.of(System.getProperty("flowmeter.home"), "dashboards/grafana");
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  static List<Named> panels() throws IOException {
    List<Named> panels = new ArrayList<>();
    for (Path file : dashboards()) {
      Dashboard dashboard = Dashboard.read(file);
      dashboard.panels().forEach(panel -> panels.add(new Named(file, dashboard, panel)));
    }
    return panels;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("panels")
  void everyPanelHasAnswersForAllWorkflows(Named named) throws SQLException {
    everyTargetAnswers(named, true);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("panels")
  void everyPanelHasAnswersForOneWorkflowAndStep(Named named) throws SQLException {
    everyTargetAnswers(named, false);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("panels")
  void everyPanelAsksAQuestionAndIsExplained(Named named) {
    Dashboard.Panel panel = named.panel();
    assertThat(panel.title()).endsWith("?");
    assertThat(panel.description()).hasSizeGreaterThan(20).endsWith(".");
    assertThat(panel.unit()).isNotEmpty();
    assertThat(panel.targets()).isNotEmpty();
    assertThat(panel.targets())
        .allSatisfy(
            target -> {
              assertThat(target.datasource()).isEqualTo("${datasource}");
              assertThat(target.format()).isEqualTo(panel.type().equals("timeseries") ? 0 : 1);
              assertThat(target.rawSql()).contains("account_id = ${account:singlequote}");
            });
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void everyVariableHasValues(Path file) throws SQLException {
    Dashboard dashboard = Dashboard.read(file);
    assertThat(dashboard.variables().get(0).type()).isEqualTo("datasource");
    selections(dashboard, true)
        .forEach(selection -> assertThat(selection.values()).as(selection.variable()).isNotEmpty());
  }

  private static void everyTargetAnswers(Named named, boolean all) throws SQLException {
    MacroExpander expander = new MacroExpander(LAST_DAY, POINT, selections(named.dashboard(), all));
    for (Dashboard.Target target : named.panel().targets()) {
      String sql = expander.expand(target.rawSql());
      assertThat(sql).doesNotContain("$");
      List<Map<String, Object>> rows = server.query(sql);
      assertThat(rows).as(sql).isNotEmpty();
      assertThat(rows.get(0).values()).as(sql).doesNotContainNull();
      if (target.format() == 0) {
        assertThat(rows).as("points in time").hasSizeGreaterThan(20);
        assertThat(rows.get(0)).containsKey("time");
      }
    }
  }

  /**
   * What is selected first: the only account, and all or the first of every multi-value variable.
   */
  private static List<Selection> selections(Dashboard dashboard, boolean all) throws SQLException {
    List<Selection> selections = new ArrayList<>();
    for (Dashboard.Variable variable : dashboard.variables()) {
      if (!variable.type().equals("query")) {
        continue;
      }
      String sql = new MacroExpander(LAST_DAY, POINT, selections).expand(variable.rawSql());
      List<String> values =
          server.query(sql).stream().map(row -> row.values().iterator().next().toString()).toList();
      assertThat(values).as(sql).isNotEmpty();
      if (!variable.multi()) {
        selections.add(Selection.one(variable.name(), values.get(0)));
      } else if (all) {
        selections.add(Selection.all(variable.name(), values));
      } else {
        selections.add(Selection.some(variable.name(), values.get(0)));
      }
    }
    return selections;
  }
}
