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
 * The encoding of values in state stores and internal topics: Avro's single-object encoding, which
 * names the writer's schema by its fingerprint. Each schema with which a release wrote state is
 * kept in the resources, so that a later version can read the state of an earlier one.
 *
 * @see <a
 *     href="https://avro.apache.org/docs/1.12.0/specification/#single-object-encoding">Single-object
 *     encoding</a>
 */
public final class StateSerde {
  /**
   * Lists the files of the kept schemas, one per line. A file name starts with the record's name.
   */
  static final String INDEX = "state/index.txt";

  private StateSerde() {}

  /**
   * Returns the serde of a state record. Its deserializer throws a {@link SerializationException}
   * for bytes that no kept schema describes.
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

  /** Returns the schemas with which releases wrote state of this type. */
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
          "expected a %s in one of the schemas that this version knows, got another (%s): a newer version of Flowmeter wrote it. Run that version, or a later one"
              .formatted(type.getSimpleName(), e.getMessage()),
          e);
    } catch (BadHeaderException e) {
      throw new SerializationException(
          "expected a %s in Avro's single-object encoding, got other bytes (%s): another program writes to this topic. Stop it and remove its records"
              .formatted(type.getSimpleName(), e.getMessage()),
          e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
