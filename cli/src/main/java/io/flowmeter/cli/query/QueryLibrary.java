package io.flowmeter.cli.query;

import io.flowmeter.cli.settings.Nearest;
import io.flowmeter.sql.ReadyQuery;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** The ready queries, as somebody at a terminal asks for them. */
public final class QueryLibrary {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*");
  private static final String SEE = "flowmeter sql --list tells all of them";
  private static final int WIDTH = 100;

  private QueryLibrary() {}

  /** Whether this is a name and no SQL: a single word is no query that ClickHouse could answer. */
  public static boolean isName(String query) {
    return NAME.matcher(query.strip()).matches();
  }

  /**
   * The ready query of that name.
   *
   * @throws QueryException where there is none
   */
  public static ReadyQuery named(String name) {
    return ReadyQuery.named(name.strip())
        .orElseThrow(
            () ->
                new QueryException(
                    "there is no ready query %s; did you mean %s? %s"
                        .formatted(
                            name.strip(),
                            Nearest.to(
                                name.strip(), ReadyQuery.all().stream().map(ReadyQuery::name)),
                            SEE)));
  }

  /**
   * The SQL of a ready query in which these parameters are to be filled in.
   *
   * @param chosen names of parameters
   * @throws QueryException if the query has no parameter of one of these names
   */
  public static String sql(ReadyQuery query, Set<String> chosen) {
    try {
      return query.sql(chosen);
    } catch (IllegalArgumentException e) {
      throw new QueryException("--param: " + e.getMessage(), e);
    }
  }

  /** All names, for shell completion. */
  public static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return ReadyQuery.all().stream().map(ReadyQuery::name).iterator();
    }
  }

  /** Every name with its question and its parameters, by reader. */
  public static String list() {
    List<ReadyQuery> all = ReadyQuery.all();
    int indent = 4 + all.stream().mapToInt(query -> query.name().length()).max().orElse(0);
    StringBuilder list = new StringBuilder();
    for (ReadyQuery.Reader reader : ReadyQuery.Reader.values()) {
      list.append(list.isEmpty() ? "" : "\n").append(reader.title()).append('\n');
      for (ReadyQuery query : all) {
        if (query.reader() == reader) {
          list.append(entry(query, indent));
        }
      }
    }
    return list.toString().stripTrailing();
  }

  private static String entry(ReadyQuery query, int indent) {
    StringBuilder entry = new StringBuilder();
    append(entry, "  " + query.name(), query.question(), indent);
    for (ReadyQuery.Parameter each : query.parameters()) {
      append(
          entry,
          "",
          "--param %s=%s: %s".formatted(each.name(), each.standard(), each.meaning()),
          indent);
    }
    return entry.toString();
  }

  /** A text that is wrapped, beside what is at the left of its first line. */
  private static void append(StringBuilder entry, String left, String text, int indent) {
    StringBuilder line = new StringBuilder(left);
    line.append(" ".repeat(indent - line.length() - 1));
    for (String word : text.split(" ")) {
      if (line.length() + 1 + word.length() > WIDTH) {
        entry.append(line).append('\n');
        line = new StringBuilder(" ".repeat(indent - 1));
      }
      line.append(' ').append(word);
    }
    entry.append(line).append('\n');
  }
}
