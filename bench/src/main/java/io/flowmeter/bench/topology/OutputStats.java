package io.flowmeter.bench.topology;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the topology wrote to one topic.
 *
 * @param topic its name
 * @param records how many
 * @param bytes of their keys and values, before compression
 * @param samples some of them, evenly chosen
 */
record OutputStats(String topic, long records, long bytes, List<Sample> samples) {
  private static final int SAMPLE_EVERY = 97;

  /** A record's own key and value. */
  record Sample(byte[] key, byte[] value) {}

  /** Reads what is in the topics; those that are empty are left out. */
  static List<OutputStats> in(Map<String, Object> kafka, List<String> topics) {
    Map<String, Counting> counted = new TreeMap<>();
    Offsets.read(
        kafka,
        topics,
        record ->
            counted
                .computeIfAbsent(record.topic(), name -> new Counting())
                .add(record.key(), record.value()));
    List<OutputStats> outputs = new ArrayList<>();
    counted.forEach(
        (name, of) -> outputs.add(new OutputStats(name, of.records, of.bytes, of.samples)));
    return outputs;
  }

  private static final class Counting {
    private long records;
    private long bytes;
    private final List<Sample> samples = new ArrayList<>();

    void add(byte[] key, byte[] value) {
      if (records++ % SAMPLE_EVERY == 0) {
        samples.add(new Sample(key, value));
      }
      bytes += (key == null ? 0 : key.length) + (value == null ? 0 : value.length);
    }
  }
}
