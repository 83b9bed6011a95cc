package io.flowmeter.bench.tables;

import io.flowmeter.sql.ReadyQuery;
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
record Question(Group group, String name, String range, String sql) {
  /** Whose questions they are. */
  enum Group {
    /** Of the library of ready queries. */
    LIBRARY,
    /** As the dashboards have them, for one workflow and for all. */
    PANELS,
    /** Two of the dashboards', asked of the facts instead. */
    FACTS
  }

  static final String AS_WRITTEN = "as_written";

  /** Seconds of each range, and of a point of its charts; in the order in which they are told. */
  private enum Range {
    H1(3_600, 60),
    H24(86_400, 300),
    D7(7 * 86_400, 3_600),
    D30(30 * 86_400, 86_400);

    private final int seconds;
    private final int interval;

    Range(int seconds, int interval) {
      this.seconds = seconds;
      this.interval = interval;
    }

    String title() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final Pattern BACK_FROM_NOW =
      Pattern.compile("(now\\(\\)|now64\\(3\\)) - INTERVAL (\\d+ (?:MINUTE|HOUR|DAY))\\b");
  private static final Pattern NOW = Pattern.compile("\\bnow(64)?\\((?:3(?:, )?)?(?:'UTC')?\\)");
  private static final Pattern TITLED = Pattern.compile("-- ([a-z_.]+)\n");

  /** All, each range after the one before. */
  static List<Question> all() {
    List<Question> all = new ArrayList<>();
    ReadyQuery.all()
        .forEach(
            query -> all.add(new Question(Group.LIBRARY, query.name(), AS_WRITTEN, query.sql())));
    for (Range range : Range.values()) {
      ReadyQuery.all().forEach(query -> stretched(query, range).ifPresent(all::add));
      panels(range).forEach(all::add);
    }
    return all;
  }

  /** The same, asked at another time than now. */
  Question asOf(Instant then) {
    return new Question(group, name, range, asOf(then, sql));
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
  private static Optional<Question> stretched(ReadyQuery query, Range range) {
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
    return Optional.of(new Question(Group.LIBRARY, query.name(), range.title(), sql));
  }

  private static Stream<Question> panels(Range range) {
    return Stream.of(
            Map.entry("one", "workflow = 'workflow-07'"), Map.entry("all", "workflow != ''"))
        .flatMap(
            whose ->
                GeneratedMonth.read("panels.sql")
                    .with(
                        Map.of(
                            "workflow", whose.getValue(),
                            "interval", Integer.toString(range.interval),
                            "range", Integer.toString(range.seconds)))
                    .statements()
                    .stream()
                    .map(sql -> panel(range, whose.getKey(), sql)));
  }

  private static Question panel(Range range, String whose, String sql) {
    Matcher title = TITLED.matcher(sql);
    String name = "";
    while (title.find()) {
      name = title.group(1);
    }
    boolean ofFacts = name.startsWith("facts.");
    return new Question(
        ofFacts ? Group.FACTS : Group.PANELS,
        name.replace("facts.", "") + "_of_" + whose,
        range.title(),
        sql);
  }
}
