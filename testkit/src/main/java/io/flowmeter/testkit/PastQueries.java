package io.flowmeter.testkit;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Queries as they would have read at a past moment. Queries and views ask for {@code now()}: here
 * it is the moment, in the query and in each view that it reads. The SELECT of a view takes the
 * place of its name, so that nothing is written and no view changes.
 */
public final class PastQueries {

  /**
   * The views that ask for the time, as {@code name} and {@code as_select}. Those with parameters
   * are told the time by their readers, and ask for it only because of retention: they are read as
   * they are.
   */
  public static final String VIEWS =
      """
      SELECT name, as_select FROM system.tables
      WHERE database = 'flowmeter' AND engine = 'View'
        AND match(as_select, 'now(64)?\\\\(') AND NOT match(as_select, '\\\\{\\\\w+:')""";

  private static final Pattern NOW = Pattern.compile("\\bnow\\((?:'UTC')?\\)");
  private static final Pattern NOW_MS = Pattern.compile("\\bnow64\\(3(?:, 'UTC')?\\)");

  /** A relation that is read, and whether it has another name there. */
  private static final Pattern READ =
      Pattern.compile("\\b(FROM|JOIN)\\s+(?:flowmeter\\.)?(\\w+)\\b(?!\\()(\\s+AS\\b)?");

  /** In front of a name that nothing takes the place of; the database, spelt as nobody does. */
  private static final String AS_IT_IS = "flowmeter . ";

  private final Map<String, String> relations;

  private PastQueries(Map<String, String> relations) {
    this.relations = relations;
  }

  /**
   * Queries on all rows that there are.
   *
   * @param views the SELECT of each view by its name: the rows of {@link #VIEWS}
   */
  public static PastQueries of(Map<String, String> views) {
    return new PastQueries(Map.copyOf(views));
  }

  /**
   * The same with other rows in some relations, such as those that were known at the moment.
   *
   * @param known by relation, a SELECT with its columns; what that reads is read as it is
   */
  public PastQueries knowing(Map<String, String> known) {
    Map<String, String> all = new HashMap<>(relations);
    known.forEach(
        (name, select) ->
            all.put(name, READ.matcher(select).replaceAll("$1 " + AS_IT_IS + "$2$3")));
    return new PastQueries(all);
  }

  /** The query as of the moment. */
  public String at(Instant moment, String sql) {
    String text = inlined(sql).replace(AS_IT_IS, "flowmeter.");
    text = NOW.matcher(text).replaceAll("toDateTime(%d, 'UTC')".formatted(moment.getEpochSecond()));
    return NOW_MS.matcher(text).replaceAll(literal(moment));
  }

  /** The moment in SQL, to the millisecond. */
  public static String literal(Instant moment) {
    return "fromUnixTimestamp64Milli(%d, 'UTC')".formatted(moment.toEpochMilli());
  }

  private String inlined(String sql) {
    return READ.matcher(sql).replaceAll(this::read);
  }

  private String read(MatchResult found) {
    String select = relations.get(found.group(2));
    if (select == null) {
      return Matcher.quoteReplacement(found.group());
    }
    String alias = found.group(3) == null ? found.group(2) : "";
    return Matcher.quoteReplacement(
        "%s (%s) AS %s".formatted(found.group(1), inlined(select), alias));
  }
}
