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
  static Topology of(String topic, long input, List<OutputStats> outputs) {
    StreamsBuilder builder = new StreamsBuilder();
    var observations =
        builder.stream(
            topic, Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()).withName("observations"));
    for (OutputStats each : outputs) {
      observations
          .process(() -> new Writing(each, input), Named.as("write_" + name(each)))
          .to(
              PREFIX + each.topic(),
              Produced.with(Serdes.ByteArray(), Serdes.ByteArray()).withName(name(each)));
    }
    return builder.build();
  }

  private static String name(OutputStats output) {
    return output.topic().replaceAll("[^A-Za-z0-9_]", "_");
  }

  private static final class Writing extends ContextualProcessor<byte[], byte[], byte[], byte[]> {
    private final OutputStats output;
    private final long input;
    private long came;
    private int next;

    Writing(OutputStats output, long input) {
      this.output = output;
      this.input = input;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
      long due = output.records() * (came + 1) / input - output.records() * came / input;
      came++;
      for (; due > 0; due--) {
        OutputStats.Sample sample = output.samples().get(next++ % output.samples().size());
        context().forward(record.withKey(sample.key()).withValue(sample.value()));
      }
    }
  }
}
