package io.flowmeter.bench.tables;

import io.flowmeter.dashboards.Dashboard;
import io.flowmeter.dashboards.MacroExpander;
import io.flowmeter.dashboards.Selection;
import io.flowmeter.dashboards.TimeRange;
import io.flowmeter.dashboards.pages.Pages;
import io.flowmeter.sql.ReadyQuery;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What is asked of the tables.
 *
 * @param group whose it is
 * @param name of lower-case words
 * @param range the name of its range; {@code as_written} for a ready query's own
 * @param sql one statement
 */
record TimedQuery(Group group, String name, String range, String sql) {
  /** Whose questions they are. */
  enum Group {
    /** Of the library of ready queries. */
    LIBRARY,
    /**
     * Every panel of every dashboard, for one workflow and step and for all that the page can show.
     */
    PANELS,
    /** Two answers that the facts have as well, from rollups. */
    ROLLUPS,
    /** The same, from the facts. */
    FACTS
  }

  static final String AS_WRITTEN = "as_written";

  static final int RANGES = Range.values().length;

  /** Of a point of a chart, at least. */
  private static final Duration LEAST_INTERVAL = Duration.ofMinutes(1);

  /** Seconds of each range, in the order in which they are told. */
  private enum Range {
    H1(3_600),
    H24(86_400),
    D7(7 * 86_400),
    D30(30 * 86_400);

    private final int seconds;

    Range(int seconds) {
      this.seconds = seconds;
    }

    String title() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final Pattern BACK_FROM_NOW =
      Pattern.compile("(now\\(\\)|now64\\(3\\)) - INTERVAL (\\d+ (?:MINUTE|HOUR|DAY))\\b");
  private static final Pattern NOW = Pattern.compile("\\bnow(64)?\\((?:3(?:, )?)?(?:'UTC')?\\)");
  private static final Pattern TITLED = Pattern.compile("-- ([a-z_.]+)\n");

  /**
   * What the dashboards show: a workflow, or all of them, and one run of it.
   *
   * @param step of the workflow
   * @param run of the instance
   */
  record Shown(String account, String workflow, String step, String instance, String run) {

    /**
     * One of each variable of a page.
     *
     * @param all whether all instead, of those of which the page can show all
     */
    private List<Selection> on(Dashboard dashboard, boolean all) {
      return Stream.of(
              Selection.one("account", account),
              Selection.some("workflow", workflow),
              Selection.all("version", List.of()),
              Selection.some("step", step),
              Selection.one("instance", instance),
              Selection.one("run", run),
              Selection.one("objective", "0.99"))
          .map(
              one ->
                  all && canShowAll(dashboard, one.variable())
                      ? Selection.all(one.variable(), List.of())
                      : one)
          .toList();
    }

    private static boolean canShowAll(Dashboard dashboard, String name) {
      return dashboard.variables().stream()
          .anyMatch(variable -> variable.name().equals(name) && variable.includeAll());
    }
  }

  /**
   * All, each range after the one before, as of a moment.
   *
   * @param ranges how many, shortest first
   * @param end of the month
   */
  static List<TimedQuery> all(int ranges, Instant end, Shown shown) {
    List<TimedQuery> all = new ArrayList<>();
    ReadyQuery.all()
        .forEach(
            query -> all.add(new TimedQuery(Group.LIBRARY, query.name(), AS_WRITTEN, query.sql())));
    for (Range range : List.of(Range.values()).subList(0, ranges)) {
      ReadyQuery.all().forEach(query -> stretched(query, range).ifPresent(all::add));
      panels(range, end, shown, false).forEach(all::add);
      panels(range, end, shown, true).forEach(all::add);
      besideFacts(range, shown).forEach(all::add);
    }
    return all.stream().map(question -> question.asOf(end)).toList();
  }

  /** The same, asked at another time than now. */
  private TimedQuery asOf(Instant then) {
    return new TimedQuery(group, name, range, asOf(then, sql));
  }

  static String asOf(Instant then, String sql) {
    return NOW.matcher(sql)
        .replaceAll(
            call ->
                call.group(1) == null
                    ? "toDateTime(%d, 'UTC')".formatted(then.getEpochSecond())
                    : "fromUnixTimestamp64Milli(%d, 'UTC')".formatted(then.toEpochMilli()));
  }

  /** A ready query that looks back over one range can look back over another. */
  private static Optional<TimedQuery> stretched(ReadyQuery query, Range range) {
    Matcher found = BACK_FROM_NOW.matcher(query.sql());
    Set<String> ranges = new HashSet<>();
    while (found.find()) {
      ranges.add(found.group(2));
    }
    if (ranges.size() != 1) {
      return Optional.empty();
    }
    String sql =
        BACK_FROM_NOW.matcher(query.sql()).replaceAll("$1 - INTERVAL " + range.seconds + " SECOND");
    return Optional.of(new TimedQuery(Group.LIBRARY, query.name(), range.title(), sql));
  }

  private static Stream<TimedQuery> panels(Range range, Instant end, Shown shown, boolean all) {
    TimeRange time = new TimeRange(end.minusSeconds(range.seconds), end);
    return Pages.all().stream()
        .map(page -> Dashboard.of(page.json()))
        .filter(
            dashboard ->
                !all || dashboard.variables().stream().anyMatch(Dashboard.Variable::includeAll))
        .flatMap(
            dashboard ->
                dashboard.panels().stream()
                    .map(
                        panel ->
                            panel(
                                dashboard,
                                panel,
                                time,
                                range,
                                all ? "all" : "one",
                                shown.on(dashboard, all))));
  }

  private static TimedQuery panel(
      Dashboard dashboard,
      Dashboard.Panel panel,
      TimeRange shown,
      Range range,
      String whose,
      List<Selection> selections) {
    Duration interval = shown.interval(panel.maxDataPoints(), LEAST_INTERVAL);
    String name =
        (dashboard.uid().replace("flowmeter-", "") + " " + panel.title())
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z]+", "_");
    return new TimedQuery(
        Group.PANELS,
        name + "_of_" + whose,
        range.title(),
        new MacroExpander(shown, interval, selections).expand(panel.targets().get(0).rawSql()));
  }

  private static Stream<TimedQuery> besideFacts(Range range, Shown shown) {
    return Stream.of(
            Map.entry("one", "workflow = '" + shown.workflow() + "'"),
            Map.entry("all", "workflow != ''"))
        .flatMap(
            whose ->
                GeneratedMonth.read("beside_facts.sql")
                    .with(
                        Map.of(
                            "workflow", whose.getValue(), "range", Integer.toString(range.seconds)))
                    .statements()
                    .stream()
                    .map(sql -> besideFacts(range, whose.getKey(), sql)));
  }

  private static TimedQuery besideFacts(Range range, String whose, String sql) {
    Matcher title = TITLED.matcher(sql);
    String name = "";
    while (title.find()) {
      name = title.group(1);
    }
    boolean ofFacts = name.startsWith("facts.");
    return new TimedQuery(
        ofFacts ? Group.FACTS : Group.ROLLUPS,
        name.replace("facts.", "") + "_of_" + whose,
        range.title(),
        sql);
  }
}
