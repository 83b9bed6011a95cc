package io.flowmeter.verify.expected;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Spans of time within a run, in epoch milliseconds. */
final class Spans {

  private record Span(long from, long to) {}

  private final long start;
  private final long end;
  private final List<Span> spans = new ArrayList<>();

  /** What lies outside of the two is left out. */
  Spans(long start, long end) {
    this.start = start;
    this.end = end;
  }

  /** Adds one, unless one of its ends is not known. */
  void add(Optional<Long> from, Optional<Long> to) {
    if (from.isPresent() && to.isPresent()) {
      spans.add(new Span(Math.max(start, from.get()), Math.min(end, to.get())));
    }
  }

  /** How much time they cover together, what several cover counted once. */
  long covered() {
    long covered = 0;
    long until = start;
    for (Span span : spans.stream().sorted(Comparator.comparing(Span::from)).toList()) {
      covered += Math.max(0, span.to - Math.max(until, span.from));
      until = Math.max(until, span.to);
    }
    return covered;
  }
}
