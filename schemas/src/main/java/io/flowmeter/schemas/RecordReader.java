package io.flowmeter.schemas;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SystemLimitException;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.Decoder;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;

/**
 * Reads generated records from Avro's binary encoding if they were written with their own schema.
 * The result equals that of Avro's reader. It decides once per schema, and not for each value, what
 * each field is. Rare field types are left to Avro's reader.
 */
final class RecordReader<T> implements DatumReader<T> {
  private final Read read;

  RecordReader(Schema schema) {
    this.read = of(schema);
  }

  @FunctionalInterface
  private interface Read {
    Object read(Decoder in) throws IOException;
  }

  @Override
  public void setSchema(Schema schema) {
    throw new UnsupportedOperationException("a reader has exactly one schema");
  }

  @Override
  @SuppressWarnings("unchecked")
  public T read(T reuse, Decoder in) throws IOException {
    return (T) read.read(in);
  }

  private static Read of(Schema schema) {
    return switch (schema.getType()) {
      case RECORD -> record(schema);
      case UNION -> optional(schema);
      case ARRAY -> array(of(schema.getElementType()));
      case STRING -> schema.getLogicalType() == null ? Decoder::readString : byAvro(schema);
      case LONG -> number(schema);
      case BOOLEAN -> Decoder::readBoolean;
      case INT -> schema.getLogicalType() == null ? Decoder::readInt : byAvro(schema);
      default -> byAvro(schema);
    };
  }

  private static Read record(Schema schema) {
    Read[] fields =
        schema.getFields().stream().map(field -> of(field.schema())).toArray(Read[]::new);
    Constructor<? extends SpecificRecord> constructor = constructor(schema);
    return in -> {
      SpecificRecord record = make(constructor);
      for (int at = 0; at < fields.length; at++) {
        record.put(at, fields[at].read(in));
      }
      return record;
    };
  }

  private static Constructor<? extends SpecificRecord> constructor(Schema schema) {
    try {
      // Uses Avro's own lookup, which also checks whether the class is trusted.
      Class<?> type = Records.DATA.newRecord(null, schema).getClass();
      return type.asSubclass(SpecificRecord.class).getDeclaredConstructor();
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException("generated records have a constructor without arguments", e);
    }
  }

  private static SpecificRecord make(Constructor<? extends SpecificRecord> constructor) {
    try {
      return constructor.newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("generated records can be instantiated", e);
    }
  }

  /** Reads a union of null and one other type, in either order. */
  private static Read optional(Schema schema) {
    List<Schema> branches = schema.getTypes();
    int nullBranch = branches.get(0).getType() == Schema.Type.NULL ? 0 : 1;
    if (branches.size() != 2 || branches.get(nullBranch).getType() != Schema.Type.NULL) {
      return byAvro(schema);
    }
    Read value = of(branches.get(1 - nullBranch));
    return in -> {
      int branch = in.readIndex();
      if (branch < 0 || branch > 1) {
        throw new AvroRuntimeException("expected one of two branches, got number " + branch);
      }
      return branch == nullBranch ? null : value.read(in);
    };
  }

  private static Read array(Read element) {
    return in -> {
      long count = in.readArrayStart();
      List<Object> all = new ArrayList<>((int) Math.min(count, 1_000));
      while (count > 0) {
        SystemLimitException.checkMaxCollectionLength(all.size(), count);
        for (long i = 0; i < count; i++) {
          all.add(element.read(in));
        }
        count = in.arrayNext();
      }
      return all;
    };
  }

  private static Read number(Schema schema) {
    if (schema.getLogicalType() == null) {
      return Decoder::readLong;
    }
    return schema.getLogicalType() instanceof LogicalTypes.TimestampMillis
        ? in -> Instant.ofEpochMilli(in.readLong())
        : byAvro(schema);
  }

  private static Read byAvro(Schema schema) {
    DatumReader<Object> reader = new SpecificDatumReader<>(schema, schema, Records.DATA);
    return in -> reader.read(null, in);
  }
}
