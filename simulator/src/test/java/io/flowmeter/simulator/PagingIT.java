package io.flowmeter.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PagingIT {
  private static final String LIST = "/webhook-relay/instances";

  private final MovingClock clock = Example.clock();
  private Simulator simulator;
  private ApiReader api;

  @BeforeEach
  void start() throws Exception {
    simulator = Simulator.start(Example.config(clock));
    api = new ApiReader(simulator);
  }

  @AfterEach
  void stop() {
    simulator.close();
  }

  private static List<String> ids(List<JsonNode> rows) {
    return rows.stream().map(row -> row.path("id").asText()).toList();
  }

  @Test
  void cursorReachesEveryRowOnceWhileNothingMoves() throws Exception {
    List<String> newestFirst = ids(api.allByCursor(LIST + "?per_page=7"));
    int total = api.envelope(LIST).path("result_info").path("total_count").intValue();
    assertThat(newestFirst).hasSize(total).doesNotHaveDuplicates();

    List<String> oldestFirst = new ArrayList<>(ids(api.allByCursor(LIST + "?direction=asc")));
    Collections.reverse(oldestFirst);
    assertThat(oldestFirst).isEqualTo(newestFirst);
  }

  @Test
  void pageNumbersReachTheSameRows() throws Exception {
    List<String> byPage = new ArrayList<>();
    int pages = api.envelope(LIST + "?page=1").path("result_info").path("total_pages").intValue();
    for (int page = 1; page <= pages; page++) {
      JsonNode result = api.envelope(LIST + "?page=" + page);
      assertThat(result.path("result_info").path("count").intValue())
          .isEqualTo(result.path("result").size());
      byPage.addAll(result.path("result").findValuesAsText("id"));
    }
    assertThat(byPage).isEqualTo(ids(api.allByCursor(LIST)));
    assertThat(api.result(LIST + "?page=" + (pages + 1))).isEmpty();
  }

  @Test
  void fiftyRowsMakeAPageUnlessToldOtherwise() throws Exception {
    assertThat(api.result(LIST)).hasSize(50);
    assertThat(api.result(LIST + "?per_page=100")).hasSize(100);
    assertThat(api.result(LIST + "?per_page=1")).hasSize(1);
  }

  @Test
  void newInstancesShiftTheCursorSoThatRowsRepeatButNoneIsLost() throws Exception {
    List<String> before = ids(api.allByCursor(LIST));
    JsonNode first = api.envelope(LIST + "?per_page=40");
    clock.advance(Duration.ofSeconds(30));
    String cursor = first.path("result_info").path("cursor").asText();
    List<String> seen = new ArrayList<>(first.path("result").findValuesAsText("id"));
    List<String> second = api.result(LIST + "?per_page=40&cursor=" + cursor).findValuesAsText("id");
    assertThat(second).containsAnyElementsOf(seen);
    seen.addAll(second);
    assertThat(seen).containsAll(before.subList(0, 45));
  }

  @Test
  void countsOfAWorkflowEqualItsList() throws Exception {
    for (String workflow : Example.WORKFLOWS) {
      Map<String, Integer> counted = new HashMap<>();
      for (JsonNode row : api.allByCursor("/" + workflow + "/instances?per_page=100")) {
        counted.merge(row.path("status").asText(), 1, Integer::sum);
      }
      JsonNode counts = api.result("/" + workflow).path("instances");
      counts
          .fieldNames()
          .forEachRemaining(
              status ->
                  assertThat(counts.path(status).intValue())
                      .as("%s %s", workflow, status)
                      .isEqualTo(counted.getOrDefault(status, 0)));
    }
  }

  @Test
  void statusAndDatesNarrowTheList() throws Exception {
    List<JsonNode> all = api.allByCursor("/order-fulfilment/instances?per_page=100");
    List<JsonNode> waiting = api.allByCursor("/order-fulfilment/instances?status=waiting");
    assertThat(waiting).isNotEmpty();
    assertThat(waiting)
        .isEqualTo(
            all.stream().filter(row -> row.path("status").asText().equals("waiting")).toList());

    String from = all.get(60).path("created_on").asText();
    String to = all.get(20).path("created_on").asText();
    List<JsonNode> window =
        api.allByCursor("/order-fulfilment/instances?date_start=" + from + "&date_end=" + to);
    assertThat(window).isEqualTo(all.subList(20, 61));
    String empty = "/order-fulfilment/instances?date_start=" + to + "&date_end=" + from;
    assertThat(api.allByCursor(empty)).isEmpty();
  }

  @Test
  void workflowsAreFoundByPartOfTheirName() throws Exception {
    assertThat(api.result("?search=sync").findValuesAsText("name"))
        .containsExactly("inventory-sync");
    assertThat(new HashSet<>(api.result("?page=2&per_page=5").findValuesAsText("name")))
        .containsExactlyInAnyOrder("webhook-relay", "inventory-sync");
  }
}
