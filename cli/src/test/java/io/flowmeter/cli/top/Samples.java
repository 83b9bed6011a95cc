package io.flowmeter.cli.top;

import java.time.Instant;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/** Figures as they might be found. */
final class Samples {
  private static final Instant NOW = Instant.parse("2026-03-01T12:03:05Z");

  private Samples() {}

  /** Three workflows, one in a spike, one that did nothing, and one with names that do harm. */
  static Figures busy() {
    return new Figures(
        List.of(
            workflow("checkout", 1203, 48_211, 128.4, 0.72, 0.214, 185_000, 5_400_000, 2, 1),
            workflow("nightly report", 0, 3, 4.25, 1, 0, 950, 0, 1, 0),
            new Figures.Workflow(
                "acme",
                "idle",
                0,
                0,
                2,
                1,
                0,
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                0,
                0,
                0,
                NOW.minusSeconds(8)),
            workflow(
                "mail \u001b[31mred\u202e and a name that is longer than most are",
                12,
                0,
                31,
                0.951,
                0.02,
                8_200,
                61_000,
                0,
                0)),
        List.of(
            new Figures.Step(
                "checkout",
                "charge card",
                7_704,
                2_158,
                2_101,
                some(0.31),
                some(12_400),
                5_100_000),
            new Figures.Step("checkout", "決済を確認する", 5_500, 12, 0, some(0.02), some(800), 300_000),
            new Figures.Step("mail", "send", 1_860, 0, 0, some(0.02), some(8_000), 61_000)),
        List.of(
            error(
                "order-99812", "charge card", "TimeoutError", "Execution timed out after 30000ms"),
            error(
                "order-99811",
                "charge card",
                "TimeoutError",
                "Execution timed out\nafter \u001b]0;pwned\u0007 30000ms"),
            new Figures.Failure(
                NOW.minusSeconds(100_000), "checkout", "order-1", "terminated", "", "", "")));
  }

  /** So many workflows that they do not fit. */
  static Figures many(int workflows) {
    Figures busy = busy();
    return new Figures(
        IntStream.range(0, workflows)
            .mapToObj(n -> workflow("workflow %03d".formatted(n), n, n, n, 1, 0, 1000, 0, 0, 0))
            .toList(),
        busy.steps(),
        busy.errors());
  }

  static Figures nothing() {
    return new Figures(List.of(), List.of(), List.of());
  }

  private static Figures.Workflow workflow(
      String name,
      long queued,
      long running,
      double endedAMinute,
      double success,
      double retries,
      double p95,
      long lost,
      long spikes,
      long open) {
    return new Figures.Workflow(
        "acme",
        name,
        queued,
        running,
        0,
        0,
        endedAMinute,
        some(success),
        some(retries),
        some(p95),
        lost,
        spikes,
        open,
        NOW);
  }

  private static Figures.Failure error(String instance, String step, String error, String message) {
    return new Figures.Failure(
        NOW.minusSeconds(30), "checkout", instance, "errored", step, error, message);
  }

  private static OptionalDouble some(double value) {
    return OptionalDouble.of(value);
  }
}
