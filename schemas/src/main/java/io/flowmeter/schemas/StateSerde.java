package io.flowmeter.schemas;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.avro.Schema;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * What stores and internal topics hold: Avro's single-object encoding, which names the writer's
 * schema by its fingerprint and so needs no registry to be read again.
 *
 * @see <a
 *     href="https://avro.apache.org/docs/1.12.0/specification/#single-object-encoding">Single-object
 *     encoding</a>
 */
public final class StateSerde {

  private StateSerde() {}

  /** The serde of a record of {@code state.avdl}. */
  public static <T extends SpecificRecord> Serde<T> of(Class<T> type) {
    Schema schema = Records.DATA.getSchema(type);
    BinaryMessageEncoder<T> encoder = new BinaryMessageEncoder<>(Records.DATA, schema);
    BinaryMessageDecoder<T> decoder = new BinaryMessageDecoder<>(Records.DATA, schema);
    return Serdes.serdeFrom(
        (topic, value) -> value == null ? null : encode(encoder, value),
        (topic, bytes) -> bytes == null ? null : decode(decoder, bytes));
  }

  private static <T> byte[] encode(BinaryMessageEncoder<T> encoder, T value) {
    try {
      ByteBuffer bytes = encoder.encode(value);
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      return copy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static <T> T decode(BinaryMessageDecoder<T> decoder, byte[] bytes) {
    try {
      return decoder.decode(bytes, null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
