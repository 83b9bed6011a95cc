package io.flowmeter.dashboards;

import static java.util.function.Predicate.not;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.flowmeter.testkit.ClickHouseServer;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every query of every dashboard, run as the data source would, on a day of two workflows. */
class DashboardsIT {

  @RegisterExtension static final ClickHouseServer server = new ClickHouseServer();

  private static final Selected SELECTED = new Selected(server);

  private static final Instant NOW = Instant.now();
  private static final TimeRange DAY = lastDays(1);
  private static final TimeRange MONTH = lastDays(30);

  private static final Set<String> KINDS =
      Set.of("stat", "timeseries", "table", "barchart", "heatmap", "status-history", "traces");
  private static final Set<String> UNITS =
      Set.of("short", "locale", "percentunit", "ms", "s", "bytes", "string", "dateTimeAsIso");

  private static final Pattern LINK = Pattern.compile("/d/([\\w-]+)\\?(.*)");
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{?([a-z]+)\\b");

  /** A panel, named for the test report. */
  record Named(Dashboard dashboard, Dashboard.Panel panel) {
    @Override
    public String toString() {
      return dashboard.uid() + ": " + panel.title();
    }
  }

  /** One step of type step is selected, which waits for nothing. */
  private static final Set<String> OF_EVENTS = Set.of("Event wait latency", "Event wait timeouts");

  @BeforeAll
  static void aDayOfTwoWorkflows() throws SQLException {
    server.startWithOddRuns();
  }

  static List<Dashboard> dashboards() throws IOException {
    return Selected.dashboards();
  }

  static List<Named> panels() throws IOException {
    return dashboards().stream()
        .flatMap(dashboard -> dashboard.panels().stream().map(panel -> new Named(dashboard, panel)))
        .toList();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("panels")
  void everyPanelHasAnswersForAllWorkflows(Named named) throws SQLException {
    everyTargetAnswers(named, DAY, true);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("panels")
  void everyPanelHasAnswersForOneWorkflowAndStep(Named named) throws SQLException {
    assumeFalse(
        named.dashboard().uid().equals("flowmeter-step")
            && OF_EVENTS.contains(named.panel().title()));
    everyTargetAnswers(named, DAY, false);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("panels")
  void everyPanelHasAnswersForAMonth(Named named) throws SQLException {
    everyTargetAnswers(named, MONTH, true);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("panels")
  void everyPanelIsExplained(Named named) {
    Dashboard.Panel panel = named.panel();
    assertThat(panel.type()).isIn(KINDS);
    assertThat(panel.description()).hasSizeGreaterThan(20).endsWith(".");
    assertThat(panel.unit()).isIn(UNITS);
    assertThat(panel.noValue()).isNotEmpty();
    assertThat(panel.targets()).hasSize(1);
    Dashboard.Target target = panel.targets().get(0);
    assertThat(target.datasource()).isEqualTo("${datasource}");
    assertThat(target.format())
        .isEqualTo(
            switch (panel.type()) {
              case "timeseries", "status-history" -> 0;
              case "traces" -> 3;
              default -> 1;
            });
    assertThat(target.rawSql())
        .containsAnyOf("account_id = ${account:singlequote}", "FROM flowmeter.stream_minutes");
    assertThat(variablesIn(target.rawSql())).isSubsetOf(names(named.dashboard()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("panels")
  void everyFieldAndLinkOfAPanelIsOneThatThereIs(Named named) throws SQLException, IOException {
    Map<String, Dashboard> pages =
        dashboards().stream().collect(Collectors.toMap(Dashboard::uid, Function.identity()));
    Set<String> columns = columns(named);
    if (named.panel().type().equals("table")) {
      assertThat(named.panel().fields()).containsExactlyInAnyOrderElementsOf(columns);
    }
    for (String link : named.panel().links()) {
      assertThat(link).matches(LINK);
      MatchResult parts = LINK.matcher(link).results().findFirst().orElseThrow();
      assertThat(pages).containsKey(parts.group(1));
      Set<String> there = names(pages.get(parts.group(1)));
      for (String variable : groups("var-(\\w+)=", link)) {
        assertThat(there).contains(variable);
      }
      assertThat(columns).containsAll(groups("__data\\.fields\\.(\\w+)", link));
      assertThat(there).containsAll(groups("\\$\\{(\\w+):queryparam}", link));
      assertThat(names(named.dashboard())).containsAll(groups("\\$\\{(\\w+):percentencode}", link));
    }
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void everyVariableHasValues(Dashboard dashboard) throws SQLException {
    assertThat(dashboard.variables().get(0).type()).isEqualTo("datasource");
    SELECTED
        .of(dashboard, DAY, true)
        .forEach(selection -> assertThat(selection.values()).as(selection.variable()).isNotEmpty());
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void everyAnnotationHasMarks(Dashboard dashboard) throws SQLException {
    for (Dashboard.Target target : dashboard.annotations()) {
      assertThat(target.datasource()).isEqualTo("${datasource}");
      String sql =
          new MacroExpander(DAY, Duration.ofMinutes(5), SELECTED.of(dashboard, DAY, true))
              .expand(target.rawSql());
      List<Map<String, Object>> rows = server.query(sql);
      assertThat(rows).as(sql).isNotEmpty();
      assertThat(rows.get(0)).containsKeys("time", "text");
    }
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void noPanelStandsOnAnother(Dashboard dashboard) {
    Set<List<Integer>> taken = new HashSet<>();
    for (Dashboard.Panel panel : dashboard.panels()) {
      Dashboard.Place place = panel.place();
      assertThat(place.x() + place.width()).isLessThanOrEqualTo(24);
      for (int x = place.x(); x < place.x() + place.width(); x++) {
        for (int y = place.y(); y < place.y() + place.height(); y++) {
          assertThat(taken.add(List.of(x, y))).as(panel.title()).isTrue();
        }
      }
    }
  }

  private static void everyTargetAnswers(Named named, TimeRange range, boolean all)
      throws SQLException {
    List<Selection> selections = SELECTED.of(named.dashboard(), range, all);
    String sql =
        Selected.expander(named.panel(), range, selections)
            .expand(named.panel().targets().get(0).rawSql());
    assertThat(sql).doesNotContain("$");
    List<Map<String, Object>> rows = server.query(sql);
    assertThat(rows).as(sql).isNotEmpty();
    if (named.panel().type().equals("stat")) {
      assertThat(rows.get(0).values()).as(sql).doesNotContainNull();
    }
    if (named.panel().targets().get(0).format() == 0) {
      assertThat(rows.get(0)).containsKey("time");
      assertThat(rows).as("points in time").hasSizeGreaterThan(all && range == DAY ? 20 : 1);
    }
  }

  private static Set<String> columns(Named named) throws SQLException {
    String sql =
        Selected.expander(named.panel(), DAY, SELECTED.of(named.dashboard(), DAY, true))
            .expand(named.panel().targets().get(0).rawSql());
    return server.query(sql).get(0).keySet();
  }

  private static Set<String> names(Dashboard dashboard) {
    return dashboard.variables().stream().map(Dashboard.Variable::name).collect(Collectors.toSet());
  }

  private static List<String> variablesIn(String sql) {
    return VARIABLE
        .matcher(sql)
        .results()
        .map(found -> found.group(1))
        .filter(not(String::isEmpty))
        .toList();
  }

  private static List<String> groups(String pattern, String text) {
    return Pattern.compile(pattern).matcher(text).results().map(found -> found.group(1)).toList();
  }

  private static TimeRange lastDays(int days) {
    return new TimeRange(NOW.minus(Duration.ofDays(days)), NOW.plusSeconds(60));
  }
}
