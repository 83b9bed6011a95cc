package io.flowmeter.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.DeserializationExceptionHandler.Response;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.processor.TaskId;
import org.junit.jupiter.api.Test;

/** Some producers write times of before 1970, which Kafka's own refuses to. */
class RecordTimeTest {
  /** The zero time of Go. */
  private static final long ZERO_TIME = -62_135_596_800_000L;

  @Test
  void aTimeOfBefore1970Is1970() {
    RecordTime time = new RecordTime();

    assertThat(time.extract(record(ZERO_TIME, new Object()), -1)).isZero();
    assertThat(time.extract(record(7, new Object()), -1)).isEqualTo(7);
  }

  @Test
  void aRecordThatHasItAndCannotBeReadIsALetterAllTheSame() {
    DeserializationFailureHandler poisoned = new DeserializationFailureHandler();
    poisoned.configure(Map.of(StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG, "letters"));

    Response response =
        poisoned.handleError(
            new Context(), record(ZERO_TIME, new byte[] {1}), new SerializationException("none"));

    assertThat(response.deadLetterQueueRecords())
        .singleElement()
        .returns(0L, ProducerRecord::timestamp)
        .returns("letters", ProducerRecord::topic);
  }

  private static <V> ConsumerRecord<V, V> record(long timestamp, V value) {
    return new ConsumerRecord<>(
        "topic",
        3,
        17,
        timestamp,
        TimestampType.CREATE_TIME,
        0,
        0,
        value,
        value,
        new RecordHeaders(),
        Optional.empty());
  }

  private record Context() implements ErrorHandlerContext {
    @Override
    public String topic() {
      return "topic";
    }

    @Override
    public int partition() {
      return 3;
    }

    @Override
    public long offset() {
      return 17;
    }

    @Override
    public Headers headers() {
      return new RecordHeaders();
    }

    @Override
    public String processorNodeId() {
      return "observations";
    }

    @Override
    public TaskId taskId() {
      return new TaskId(0, 3);
    }

    @Override
    public long timestamp() {
      return ZERO_TIME;
    }

    @Override
    public byte[] sourceRawKey() {
      return new byte[] {1};
    }

    @Override
    public byte[] sourceRawValue() {
      return new byte[] {1};
    }
  }
}
