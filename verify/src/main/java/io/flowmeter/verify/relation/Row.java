package io.flowmeter.verify.relation;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * A row of a relation. Values are String, Long, Boolean, a list of texts, a sorted map of buckets,
 * or null for SQL's NULL; times are epoch milliseconds. A row that is expected may leave columns
 * out that the API's JSON does not determine.
 */
public final class Row {

  private final Map<String, Object> values = new LinkedHashMap<>();

  /** Sets a column; whole numbers become Long, so that equal values are equal. */
  public Row with(String column, Object value) {
    values.put(column, value instanceof Integer whole ? Long.valueOf(whole) : value);
    return this;
  }

  /** Adds to a number that begins at 0. */
  public Row plus(String column, long more) {
    values.merge(column, more, (a, b) -> (Long) a + (Long) b);
    return this;
  }

  /** The same row without some columns. */
  public Row without(Collection<String> columns) {
    Row less = new Row();
    less.values.putAll(values);
    less.values.keySet().removeAll(columns);
    return less;
  }

  public Object get(String column) {
    return values.get(column);
  }

  /** Whether the column has a value that is not NULL. */
  public boolean has(String column) {
    return values.get(column) != null;
  }

  public long number(String column) {
    return (Long) values.get(column);
  }

  public String text(String column) {
    return (String) values.get(column);
  }

  /** Counts by bucket; they can be added to. */
  @SuppressWarnings("unchecked") // Maps in relations are buckets and nothing else.
  public SortedMap<Long, Long> buckets(String column) {
    return (SortedMap<Long, Long>) values.get(column);
  }

  public Map<String, Object> values() {
    return Collections.unmodifiableMap(values);
  }

  /** The values of the relation's key. */
  public List<Object> key(Relation relation) {
    return relation.key().stream().map(values::get).toList();
  }

  @Override
  public String toString() {
    return values.toString();
  }
}
