package io.flowmeter.streams.deadletter;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class BoundedDeadLetterTest {

  @Test
  void aLetterThatFitsIsAsItIs() {
    ProducerRecord<byte[], byte[]> deadLetter = letter(900_000);

    assertThat(BoundedDeadLetter.of(deadLetter)).isEqualTo(deadLetter);
    assertThat(deadLetter.headers().lastHeader(DeadLetterHeaders.STACK_TRACE)).isNotNull();
  }

  @Test
  void oneThatIsTooLongWithItsStackTraceIsWithout() {
    ProducerRecord<byte[], byte[]> deadLetter = BoundedDeadLetter.of(letter(1_037_000));

    assertThat(deadLetter.value()).hasSize(1_037_000);
    assertThat(deadLetter.headers().lastHeader(DeadLetterHeaders.STACK_TRACE)).isNull();
    assertThat(message(deadLetter)).isEqualTo("no Avro");
  }

  @Test
  void oneThatIsTooLongAnyhowTellsWhereItsRecordLies() {
    ProducerRecord<byte[], byte[]> deadLetter = BoundedDeadLetter.of(letter(5_000_000));

    assertThat(deadLetter.value()).isNull();
    assertThat(new String(deadLetter.key(), StandardCharsets.UTF_8)).isEqualTo("local/billing/i-1");
    assertThat(message(deadLetter)).startsWith("no Avro (").contains("5000017 bytes");
    assertThat(DeadLetterHeaders.text(deadLetter.headers(), DeadLetterHeaders.TOPIC))
        .hasValue("topic");
  }

  private static ProducerRecord<byte[], byte[]> letter(int bytes) {
    ProducerRecord<byte[], byte[]> deadLetter =
        new ProducerRecord<>(
            "letters",
            null,
            7L,
            "local/billing/i-1".getBytes(StandardCharsets.UTF_8),
            new byte[bytes]);
    DeadLetterHeaders.put(deadLetter.headers(), DeadLetterHeaders.MESSAGE, "no Avro");
    DeadLetterHeaders.put(deadLetter.headers(), DeadLetterHeaders.TOPIC, "topic");
    DeadLetterHeaders.put(
        deadLetter.headers(), DeadLetterHeaders.STACK_TRACE, "at\n".repeat(2_000));
    return deadLetter;
  }

  private static String message(ProducerRecord<byte[], byte[]> deadLetter) {
    return DeadLetterHeaders.text(deadLetter.headers(), DeadLetterHeaders.MESSAGE).orElseThrow();
  }
}
