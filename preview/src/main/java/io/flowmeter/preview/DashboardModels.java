package io.flowmeter.preview;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.flowmeter.dashboards.pages.DashboardBuilder;
import io.flowmeter.dashboards.pages.Pages;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The dashboards that can be shown, in the order in which people come to them. */
final class DashboardModels {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, DashboardModel> byUid = new LinkedHashMap<>();

  private DashboardModels(List<DashboardModel> boards) {
    boards.forEach(board -> byUid.put(board.uid(), board));
  }

  /** Those that are packed with the program: the very files that Grafana is given. */
  static DashboardModels packed() {
    return new DashboardModels(
        Pages.all().stream().map(DashboardBuilder::uid).map(DashboardModels::read).toList());
  }

  private static DashboardModel read(String uid) {
    String name = "/io/flowmeter/dashboards/grafana/" + uid + ".json";
    try (InputStream file = Pages.class.getResourceAsStream(name)) {
      if (file == null) {
        throw new IllegalStateException("expected the dashboard " + name + " on the class path");
      }
      return new DashboardModel(JSON.readTree(file));
    } catch (IOException e) {
      throw new UncheckedIOException(name + " cannot be read", e);
    }
  }

  /** These and one more. */
  DashboardModels and(DashboardModel board) {
    List<DashboardModel> all = new ArrayList<>(byUid.values());
    all.add(board);
    return new DashboardModels(all);
  }

  DashboardModel get(String uid) {
    DashboardModel board = byUid.get(uid);
    if (board == null) {
      throw BadRequestException.unknown(
          "expected one of the dashboards %s, came %s".formatted(byUid.keySet(), uid));
    }
    return board;
  }

  /** What there is to choose from: uid, title and description of each. */
  JsonNode list() {
    ArrayNode list = JSON.createArrayNode();
    byUid
        .values()
        .forEach(
            board ->
                list.addObject()
                    .put("uid", board.uid())
                    .put("title", board.title())
                    .put("description", board.description()));
    return list;
  }
}
