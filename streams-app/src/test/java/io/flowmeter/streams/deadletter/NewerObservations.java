package io.flowmeter.streams.deadletter;

import io.flowmeter.schemas.AvroSerde;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.observation.Observation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;

/** Observations as a later version of {@code ingest} writes them: with one more field. */
final class NewerObservations {
  private static final int HEADER_BYTES = 5;

  private NewerObservations() {}

  /** The schema with optional fields behind its own. */
  private static Schema schema(String... added) {
    Schema ours = Observation.getClassSchema();
    List<Schema.Field> fields = new ArrayList<>();
    ours.getFields().forEach(field -> fields.add(new Schema.Field(field, field.schema())));
    for (String name : added) {
      fields.add(new Schema.Field(name, Schema.create(Schema.Type.STRING), null, "by default"));
    }
    return Schema.createRecord(ours.getName(), ours.getDoc(), ours.getNamespace(), false, fields);
  }

  /** The id that the next schema gets: registries count. */
  static int nextId(SchemaRegistry registry) {
    return registry.register(
            "somebody-elses-value", Schema.createRecord("Else", null, "somebody", false, List.of()))
        + 1;
  }

  static int register(SchemaRegistry registry) {
    return registry.register(Topics.OBSERVATIONS.subject(), schema("newer"));
  }

  static byte[] bytes(SchemaRegistry registry, Observation observation) {
    return bytes(observation, register(registry));
  }

  static byte[] bytes(Observation observation, int id) {
    return encoded(observation, id, schema("newer"));
  }

  /** By a schema that nobody has seen yet. */
  static byte[] bytesOfANewerOne(SchemaRegistry registry, Observation observation) {
    Schema schema = schema("newer", "newest");
    return encoded(observation, registry.register(Topics.OBSERVATIONS.subject(), schema), schema);
  }

  private static byte[] encoded(Observation observation, int id, Schema schema) {
    byte[] ours =
        AvroSerde.serializer(Topics.OBSERVATIONS, SchemaRegistry.inMemory())
            .serialize(Topics.OBSERVATIONS.name(), observation);
    try {
      GenericRecord record =
          new GenericDatumReader<GenericRecord>(Observation.getClassSchema(), schema)
              .read(
                  null,
                  DecoderFactory.get()
                      .binaryDecoder(ours, HEADER_BYTES, ours.length - HEADER_BYTES, null));
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.writeBytes(ByteBuffer.allocate(HEADER_BYTES).put((byte) 0).putInt(id).array());
      BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
      new GenericDatumWriter<GenericRecord>(schema).write(record, encoder);
      encoder.flush();
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
