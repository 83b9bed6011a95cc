package io.flowmeter.streams;

import io.flowmeter.failpoint.Failpoint;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaClientSupplier;

/** Supplies standard Kafka clients whose producer reaches the topology's failpoints. */
final class FailpointKafkaClients implements KafkaClientSupplier {

  @Override
  public Admin getAdmin(Map<String, Object> config) {
    return Admin.create(config);
  }

  @Override
  public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
    return new FailpointProducer(config);
  }

  @Override
  public Consumer<byte[], byte[]> getConsumer(Map<String, Object> config) {
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  @Override
  public Consumer<byte[], byte[]> getRestoreConsumer(Map<String, Object> config) {
    return getConsumer(config);
  }

  @Override
  public Consumer<byte[], byte[]> getGlobalConsumer(Map<String, Object> config) {
    return getConsumer(config);
  }

  private static final class FailpointProducer extends KafkaProducer<byte[], byte[]> {
    FailpointProducer(Map<String, Object> config) {
      super(config, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Override
    public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback callback) {
      Failpoint.TOPOLOGY_BEFORE_PRODUCE.reached();
      Future<RecordMetadata> sent = super.send(record, callback);
      Failpoint.TOPOLOGY_AFTER_PRODUCE.reached();
      return sent;
    }

    @Override
    public void sendOffsetsToTransaction(
        Map<TopicPartition, OffsetAndMetadata> offsets, ConsumerGroupMetadata group) {
      Failpoint.TOPOLOGY_BEFORE_OFFSETS.reached();
      super.sendOffsetsToTransaction(offsets, group);
      Failpoint.TOPOLOGY_AFTER_OFFSETS.reached();
    }

    @Override
    public void commitTransaction() {
      Failpoint.TOPOLOGY_BEFORE_COMMIT.reached();
      super.commitTransaction();
      Failpoint.TOPOLOGY_AFTER_COMMIT.reached();
    }
  }
}
