package io.flowmeter.schemas;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;

/**
 * The Confluent wire format: byte 0, the schema's ID in 4 bytes, big-endian, then the Avro binary
 * encoding. The writer's ID is looked up in the registry, never registered. A reader resolves the
 * writer's schema to its own.
 *
 * @see <a
 *     href="https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format">
 *     Wire format</a>
 */
public final class AvroSerde {
  private static final byte MAGIC = 0;
  private static final int HEADER_BYTES = 1 + Integer.BYTES;

  /** The buffer holds a typical value completely and costs little for a small value. */
  private static final EncoderFactory ENCODERS = new EncoderFactory().configureBufferSize(512);

  private AvroSerde() {}

  /**
   * Returns the serde of a topic's values. Null is a tombstone in both directions.
   *
   * <p>Unreadable bytes cause a {@link SerializationException}. A {@link
   * RegistryUnavailableException} means that the registry is unavailable.
   */
  public static <T extends SpecificRecord> Serde<T> of(Topic<T> topic, SchemaRegistry registry) {
    return Serdes.serdeFrom(serializer(topic, registry), deserializer(topic, registry));
  }

  public static <T extends SpecificRecord> Serializer<T> serializer(
      Topic<T> topic, SchemaRegistry registry) {
    Schema schema = topic.schema();
    DatumWriter<T> writer = writer(schema);
    AtomicReference<byte[]> header = new AtomicReference<>();
    return (name, value) -> {
      if (value == null) {
        return null;
      }
      if (header.get() == null) {
        int id = registry.idOf(topic.subject(), schema);
        header.set(ByteBuffer.allocate(HEADER_BYTES).put(MAGIC).putInt(id).array());
      }
      ByteArrayOutputStream out = new ByteArrayOutputStream(512);
      out.writeBytes(header.get());
      try {
        BinaryEncoder encoder = ENCODERS.binaryEncoder(out, null);
        writer.write(value, encoder);
        encoder.flush();
      } catch (IOException | RuntimeException e) {
        throw new SerializationException(
            "a value of " + topic.name() + " does not fit its schema " + schema.getFullName(), e);
      }
      return out.toByteArray();
    };
  }

  /**
   * Returns a serde that writes rows of several relations, each with its own topic's serializer. It
   * does not choose the topic.
   */
  public static Serde<SpecificRecord> rows(SchemaRegistry registry, Topic<?>... topics) {
    Map<Class<?>, Serializer<SpecificRecord>> serializers = new HashMap<>();
    for (Topic<?> topic : topics) {
      serializers.put(topic.type(), untyped(serializer(topic, registry)));
    }
    return Serdes.serdeFrom(
        (name, row) -> row == null ? null : serializers.get(row.getClass()).serialize(name, row),
        (name, bytes) -> {
          throw new UnsupportedOperationException("rows of several relations are only written");
        });
  }

  @SuppressWarnings("unchecked")
  private static Serializer<SpecificRecord> untyped(Serializer<?> serializer) {
    return (Serializer<SpecificRecord>) serializer;
  }

  public static <T extends SpecificRecord> Deserializer<T> deserializer(
      Topic<T> topic, SchemaRegistry registry) {
    Schema reads = topic.schema();
    Map<Integer, DatumReader<T>> readers = new ConcurrentHashMap<>();
    return (name, bytes) -> {
      if (bytes == null) {
        return null;
      }
      int id = idIn(bytes, topic);
      return read(
          readers.computeIfAbsent(id, newId -> reader(written(topic, registry, newId), reads)),
          bytes,
          topic,
          id);
    };
  }

  /**
   * Returns a deserializer that returns a value's bare Avro binary encoding in this build's schema,
   * for callers that need no record. A value that was written with that schema is neither decoded
   * nor copied.
   */
  public static <T extends SpecificRecord> Deserializer<ByteBuffer> body(
      Topic<T> topic, SchemaRegistry registry) {
    Schema reads = topic.schema();
    String ownForm = SchemaNormalization.toParsingForm(reads);
    DatumWriter<T> writer = writer(reads);
    Map<Integer, Optional<DatumReader<T>>> readers = new ConcurrentHashMap<>();
    return (name, bytes) -> {
      if (bytes == null) {
        return null;
      }
      int id = idIn(bytes, topic);
      Optional<DatumReader<T>> other =
          readers.computeIfAbsent(
              id,
              newId -> {
                Schema written = written(topic, registry, newId);
                return SchemaNormalization.toParsingForm(written).equals(ownForm)
                    ? Optional.empty()
                    : Optional.of(reader(written, reads));
              });
      if (other.isEmpty()) {
        return ByteBuffer.wrap(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES);
      }
      ByteArrayOutputStream out = new ByteArrayOutputStream(2 * bytes.length);
      try {
        BinaryEncoder encoder = ENCODERS.binaryEncoder(out, null);
        writer.write(read(other.get(), bytes, topic, id), encoder);
        encoder.flush();
      } catch (IOException e) {
        throw new SerializationException("writing to memory failed", e);
      }
      return ByteBuffer.wrap(out.toByteArray());
    };
  }

  private static int idIn(byte[] bytes, Topic<?> topic) {
    if (bytes.length < HEADER_BYTES || bytes[0] != MAGIC) {
      throw new SerializationException(
          "expected a value of "
              + topic.name()
              + " in the Confluent wire format (byte 0, 4 bytes of schema ID), got "
              + bytes.length
              + " bytes"
              + (bytes.length == 0 ? "" : " that start with " + bytes[0])
              + ": another program writes to this topic");
    }
    return ByteBuffer.wrap(bytes, 1, Integer.BYTES).getInt();
  }

  private static <T> T read(DatumReader<T> reader, byte[] bytes, Topic<?> topic, int id) {
    BinaryDecoder decoder =
        DecoderFactory.get().binaryDecoder(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES, null);
    try {
      return reader.read(null, decoder);
    } catch (IOException | RuntimeException e) {
      throw new SerializationException(
          "a value of "
              + topic.name()
              + " with schema ID "
              + id
              + " cannot be read as "
              + topic.schema().getFullName(),
          e);
    }
  }

  /** An unknown schema makes the value unreadable. An unavailable registry does not. */
  private static Schema written(Topic<?> topic, SchemaRegistry registry, int id) {
    try {
      return registry.byId(id);
    } catch (UnknownSchemaException e) {
      throw new SerializationException(
          "a value of " + topic.name() + " names a schema that the registry does not have", e);
    }
  }

  @SuppressWarnings("unchecked")
  private static <T> DatumWriter<T> writer(Schema schema) {
    return (DatumWriter<T>) Records.DATA.createDatumWriter(schema);
  }

  @SuppressWarnings("unchecked")
  private static <T> DatumReader<T> reader(Schema writes, Schema reads) {
    return (DatumReader<T>) Records.DATA.createDatumReader(writes, reads);
  }
}
