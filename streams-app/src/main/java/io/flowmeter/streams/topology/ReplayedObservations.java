package io.flowmeter.streams.topology;

import io.flowmeter.schemas.observation.Observation;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/**
 * Lets observations by that a replay reads: of runs that are derived anew, and not of later than
 * its end.
 */
final class ReplayedObservations
    extends ContextualProcessor<String, Observation, String, Observation> {
  private final Replay replay;

  ReplayedObservations(Replay replay) {
    this.replay = replay;
  }

  @Override
  public void process(Record<String, Observation> record) {
    RecordMetadata from = context().recordMetadata().orElseThrow();
    if (replay.reads(from.partition(), from.offset()) && replay.derives(record.value().getRun())) {
      context().forward(record);
    }
  }
}
