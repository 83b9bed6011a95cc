package io.flowmeter.bench;

import static io.flowmeter.bench.SmallBenchmarksIT.ROW;
import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.bench.topology.DeliveryBenchmark;
import io.flowmeter.bench.topology.RestoreBenchmark;
import io.flowmeter.bench.topology.TopologyBenchmark;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The same of those that run the topology. */
@Tag("nightly")
class SmallTopologyBenchmarksIT {
  private final List<String> progress = new ArrayList<>();

  @Test
  void delivering() throws InterruptedException {
    List<Figure> figures = new DeliveryBenchmark(2, 1).run(progress::add);
    assertThat(figures).extracting(Figure::toString).allMatch(row -> row.matches(ROW));
    assertThat(figures).hasSize(8).allMatch(each -> each.value() > 0);
  }

  @Test
  void topology() throws InterruptedException {
    List<Figure> figures = new TopologyBenchmark(50, 0, 1).run(progress::add);
    assertThat(figures).extracting(Figure::toString).allMatch(row -> row.matches(ROW));
    assertThat(figures).extracting(Figure::name).doesNotHaveDuplicates();
    assertThat(figures)
        .filteredOn(each -> each.name().equals("topology.told.step_runs.records"))
        .singleElement()
        .matches(each -> each.value() == 20);
    assertThat(figures)
        .filteredOn(each -> each.name().endsWith(".rate"))
        .hasSize(6)
        .allMatch(each -> each.value() > 0);
  }

  @Test
  void restoring() throws InterruptedException {
    List<Figure> figures = new RestoreBenchmark(50, 1, 1).run(progress::add);
    assertThat(figures).extracting(Figure::toString).allMatch(row -> row.matches(ROW));
    assertThat(figures).extracting(Figure::name).doesNotHaveDuplicates();
    assertThat(figures)
        .filteredOn(each -> each.unit().equals("s"))
        .hasSize(6)
        .allMatch(each -> each.value() > 0);
  }
}
