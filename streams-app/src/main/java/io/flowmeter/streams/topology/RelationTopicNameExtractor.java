package io.flowmeter.streams.topology;

import java.util.Map;
import java.util.TreeSet;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.RecordContext;
import org.apache.kafka.streams.processor.TopicNameExtractor;

/**
 * Each row goes to the topic of its relation.
 *
 * @param topics by the class of their rows
 */
record RelationTopicNameExtractor(Map<Class<?>, String> topics)
    implements TopicNameExtractor<String, SpecificRecord> {

  @Override
  public String extract(String key, SpecificRecord row, RecordContext context) {
    return topics.get(row.getClass());
  }

  /** Stands in the topology's description. */
  @Override
  public String toString() {
    return String.join(", ", new TreeSet<>(topics.values()));
  }
}
