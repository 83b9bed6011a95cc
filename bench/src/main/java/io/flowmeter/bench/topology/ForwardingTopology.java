package io.flowmeter.bench.topology;

import java.util.List;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Kafka Streams with nothing to do: for each record that comes in, it writes as many records, of
 * the same sizes and to as many topics, as the topology did on average. It has no state.
 */
final class ForwardingTopology {
  /** Before the name of each topic, so that both contenders have topics of their own. */
  static final String PREFIX = "pass_through.";

  private ForwardingTopology() {}

  /**
   * @param input how many records will come
   */
  static Topology of(String topic, long input, List<OutputStats> told) {
    StreamsBuilder builder = new StreamsBuilder();
    var observations =
        builder.stream(
            topic, Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()).withName("observations"));
    for (OutputStats each : told) {
      observations
          .process(() -> new Writing(each, input), Named.as("write_" + name(each)))
          .to(
              PREFIX + each.topic(),
              Produced.with(Serdes.ByteArray(), Serdes.ByteArray()).withName(name(each)));
    }
    return builder.build();
  }

  private static String name(OutputStats told) {
    return told.topic().replaceAll("[^A-Za-z0-9_]", "_");
  }

  private static final class Writing extends ContextualProcessor<byte[], byte[], byte[], byte[]> {
    private final OutputStats told;
    private final long input;
    private long came;
    private int next;

    Writing(OutputStats told, long input) {
      this.told = told;
      this.input = input;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
      long due = told.records() * (came + 1) / input - told.records() * came / input;
      came++;
      for (; due > 0; due--) {
        OutputStats.Sample sample = told.samples().get(next++ % told.samples().size());
        context().forward(record.withKey(sample.key()).withValue(sample.value()));
      }
    }
  }
}
