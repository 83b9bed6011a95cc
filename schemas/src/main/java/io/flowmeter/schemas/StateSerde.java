package io.flowmeter.schemas;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.message.BadHeaderException;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.message.MissingSchemaException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * What stores and internal topics hold: Avro's single-object encoding, which names the writer's
 * schema by its fingerprint. Each schema that a release wrote state with is kept among the
 * resources, so that a later version reads the state of an earlier one.
 *
 * @see <a
 *     href="https://avro.apache.org/docs/1.12.0/specification/#single-object-encoding">Single-object
 *     encoding</a>
 */
public final class StateSerde {
  /** A line for each schema that is kept: the name of its file, which begins with the record's. */
  static final String INDEX = "state/index.txt";

  private StateSerde() {}

  /**
   * The serde of a record that is kept as state. Its deserializer throws a {@link
   * SerializationException} for bytes that no kept schema describes.
   */
  public static <T extends SpecificRecord> Serde<T> of(Class<T> type) {
    return of(type, kept(type));
  }

  static <T extends SpecificRecord> Serde<T> of(Class<T> type, List<Schema> earlier) {
    Schema schema = Records.DATA.getSchema(type);
    BinaryMessageEncoder<T> encoder = new BinaryMessageEncoder<>(Records.DATA, schema);
    BinaryMessageDecoder<T> decoder = new BinaryMessageDecoder<>(Records.DATA, schema);
    earlier.forEach(decoder::addSchema);
    return Serdes.serdeFrom(
        (topic, value) -> value == null ? null : encode(encoder, value),
        (topic, bytes) -> bytes == null ? null : decode(type, decoder, bytes));
  }

  /** The schemas with which releases wrote state of this type. */
  static List<Schema> kept(Class<?> type) {
    return text(INDEX)
        .lines()
        .filter(file -> file.startsWith(type.getSimpleName() + "-"))
        .map(file -> new Schema.Parser().parse(text("state/" + file)))
        .toList();
  }

  private static String text(String resource) {
    try (InputStream in = StateSerde.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("the resource " + resource + " is missing from this build");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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

  private static <T> T decode(Class<T> type, BinaryMessageDecoder<T> decoder, byte[] bytes) {
    try {
      return decoder.decode(bytes, null);
    } catch (MissingSchemaException e) {
      throw new SerializationException(
          "expected a %s in one of the schemas that this version knows, came another (%s): a newer version of Flowmeter wrote it. Run that version, or a later one"
              .formatted(type.getSimpleName(), e.getMessage()),
          e);
    } catch (BadHeaderException e) {
      throw new SerializationException(
          "expected a %s in Avro's single-object encoding, came other bytes (%s): something else writes to this topic. Stop it, and remove its records"
              .formatted(type.getSimpleName(), e.getMessage()),
          e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
