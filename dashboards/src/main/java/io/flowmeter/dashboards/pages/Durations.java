package io.flowmeter.dashboards.pages;

import java.util.ArrayList;
import java.util.List;

/**
 * The classes of durations that pages count in, about three to a decade: fine enough to see two
 * humps, few enough for a table's columns. They are sums of rollups' buckets, each of which is 2 %
 * wide, so that a class' edges are exact to 1 %.
 */
final class Durations {

  private static final long SECOND = 1000;
  private static final long MINUTE = 60 * SECOND;
  private static final long HOUR = 60 * MINUTE;

  private static final List<Span> SPANS =
      spansBetween(
          edge("10 ms", 10),
          edge("30 ms", 30),
          edge("100 ms", 100),
          edge("300 ms", 300),
          edge("1 s", SECOND),
          edge("3 s", 3 * SECOND),
          edge("10 s", 10 * SECOND),
          edge("30 s", 30 * SECOND),
          edge("2 min", 2 * MINUTE),
          edge("10 min", 10 * MINUTE),
          edge("1 h", HOUR),
          edge("6 h", 6 * HOUR),
          edge("1 d", 24 * HOUR));

  private Durations() {}

  /** Upwards, without a gap; the last one has no end. */
  static List<Span> spans() {
    return SPANS;
  }

  /**
   * Durations over {@code aboveMs} up to {@code toMs}, both in milliseconds.
   *
   * @param name such as {@code ≤ 30 s}
   */
  record Span(String name, long aboveMs, long toMs) {

    /** How many durations of a map of buckets are in this class. */
    String count(String buckets) {
      String low = aboveMs < 0 ? "" : "bucket > flowmeter_bucket(" + aboveMs + ")";
      String high = toMs == Long.MAX_VALUE ? "" : "bucket <= flowmeter_bucket(" + toMs + ")";
      String within = low.isEmpty() ? high : high.isEmpty() ? low : low + " AND " + high;
      return "arraySum((bucket, n) -> if("
          + within
          + ", n, 0), mapKeys("
          + buckets
          + "), mapValues("
          + buckets
          + "))";
    }

    /** Which share of all durations is in this class. */
    String share(String buckets, String counted) {
      return count(buckets) + " / " + counted;
    }
  }

  private record Edge(String name, long ms) {}

  private static Edge edge(String name, long ms) {
    return new Edge(name, ms);
  }

  private static List<Span> spansBetween(Edge... edges) {
    List<Span> spans = new ArrayList<>();
    long above = -1;
    for (Edge edge : edges) {
      spans.add(new Span("≤ " + edge.name(), above, edge.ms()));
      above = edge.ms();
    }
    spans.add(new Span("> " + edges[edges.length - 1].name(), above, Long.MAX_VALUE));
    return List.copyOf(spans);
  }
}
