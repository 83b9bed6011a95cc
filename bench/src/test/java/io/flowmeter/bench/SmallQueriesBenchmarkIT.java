package io.flowmeter.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.bench.tables.QueriesBenchmark;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** That the benchmark of queries runs, by itself because it asks all panels. */
@Tag("nightly")
class SmallQueriesBenchmarkIT {
  private final List<String> progress = new ArrayList<>();

  @Test
  void asking() {
    List<Figure> figures = new QueriesBenchmark(20_000, 1, 1, Optional.empty()).run(progress::add);
    assertThat(figures)
        .extracting(Figure::toString)
        .allMatch(row -> row.matches(SmallBenchmarksIT.ROW));
    assertThat(figures).extracting(Figure::name).doesNotHaveDuplicates();
    assertThat(figures)
        .filteredOn(each -> each.name().equals("queries.refused"))
        .singleElement()
        .matches(each -> each.value() == 0);
    assertThat(figures)
        .filteredOn(each -> each.name().startsWith("queries.quantile_error."))
        .hasSize(3)
        .allMatch(each -> each.value() <= 0.01);
  }
}
