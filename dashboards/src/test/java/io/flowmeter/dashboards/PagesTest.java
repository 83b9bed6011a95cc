package io.flowmeter.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.flowmeter.dashboards.pages.DashboardBuilder;
import io.flowmeter.dashboards.pages.Pages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The dashboards' files are those that the pages say. */
class PagesTest {

  private static final Path FOLDER =
      Path.of(System.getProperty("flowmeter.home"), "dashboards/grafana");
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  static List<DashboardBuilder> pages() {
    return Pages.all();
  }

  /** To accept a change, run with {@code -Dgolden.update=true} and commit the files. */
  @ParameterizedTest
  @MethodSource("pages")
  void theFileOfAPageIsWhatThePageSays(DashboardBuilder dashboard) throws IOException {
    Path file = FOLDER.resolve(dashboard.uid() + ".json");
    String json = JSON.writeValueAsString(dashboard.json()) + "\n";
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(file, json);
    }
    assertThat(file).hasContent(json);
  }

  /** Grafana's site refuses a dashboard that does not say so. */
  @ParameterizedTest
  @MethodSource("pages")
  void theFileSaysWhatItRequires(DashboardBuilder dashboard) {
    assertThat(dashboard.json().path("__inputs").isArray()).isTrue();
    assertThat(dashboard.json().path("__requires").findValuesAsText("id"))
        .contains("grafana", "grafana-clickhouse-datasource", "stat", "table")
        .doesNotContain("row");
  }

  /**
   * A description that points to a panel of precision, on a dashboard without it, is a dead end.
   */
  @ParameterizedTest
  @MethodSource("pages")
  void anEstimateIsOnADashboardThatShowsItsPrecision(DashboardBuilder page) {
    List<String> estimates =
        page.json().path("panels").findParents("description").stream()
            .filter(panel -> panel.path("description").asText().contains("estimate if runs are"))
            .map(panel -> panel.path("title").asText())
            .toList();
    if (!estimates.isEmpty()) {
      assertThat(page.json().path("panels").findValuesAsText("title"))
          .as("panels of a dashboard with the estimates %s", estimates)
          .contains("Failure rate precision");
    }
  }

  @Test
  void thereIsNoFileWithoutAPage() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(
              pages().stream().map(dashboard -> dashboard.uid() + ".json").toList());
    }
  }
}
