package io.flowmeter.streams.deadletter;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class BoundedDeadLetterTest {

  @Test
  void aLetterThatFitsIsAsItIs() {
    ProducerRecord<byte[], byte[]> letter = letter(900_000);

    assertThat(BoundedDeadLetter.of(letter)).isEqualTo(letter);
    assertThat(letter.headers().lastHeader(DeadLetterHeaders.STACK_TRACE)).isNotNull();
  }

  @Test
  void oneThatIsTooLongWithItsStackTraceIsWithout() {
    ProducerRecord<byte[], byte[]> letter = BoundedDeadLetter.of(letter(1_037_000));

    assertThat(letter.value()).hasSize(1_037_000);
    assertThat(letter.headers().lastHeader(DeadLetterHeaders.STACK_TRACE)).isNull();
    assertThat(message(letter)).isEqualTo("no Avro");
  }

  @Test
  void oneThatIsTooLongAnyhowTellsWhereItsRecordLies() {
    ProducerRecord<byte[], byte[]> letter = BoundedDeadLetter.of(letter(5_000_000));

    assertThat(letter.value()).isNull();
    assertThat(new String(letter.key(), StandardCharsets.UTF_8)).isEqualTo("local/billing/i-1");
    assertThat(message(letter)).startsWith("no Avro (").contains("5000017 bytes");
    assertThat(DeadLetterHeaders.text(letter.headers(), DeadLetterHeaders.TOPIC)).hasValue("topic");
  }

  private static ProducerRecord<byte[], byte[]> letter(int bytes) {
    ProducerRecord<byte[], byte[]> letter =
        new ProducerRecord<>(
            "letters",
            null,
            7L,
            "local/billing/i-1".getBytes(StandardCharsets.UTF_8),
            new byte[bytes]);
    DeadLetterHeaders.put(letter.headers(), DeadLetterHeaders.MESSAGE, "no Avro");
    DeadLetterHeaders.put(letter.headers(), DeadLetterHeaders.TOPIC, "topic");
    DeadLetterHeaders.put(letter.headers(), DeadLetterHeaders.STACK_TRACE, "at\n".repeat(2_000));
    return letter;
  }

  private static String message(ProducerRecord<byte[], byte[]> letter) {
    return DeadLetterHeaders.text(letter.headers(), DeadLetterHeaders.MESSAGE).orElseThrow();
  }
}
