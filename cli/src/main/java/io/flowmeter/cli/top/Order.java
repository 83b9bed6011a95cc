package io.flowmeter.cli.top;

import static java.util.Comparator.comparing;
import static java.util.Comparator.comparingDouble;
import static java.util.Comparator.comparingLong;

import io.flowmeter.cli.settings.SettingsException;
import java.util.Comparator;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What workflows are sorted by; the one to look at first comes first. */
public enum Order {
  /** Open spikes, then the lowest success share, then the most lost time. */
  TROUBLE(
      comparingLong(Figures.Workflow::openSpikes)
          .reversed()
          .thenComparing(worstSuccess())
          .thenComparing(comparingLong(Figures.Workflow::lostMs).reversed())),
  NAME(comparing(workflow -> 0)),
  QUEUED(comparingLong(Figures.Workflow::queued).reversed()),
  RUNNING(comparingLong(Figures.Workflow::running).reversed()),
  THROUGHPUT(comparingDouble(Figures.Workflow::endedAMinute).reversed()),
  SUCCESS(worstSuccess()),
  RETRIES(greatest(Figures.Workflow::retryRate)),
  P95(greatest(Figures.Workflow::p95Ms)),
  LOST(comparingLong(Figures.Workflow::lostMs).reversed());

  private final Comparator<Figures.Workflow> comparator;

  /** Those that are equal otherwise are sorted by their names. */
  Order(Comparator<Figures.Workflow> comparator) {
    this.comparator =
        comparator.thenComparing(Figures.Workflow::name).thenComparing(Figures.Workflow::account);
  }

  /**
   * The order of that name, in small letters.
   *
   * @throws SettingsException where there is none
   */
  public static Order named(String name) {
    return Stream.of(values())
        .filter(order -> order.toString().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new SettingsException(
                    "--sort: expected one of %s, came \"%s\"".formatted(names(), name)));
  }

  /** All names, with commas between. */
  public static String names() {
    return Stream.of(values()).map(Order::toString).collect(Collectors.joining(", "));
  }

  Comparator<Figures.Workflow> comparator() {
    return comparator;
  }

  Order next() {
    return values()[(ordinal() + 1) % values().length];
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  private static Comparator<Figures.Workflow> worstSuccess() {
    return comparingDouble(workflow -> workflow.successShare().orElse(2));
  }

  private static Comparator<Figures.Workflow> greatest(
      Function<Figures.Workflow, OptionalDouble> value) {
    return comparingDouble(workflow -> -value.apply(workflow).orElse(-1));
  }
}
