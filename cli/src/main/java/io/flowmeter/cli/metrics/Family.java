package io.flowmeter.cli.metrics;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.ArrayList;
import java.util.List;

/** A metric with its values of this moment, one for each set of labels. */
final class Family {
  private record Point(double value, Labels labels) {}

  private final MetricMetadata metadata;
  private final List<Point> points = new ArrayList<>();

  /**
   * @param name without the {@code _total} of counters
   */
  Family(String name, String help) {
    this.metadata = new MetricMetadata(name, help);
  }

  /**
   * @param labels names and values by turns
   */
  Family with(double value, String... labels) {
    points.add(new Point(value, Labels.of(labels)));
    return this;
  }

  MetricSnapshot counter() {
    return new CounterSnapshot(
        metadata,
        points.stream()
            .map(each -> new CounterDataPointSnapshot(each.value(), each.labels(), null, 0L))
            .toList());
  }

  MetricSnapshot gauge() {
    return new GaugeSnapshot(
        metadata,
        points.stream()
            .map(each -> new GaugeDataPointSnapshot(each.value(), each.labels(), null))
            .toList());
  }
}
