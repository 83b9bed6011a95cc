package io.flowmeter.ingest.publish;

import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Records that are committed together or not at all. */
public record RecordBatch(List<ProducerRecord<byte[], byte[]>> records) {
  public RecordBatch {
    records = List.copyOf(records);
  }

  /** All of them together or not at all. */
  static RecordBatch of(List<RecordBatch> batches) {
    return new RecordBatch(batches.stream().flatMap(each -> each.records().stream()).toList());
  }

  long bytes() {
    long bytes = 0;
    for (ProducerRecord<byte[], byte[]> each : records) {
      bytes += each.key().length + (each.value() == null ? 0 : each.value().length);
    }
    return bytes;
  }
}
