package io.flowmeter.preview;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.dashboards.MacroExpander;
import io.flowmeter.dashboards.Selection;
import io.flowmeter.dashboards.TimeRange;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DashboardModelsTest {

  private static final TimeRange RANGE =
      new TimeRange(Instant.parse("2026-01-01T00:00:00Z"), Instant.parse("2026-01-02T00:00:00Z"));

  /** What would end a text if it stood in it as it is. */
  private static final String VALUE = "x'y";

  static Stream<DashboardModel> boards() throws IOException {
    DashboardModels boards = Shapes.andAllPacked();
    List<DashboardModel> all = new ArrayList<>();
    boards.list().forEach(each -> all.add(boards.get(each.path("uid").asText())));
    return all.stream();
  }

  @Test
  void thereAreDashboardsAndTheOverviewComesFirst() {
    assertThat(DashboardModels.packed().list()).hasSizeGreaterThan(1);
    assertThat(DashboardModels.packed().list().get(0).path("uid").asText())
        .isEqualTo("flowmeter-overview");
  }

  @ParameterizedTest
  @MethodSource("boards")
  void whatIsSelectedStandsInQueriesAsTextOnly(DashboardModel board) {
    List<Selection> selections =
        board.variables().stream()
            .map(variable -> variable.path("name").asText())
            .map(name -> Selection.one(name, VALUE))
            .toList();
    MacroExpander expander = new MacroExpander(RANGE, Duration.ofMinutes(5), selections);

    for (String rawSql : board.json().findValuesAsText("rawSql")) {
      assertThat(expander.expand(rawSql)).doesNotContain(VALUE).doesNotContain("$");
    }
  }

  @ParameterizedTest
  @MethodSource("boards")
  void eachPanelHasANumberOfItsOwn(DashboardModel board) {
    Set<Long> numbers = new HashSet<>();
    DashboardModel.each(board.json().path("panels"))
        .flatMap(
            panel -> Stream.concat(Stream.of(panel), DashboardModel.each(panel.path("panels"))))
        .forEach(panel -> assertThat(numbers.add(panel.path("id").asLong())).isTrue());
    assertThat(numbers).doesNotContain(0L);
  }
}
