package io.flowmeter.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowmeter.schemas.observation.Attempt;
import io.flowmeter.schemas.observation.Error;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class BareAvroTest {
  private static final BareAvro<Attempt> AVRO = BareAvro.of(Attempt.class);
  private static final Attempt ATTEMPT =
      new Attempt(Instant.ofEpochMilli(1), null, false, new Error("E", "für 1 €"));

  @Test
  void decodedRecordEqualsEncodedOne() {
    Attempt read = AVRO.decode(AVRO.encode(ATTEMPT));
    assertThat(read).isNotSameAs(ATTEMPT).usingRecursiveComparison().isEqualTo(ATTEMPT);
  }

  @Test
  void truncatedBytesAreRejected() {
    byte[] whole = AVRO.encode(ATTEMPT);
    assertThatThrownBy(() -> AVRO.decode(Arrays.copyOf(whole, whole.length - 1)))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining((whole.length - 1) + " bytes");
  }
}
