package io.flowmeter.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.testkit.ClickHouseServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What is selected on a page when it is opened, or narrowed down; asked for once. */
final class Selected {

  private record Asked(String uid, TimeRange range, boolean all) {}

  private final ClickHouseServer server;
  private final Map<Asked, List<Selection>> known = new HashMap<>();

  Selected(ClickHouseServer server) {
    this.server = server;
  }

  static List<Dashboard> dashboards() throws IOException {
    Path folder = Path.of(System.getProperty("flowmeter.home"), "dashboards/grafana");
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().map(Dashboard::read).toList();
    }
  }

  static MacroExpander expander(
      Dashboard.Panel panel, TimeRange range, List<Selection> selections) {
    return new MacroExpander(
        range, range.interval(panel.maxDataPoints(), Duration.ofMinutes(1)), selections);
  }

  /**
   * The first of every variable with one value; of one with several values all, or the first.
   *
   * @param all whether all are selected where several can be
   */
  List<Selection> of(Dashboard dashboard, TimeRange range, boolean all) throws SQLException {
    Asked asked = new Asked(dashboard.uid(), range, all);
    List<Selection> selections = known.get(asked);
    if (selections == null) {
      selections = ask(dashboard, range, all);
      known.put(asked, selections);
    }
    return selections;
  }

  private List<Selection> ask(Dashboard dashboard, TimeRange range, boolean all)
      throws SQLException {
    List<Selection> selections = new ArrayList<>();
    for (Dashboard.Variable variable : dashboard.variables()) {
      if (!variable.type().equals("query")) {
        continue;
      }
      String sql =
          new MacroExpander(range, Duration.ofMinutes(5), selections).expand(variable.rawSql());
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
    return List.copyOf(selections);
  }
}
