package io.flowmeter.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowmeter.schemas.fact.Transition;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RecordsTest {
  private final Random random = new Random(1);

  static List<Schema> schemas() {
    List<Schema> schemas = new ArrayList<>();
    schemas.add(Topics.OBSERVATIONS.schema());
    Topics.OF_RELATIONS.forEach(topic -> schemas.add(topic.schema()));
    return schemas;
  }

  @ParameterizedTest
  @MethodSource("schemas")
  void recordsAreWrittenAndReadAsByAvro(Schema schema) throws IOException {
    DatumWriter<SpecificRecord> avroWriter = new SpecificDatumWriter<>(schema, Records.DATA);
    for (int n = 0; n < 50; n++) {
      SpecificRecord record = (SpecificRecord) any(schema, 0);
      byte[] bytes = bytes(avroWriter, record);

      assertThat(bytes(new RecordWriter<>(schema), record)).isEqualTo(bytes);
      assertThat(new RecordReader<>(schema).read(null, decoder(bytes))).isEqualTo(record);
      assertThat(new SpecificDatumReader<>(schema, schema, Records.DATA).read(null, decoder(bytes)))
          .isEqualTo(record);
    }
  }

  private static Decoder decoder(byte[] bytes) {
    return DecoderFactory.get().binaryDecoder(bytes, null);
  }

  @Test
  void invalidValueIsRejectedWithFieldName() {
    Transition incomplete = new Transition();

    assertThatThrownBy(() -> bytes(new RecordWriter<>(incomplete.getSchema()), incomplete))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("account_id")
        .hasMessageContaining("got null");
  }

  private static <T extends SpecificRecord> byte[] bytes(DatumWriter<T> writer, T record)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    writer.write(record, encoder);
    encoder.flush();
    return out.toByteArray();
  }

  private Object any(Schema schema, int depth) {
    return switch (schema.getType()) {
      case RECORD -> {
        SpecificRecord record = (SpecificRecord) Records.DATA.newRecord(null, schema);
        schema.getFields().forEach(f -> record.put(f.pos(), any(f.schema(), depth + 1)));
        yield record;
      }
      case UNION -> any(schema.getTypes().get(random.nextInt(schema.getTypes().size())), depth);
      case ARRAY -> {
        List<Object> list = new ArrayList<>();
        for (int n = random.nextInt(depth > 3 ? 2 : 4); n > 0; n--) {
          list.add(any(schema.getElementType(), depth + 1));
        }
        yield list;
      }
      case MAP -> {
        Map<String, Object> map = new HashMap<>();
        map.put("a key", any(schema.getValueType(), depth + 1));
        yield map;
      }
      case STRING -> "ä text " + random.nextInt();
      case BYTES -> java.nio.ByteBuffer.wrap(new byte[] {1, 2, (byte) random.nextInt()});
      case NULL -> null;
      case BOOLEAN -> random.nextBoolean();
      case INT -> random.nextInt();
      case DOUBLE -> random.nextDouble();
      case LONG ->
          schema.getLogicalType() == null
              ? (Object) random.nextLong()
              : Instant.ofEpochMilli(random.nextInt());
      default -> throw new IllegalStateException("no relation has a " + schema);
    };
  }
}
