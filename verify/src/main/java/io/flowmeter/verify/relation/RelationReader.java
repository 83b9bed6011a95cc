package io.flowmeter.verify.relation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads relations as anyone may: over ClickHouse's HTTP interface, as the read-only user. */
public final class RelationReader {

  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final URI clickHouse;
  private final String password;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
  private final ObjectMapper json = new ObjectMapper();

  public RelationReader(URI clickHouse, String readerPassword) {
    this.clickHouse = clickHouse;
    this.password = readerPassword;
  }

  public List<Row> rows(Relation relation) {
    return query(relation.select());
  }

  /** The rows that a relation has of one workflow. */
  public List<Row> rows(Relation relation, String workflow) {
    return query(
        relation.select() + " WHERE workflow = {workflow:String}", Map.of("workflow", workflow));
  }

  /** Every workflow that some relation has rows of. */
  public Set<String> workflows() {
    Set<String> names = new TreeSet<>();
    for (Relation relation : Relation.values()) {
      if (relation.isOfWorkflows()) {
        query("SELECT DISTINCT workflow FROM " + relation.sqlName())
            .forEach(row -> names.add(row.text("workflow")));
      }
    }
    return names;
  }

  /** The rows of a query; a column that ends in {@code _at_ms} is named without {@code _ms}. */
  public List<Row> query(String sql) {
    return query(sql, Map.of());
  }

  private List<Row> query(String sql, Map<String, String> parameters) {
    StringBuilder uri =
        new StringBuilder("/?database=flowmeter&output_format_json_quote_64bit_integers=0");
    parameters.forEach(
        (name, value) ->
            uri.append("&param_%s=".formatted(name))
                .append(URLEncoder.encode(value, StandardCharsets.UTF_8)));
    try {
      HttpRequest request =
          HttpRequest.newBuilder(clickHouse.resolve(uri.toString()))
              .timeout(TIMEOUT)
              .header("X-ClickHouse-User", "flowmeter_reader")
              .header("X-ClickHouse-Key", password)
              .POST(BodyPublishers.ofString(sql + " FORMAT JSONEachRow", StandardCharsets.UTF_8))
              .build();
      var response = http.send(request, BodyHandlers.ofLines());
      try (Stream<String> lines = response.body()) {
        if (response.statusCode() != 200) {
          throw new IllegalStateException(
              "expected rows of `%s`, got %d: %s"
                  .formatted(sql, response.statusCode(), lines.collect(Collectors.joining("\n"))));
        }
        List<Row> rows = new ArrayList<>();
        Map<String, String> known = new HashMap<>();
        for (String line : (Iterable<String>) lines::iterator) {
          rows.add(row(json.readTree(line), known));
        }
        return rows;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("ClickHouse at " + clickHouse + " cannot be read", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while reading ClickHouse", e);
    }
  }

  /**
   * @param known texts that rows have had; equal ones are kept once
   */
  private static Row row(JsonNode object, Map<String, String> known) {
    Row row = new Row();
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      Object value = value(field.getValue());
      row.with(
          column(field.getKey()),
          value instanceof String text ? known.computeIfAbsent(text, same -> same) : value);
    }
    return row;
  }

  /** {@link Relation#select} hands times over as milliseconds under a name of their own. */
  private static String column(String name) {
    return name.equals("minute_ms")
            || name.equals("hour_ms")
            || name.equals("at_ms")
            || name.equals("as_of_ms")
            || name.equals("not_before_ms")
            || name.endsWith("_since_ms")
            || name.endsWith("_seen_ms")
            || name.endsWith("_at_ms")
        ? name.substring(0, name.length() - "_ms".length())
        : name;
  }

  private static Object value(JsonNode json) {
    if (json.isNull()) {
      return null;
    }
    if (json.isBoolean()) {
      return json.asBoolean();
    }
    if (json.isIntegralNumber()) {
      return json.asLong();
    }
    if (json.isArray()) {
      List<String> texts = new ArrayList<>();
      json.forEach(text -> texts.add(text.asText()));
      return texts;
    }
    if (json.isObject()) {
      TreeMap<Long, Long> buckets = new TreeMap<>();
      json.properties()
          .forEach(
              bucket -> buckets.put(Long.valueOf(bucket.getKey()), bucket.getValue().asLong()));
      return buckets;
    }
    return json.asText();
  }
}
