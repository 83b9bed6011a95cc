package io.flowmeter.dashboards;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Turns a panel's {@code rawSql} into the SQL that Grafana's ClickHouse data source 4.x sends:
 * first <code>$__conditionalAll</code>, then variables, then all other macros, innermost first. An
 * unknown macro stays as it is, as it does there.
 *
 * <p>Statement macros (<code>$__columns</code>, <code>$__lttb</code>, …) and ad-hoc filters are not
 * expanded: Flowmeter's dashboards use none.
 *
 * @see <a href="https://github.com/grafana/clickhouse-datasource">the data source:
 *     pkg/macros/macros.go and src/data/CHDatasource.ts of 4.20</a>
 */
public final class MacroExpander {

  private static final Pattern VARIABLE =
      Pattern.compile("\\$\\{(?<braced>\\w+)(?::(?<format>\\w+))?}|\\$(?<plain>[A-Za-z]\\w*)");

  /** To take comments out, with what is in them, but not what looks like one in a quoted text. */
  private static final Pattern COMMENT_OR_QUOTED =
      Pattern.compile(
          "--[^\n]*|/\\*.*?\\*/|'(?:\\\\.|[^'\\\\])*'|`(?:\\\\.|[^`\\\\])*`|\"(?:\\\\.|[^\"\\\\])*\"",
          Pattern.DOTALL);

  private final Map<String, Function<MacroCall, String>> macros;
  private final Map<String, Selection> selections;

  /**
   * @param range what the dashboard looks at
   * @param interval the width of a point, as Grafana takes it from the panel's width and minimal
   *     interval
   * @param selections what is selected of each variable
   */
  public MacroExpander(TimeRange range, Duration interval, List<Selection> selections) {
    this.macros = macros(range, interval);
    this.selections = selections.stream().collect(Collectors.toMap(Selection::variable, s -> s));
  }

  /**
   * Expands a query.
   *
   * @throws IllegalArgumentException for a wrong number of arguments, an unclosed parenthesis or an
   *     unknown format
   */
  public String expand(String rawSql) {
    String conditions = expand(withoutComments(rawSql), this::conditionalAll);
    String variables = VARIABLE.matcher(conditions).replaceAll(this::variable);
    return expand(
        variables,
        call -> Optional.ofNullable(macros.get(call.name())).map(macro -> macro.apply(call)));
  }

  private static String expand(String sql, Function<MacroCall, Optional<String>> meaning) {
    String expanded = sql;
    int before = sql.length();
    while (true) {
      Optional<MacroCall> call = MacroCall.lastBefore(expanded, before);
      if (call.isEmpty()) {
        return expanded;
      }
      MacroCall found = call.get();
      Optional<String> text = meaning.apply(found);
      if (text.isPresent()) {
        expanded =
            expanded.substring(0, found.start()) + text.get() + expanded.substring(found.end());
      }
      before = found.start();
    }
  }

  private Optional<String> conditionalAll(MacroCall call) {
    if (!call.name().equals("conditionalAll")) {
      return Optional.empty();
    }
    Matcher variable = VARIABLE.matcher(call.argument(1, 2));
    boolean noCondition =
        variable.matches()
            && Optional.ofNullable(selections.get(nameOf(variable)))
                .filter(s -> s.all() || s.values().equals(List.of("")))
                .isPresent();
    return Optional.of(noCondition ? "1=1" : call.argument(0, 2));
  }

  private String variable(MatchResult found) {
    Matcher match = VARIABLE.matcher(found.group());
    match.matches();
    Selection selection = selections.get(nameOf(match));
    String format = Optional.ofNullable(match.group("format")).orElse("");
    return Matcher.quoteReplacement(selection == null ? found.group() : selection.as(format));
  }

  private static String nameOf(Matcher variable) {
    String braced = variable.group("braced");
    return braced == null ? variable.group("plain") : braced;
  }

  private static String withoutComments(String sql) {
    return COMMENT_OR_QUOTED
        .matcher(sql)
        .replaceAll(
            found ->
                found.group().startsWith("--") || found.group().startsWith("/*")
                    ? ""
                    : Matcher.quoteReplacement(found.group()));
  }

  private static Map<String, Function<MacroCall, String>> macros(
      TimeRange range, Duration interval) {
    String from = dateTime(range.from());
    String to = dateTime(range.to());
    String fromMs = dateTime64(range.from());
    String toMs = dateTime64(range.to());
    String fromDate = date(range.from());
    String toDate = date(range.to());
    long seconds = Math.max(interval.toSeconds(), 1);
    long millis = Math.max(interval.toMillis(), 1);
    Function<MacroCall, String> dateTimeFilter =
        call ->
            "(%s) AND (%s)"
                .formatted(
                    between(call.argument(0, 2), fromDate, toDate),
                    between(call.argument(1, 2), from, to));
    return Map.ofEntries(
        Map.entry("fromTime", call -> from),
        Map.entry("toTime", call -> to),
        Map.entry("fromTime_ms", call -> fromMs),
        Map.entry("toTime_ms", call -> toMs),
        Map.entry("timeFilter", call -> between(call.argument(0, 1), from, to)),
        Map.entry("timeFilter_ms", call -> between(call.argument(0, 1), fromMs, toMs)),
        Map.entry("dateFilter", call -> between(call.argument(0, 1), fromDate, toDate)),
        Map.entry("dateTimeFilter", dateTimeFilter),
        Map.entry("dt", dateTimeFilter),
        Map.entry("timeFrom", call -> call.argument(0, 1) + " >= " + from),
        Map.entry("timeTo", call -> call.argument(0, 1) + " <= " + to),
        Map.entry("timeGroup", call -> interval(call.argument(0, 2), period(call.argument(1, 2)))),
        Map.entry("timeInterval", call -> interval(call.argument(0, 1), seconds)),
        Map.entry(
            "timeInterval_ms",
            call ->
                "toStartOfInterval(toDateTime64(%s, 3), INTERVAL %d millisecond)"
                    .formatted(call.argument(0, 1), millis)),
        Map.entry("interval_s", call -> Long.toString(seconds)));
  }

  private static String between(String column, String from, String to) {
    return column + " >= " + from + " AND " + column + " <= " + to;
  }

  private static String interval(String column, long seconds) {
    return "toStartOfInterval(toDateTime(%s), INTERVAL %d second)".formatted(column, seconds);
  }

  private static String dateTime(Instant time) {
    return "toDateTime(" + time.getEpochSecond() + ")";
  }

  private static String dateTime64(Instant time) {
    return "fromUnixTimestamp64Milli(" + time.toEpochMilli() + ")";
  }

  private static String date(Instant time) {
    return "toDate('" + LocalDate.ofInstant(time, ZoneOffset.UTC) + "')";
  }

  /**
   * A duration as Go writes it, of one unit, in whole seconds: {@code 30s}, {@code 5m}, {@code 1h}.
   */
  private static long period(String text) {
    Matcher matcher = Pattern.compile("(\\d+)([smh])").matcher(text.replaceAll("['\"]", ""));
    if (!matcher.matches() || matcher.group(1).matches("0+")) {
      throw new IllegalArgumentException(
          "$__timeGroup expected a period such as 30s, 5m or 1h, received " + text);
    }
    long amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "h" -> Math.multiplyExact(amount, 3600);
      case "m" -> Math.multiplyExact(amount, 60);
      default -> amount;
    };
  }
}
