package io.flowmeter.cli.metrics;

import io.flowmeter.streams.StreamProcessing;
import io.flowmeter.streams.writer.ClickHouseWriter;
import io.flowmeter.streams.writer.WriterProgress;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.List;

/** What the topology and the writer of a process tell of themselves. */
public final class StreamMetrics implements MultiCollector {
  private final StreamProcessing topology;
  private final ClickHouseWriter writer;

  public StreamMetrics(StreamProcessing topology, ClickHouseWriter writer) {
    this.topology = topology;
    this.writer = writer;
  }

  @Override
  public MetricSnapshots collect() {
    WriterProgress progress = writer.progress();
    Family rows =
        new Family("flowmeter_rows_written", "Rows written into ClickHouse, by relation.");
    progress.rows().forEach((relation, count) -> rows.with(count, "relation", relation));
    Family lag = new Family("flowmeter_writer_lag", "Records that are not written yet.");
    progress.lag().ifPresent(lag::with);
    List<MetricSnapshot> all = new ArrayList<>();
    all.add(rows.counter());
    all.add(lag.gauge());
    all.add(
        new Family("flowmeter_writer_up", "1 while ClickHouse takes what is written.")
            .with(progress.failure().isEmpty() ? 1 : 0)
            .gauge());
    all.add(
        new Family("flowmeter_topology_running", "1 while the topology runs.")
            .with(topology.isRunning() ? 1 : 0)
            .gauge());
    all.add(
        new Family("flowmeter_topology_failures", "Threads of the topology that failed.")
            .with(topology.failures())
            .counter());
    Family bytes =
        new Family("flowmeter_store_bytes", "Bytes of the topology's state on disk, by store.");
    topology.storeBytes().forEach((store, size) -> bytes.with(size, "store", store));
    all.add(bytes.gauge());
    Family entries =
        new Family(
            "flowmeter_store_entries", "Entries of the topology's state in memory, by store.");
    topology.storeEntries().forEach((store, count) -> entries.with(count, "store", store));
    all.add(entries.gauge());
    return new MetricSnapshots(all);
  }
}
