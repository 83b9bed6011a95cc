package io.flowmeter.verify.relation;

import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A row of a relation. Values are String, Long, Boolean, a list of texts, a sorted map of buckets,
 * or null for SQL's NULL; times are epoch milliseconds. A row that is expected may leave columns
 * out that the API's JSON does not determine.
 *
 * <p>Millions of rows are compared at once: all rows that were made alike share the names and
 * places of their columns, and one has its values alone.
 */
public final class Row {
  private static final Layout EMPTY = new Layout(Map.of());

  private Layout layout = EMPTY;
  private Object[] values = {};

  /** Which column has which place; and what it becomes with one more. */
  private static final class Layout {
    final Map<String, Integer> places;
    private final Map<String, Layout> longer = new ConcurrentHashMap<>();

    Layout(Map<String, Integer> places) {
      this.places = places;
    }

    Layout and(String column) {
      return longer.computeIfAbsent(
          column,
          last -> {
            Map<String, Integer> more = new LinkedHashMap<>(places);
            more.put(last, places.size());
            return new Layout(more);
          });
    }
  }

  /** Sets a column; whole numbers become Long, so that equal values are equal. */
  public Row with(String column, Object value) {
    Integer place = layout.places.get(column);
    if (place == null) {
      place = values.length;
      layout = layout.and(column);
      values = Arrays.copyOf(values, place + 1);
    }
    values[place] = value instanceof Integer whole ? Long.valueOf(whole) : value;
    return this;
  }

  /** Adds to a number that begins at 0. */
  public Row plus(String column, long more) {
    Long before = (Long) get(column);
    return with(column, before == null ? Long.valueOf(more) : Long.valueOf(before + more));
  }

  /** The same row without some columns. */
  public Row without(Collection<String> columns) {
    Row less = new Row();
    layout.places.forEach(
        (column, place) -> {
          if (!columns.contains(column)) {
            less.with(column, values[place]);
          }
        });
    return less;
  }

  public Object get(String column) {
    Integer place = layout.places.get(column);
    return place == null ? null : values[place];
  }

  /** Whether the column has a value that is not NULL. */
  public boolean has(String column) {
    return get(column) != null;
  }

  public long number(String column) {
    return (Long) get(column);
  }

  public String text(String column) {
    return (String) get(column);
  }

  /** Counts by bucket; they can be added to. */
  @SuppressWarnings("unchecked") // Maps in relations are buckets and nothing else.
  public SortedMap<Long, Long> buckets(String column) {
    return (SortedMap<Long, Long>) get(column);
  }

  /** By column, in the order in which they were set. */
  public Map<String, Object> values() {
    Map<String, Object> all = new LinkedHashMap<>();
    layout.places.forEach((column, place) -> all.put(column, values[place]));
    return Collections.unmodifiableMap(all);
  }

  /** The values of the relation's key. */
  public List<Object> key(Relation relation) {
    return relation.key().stream().map(this::get).toList();
  }

  @Override
  public String toString() {
    return values().toString();
  }
}
