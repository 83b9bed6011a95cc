package io.flowmeter.preview;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.flowmeter.dashboards.MacroExpander;
import io.flowmeter.dashboards.Selection;
import io.flowmeter.dashboards.TimeRange;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the page asks: something of a dashboard, over a range, with what is selected of its
 * variables. There is no place for SQL in it, and what is not expected is refused.
 *
 * @param of what of the dashboard: {@code panel} (its number), {@code variable} or {@code
 *     annotation} (its name)
 */
record PanelQuery(
    DashboardModel board,
    JsonNode of,
    TimeRange range,
    Duration interval,
    List<Selection> selections) {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long LAST_MS = Instant.parse("2200-01-01T00:00:00Z").toEpochMilli();

  /** A range of more points than that is no chart. */
  private static final long MOST_POINTS = 11_000;

  private static final int LONGEST_VALUE = 4_096;

  /**
   * Reads a question.
   *
   * @param kind what of the dashboard is asked for, and the name of its field
   * @throws BadRequestException where something is missing, too much, or does not fit
   */
  static PanelQuery read(byte[] body, String kind, DashboardModels boards) {
    JsonNode json = parse(body);
    Set<String> names = new TreeSet<>();
    json.fieldNames().forEachRemaining(names::add);
    names.removeAll(Set.of("dashboard", kind, "from", "to", "interval", "variables"));
    if (!names.isEmpty()) {
      throw BadRequestException.wrong(
          "expected dashboard, %s, from, to, interval and variables, came also %s"
              .formatted(kind, names));
    }
    DashboardModel board = boards.get(json.path("dashboard").asText());
    TimeRange range = range(number(json, "from"), number(json, "to"));
    Duration interval = Duration.ofMillis(Math.max(number(json, "interval"), 1_000));
    if (Duration.between(range.from(), range.to()).dividedBy(interval) > MOST_POINTS) {
      throw BadRequestException.wrong(
          "expected an interval that makes at most %d points, came %d ms"
              .formatted(MOST_POINTS, interval.toMillis()));
    }
    return new PanelQuery(
        board, json.path(kind), range, interval, selections(board, json.path("variables")));
  }

  /** The SQL that a text of the dashboard means. */
  String expand(String rawSql) {
    try {
      return new MacroExpander(range, interval, selections).expand(rawSql);
    } catch (IllegalArgumentException e) {
      throw BadRequestException.wrong(e.getMessage());
    }
  }

  private static JsonNode parse(byte[] body) {
    try {
      JsonNode json = JSON.readTree(body);
      if (json != null && json.isObject()) {
        return json;
      }
    } catch (IOException notJson) {
      throw BadRequestException.wrong("expected a JSON object, but it cannot be read as JSON");
    }
    throw BadRequestException.wrong("expected a JSON object");
  }

  private static TimeRange range(long from, long to) {
    if (from < 0 || to > LAST_MS || from > to) {
      throw BadRequestException.wrong(
          "expected from before to, in ms since 1970 and before 2200, came %d and %d"
              .formatted(from, to));
    }
    return new TimeRange(Instant.ofEpochMilli(from), Instant.ofEpochMilli(to));
  }

  private static long number(JsonNode json, String name) {
    JsonNode value = json.path(name);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw BadRequestException.wrong(
          "expected a whole number of ms as " + name + ", came " + shown(value));
    }
    return value.asLong();
  }

  private static List<Selection> selections(DashboardModel board, JsonNode variables) {
    List<Selection> selections = new ArrayList<>();
    for (Map.Entry<String, JsonNode> each : variables.properties()) {
      JsonNode variable =
          board
              .variable(each.getKey())
              .orElseThrow(
                  () ->
                      BadRequestException.wrong(
                          "expected variables of %s, came %s"
                              .formatted(board.uid(), each.getKey())));
      if (!variable.path("type").asText().equals("constant")) {
        selections.add(selection(variable, each.getValue()));
      }
    }
    for (JsonNode variable : board.variables()) {
      if (variable.path("type").asText().equals("constant")) {
        selections.add(
            Selection.one(variable.path("name").asText(), variable.path("query").asText()));
      }
    }
    return selections;
  }

  private static Selection selection(JsonNode variable, JsonNode selected) {
    List<String> values = new ArrayList<>();
    for (JsonNode value : selected.path("values")) {
      if (!value.isTextual() || value.asText().length() > LONGEST_VALUE) {
        throw BadRequestException.wrong(
            "expected texts of up to %d characters as values of %s"
                .formatted(LONGEST_VALUE, variable.path("name").asText()));
      }
      values.add(literal(value.asText()));
    }
    boolean multi = variable.path("multi").asBoolean();
    boolean all = selected.path("all").asBoolean() && variable.path("includeAll").asBoolean();
    if (!multi && !all && values.size() != 1) {
      throw BadRequestException.wrong(
          "expected one value of %s, came %d"
              .formatted(variable.path("name").asText(), values.size()));
    }
    return new Selection(variable.path("name").asText(), values, all, multi || all);
  }

  /**
   * As it must stand between quotes, where the data source's formats escape nothing but quotes. A
   * backslash would take the closing quote away, and a dollar could begin a macro, which is
   * expanded wherever it stands and can bring quotes of its own.
   */
  private static String literal(String value) {
    return value.replace("\\", "\\\\").replace("$", "\\x24");
  }

  private static String shown(JsonNode value) {
    String text = value.isMissingNode() ? "nothing" : value.toString();
    return text.length() > 100 ? text.substring(0, 100) + "…" : text;
  }
}
