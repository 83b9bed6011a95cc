package io.flowmeter.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.bench.parse.ParseBenchmark;
import io.flowmeter.bench.polling.PollingBenchmark;
import io.flowmeter.bench.spikes.SpikeBenchmark;
import io.flowmeter.bench.tables.StorageBenchmark;
import io.flowmeter.bench.writer.WriterBenchmark;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** That the benchmarks run, however small, and that a machine can read what they say. */
@Tag("nightly")
class SmallBenchmarksIT {
  static final String ROW = "[a-z0-9_]+(\\.[a-z0-9_]+)+ (-?[0-9.]+(e[+-]?[0-9]+)?|NaN) [A-Za-z/]+";

  private final List<String> progress = new ArrayList<>();

  @Test
  void parsing() throws InterruptedException {
    List<Figure> figures = new ParseBenchmark(100, 1, 3).run(progress::add);
    assertThat(figures).extracting(Figure::toString).allMatch(row -> row.matches(ROW));
    assertThat(figures).extracting(Figure::name).doesNotHaveDuplicates();
    assertThat(figures).filteredOn(each -> each.name().endsWith("least_heap")).hasSize(2);
    assertThat(progress).isNotEmpty();
  }

  @Test
  void spikes() throws InterruptedException {
    SpikeBenchmark small =
        new SpikeBenchmark(List.of(0.1), 1, 1, List.of(Duration.ofMinutes(2)), 7);
    List<Figure> figures = small.run(progress::add);
    assertThat(figures).extracting(Figure::toString).allMatch(row -> row.matches(ROW));
    assertThat(figures).extracting(Figure::name).doesNotHaveDuplicates();
    assertThat(figures)
        .filteredOn(each -> each.name().endsWith("calm.watched"))
        .singleElement()
        .matches(each -> each.value() == 7);
    assertThat(progress).hasSize(2);
  }

  @Test
  void writing() throws InterruptedException {
    List<Figure> figures = new WriterBenchmark(500, 1).run(progress::add);
    assertThat(figures).extracting(Figure::toString).allMatch(row -> row.matches(ROW));
    assertThat(figures).extracting(Figure::name).doesNotHaveDuplicates();
    assertThat(figures)
        .filteredOn(each -> each.name().endsWith(".rate"))
        .hasSize(7)
        .allMatch(each -> each.value() > 0);
  }

  @Test
  void storing() {
    List<Figure> figures =
        new StorageBenchmark(20_000, Duration.ofHours(2), Optional.empty()).run(progress::add);
    assertThat(figures).extracting(Figure::toString).allMatch(row -> row.matches(ROW));
    assertThat(figures).extracting(Figure::name).doesNotHaveDuplicates();
    assertThat(figures)
        .filteredOn(each -> each.name().equals("storage.step_runs_rows.rows"))
        .singleElement()
        .matches(each -> each.value() == 1);
  }

  @Test
  void pollingTheSameEveryTime() throws InterruptedException {
    PollingBenchmark small = new PollingBenchmark(List.of(0.5), 100, Duration.ofMinutes(5), 7);
    List<Figure> figures = small.run(progress::add);
    assertThat(figures).extracting(Figure::toString).allMatch(row -> row.matches(ROW));
    assertThat(figures).extracting(Figure::name).doesNotHaveDuplicates();
    assertThat(figures)
        .filteredOn(each -> each.name().endsWith(".fetched"))
        .hasSize(4)
        .allMatch(each -> each.value() > 0);
    assertThat(small.run(progress::add)).isEqualTo(figures);
  }
}
