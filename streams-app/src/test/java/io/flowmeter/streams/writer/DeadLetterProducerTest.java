package io.flowmeter.streams.writer;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.clock.Clock;
import io.flowmeter.schemas.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class DeadLetterProducerTest {
  private static final TopicPartition ROWS = new TopicPartition("flowmeter.step_runs", 3);

  private final List<Producer<byte[], byte[]>> opened = new ArrayList<>();
  private final List<ProducerRecord<byte[], byte[]>> committed = new ArrayList<>();
  private final List<String> output = new ArrayList<>();
  private int answersToLose = 2;

  @Test
  void aLetterIsSentOnceThoughTheCommitsAnswerIsLost() throws Exception {
    try (DeadLetterProducer deadLetters =
        new DeadLetterProducer(Map.of(), Clock.system(), output::add, config -> open())) {
      commit(deadLetters, new UnwritableRecord(row(5), new IllegalArgumentException("too large")));
    }

    assertThat(committed)
        .singleElement()
        .returns(Topics.DEAD_LETTERS, ProducerRecord::topic)
        .satisfies(deadLetter -> assertThat(deadLetter.value()).containsExactly(5));
    assertThat(opened).hasSize(1);
    assertThat(output).containsExactly("no answer", "no answer");
  }

  /** As the writer does, which tries again what Kafka does not take now. */
  private static void commit(DeadLetterProducer deadLetters, UnwritableRecord deadLetter)
      throws InterruptedException {
    while (true) {
      try {
        deadLetters.commit(
            List.of(deadLetter),
            Map.of(ROWS, new OffsetAndMetadata(deadLetter.record().offset() + 1)),
            new ConsumerGroupMetadata(ClickHouseWriter.GROUP));
        return;
      } catch (RetriableException e) {
        assertThat(e).hasMessage("no answer");
      }
    }
  }

  private Producer<byte[], byte[]> open() {
    Producer<byte[], byte[]> producer = new Unanswered();
    opened.add(producer);
    return producer;
  }

  private static ConsumerRecord<byte[], byte[]> row(long offset) {
    return new ConsumerRecord<>(
        ROWS.topic(), ROWS.partition(), offset, new byte[] {1}, new byte[] {(byte) offset});
  }

  /** Its coordinator takes a commit, whose answer is lost. Aborting is illegal from then on. */
  private final class Unanswered extends MockProducer<byte[], byte[]> {
    private boolean taken;

    Unanswered() {
      super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Override
    public void commitTransaction() {
      if (!taken) {
        super.commitTransaction();
        committed.addAll(history());
        taken = true;
      }
      if (answersToLose > 0) {
        answersToLose--;
        throw new TimeoutException("no answer");
      }
    }
  }
}
