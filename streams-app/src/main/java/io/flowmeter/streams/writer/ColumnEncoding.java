package io.flowmeter.streams.writer;

import java.sql.SQLException;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.avro.Schema;
import org.apache.kafka.common.errors.SerializationException;

/**
 * Turns a field's Avro bytes into a column's RowBinary bytes, without making anything of them in
 * between. What a column's type cannot hold makes the row unreadable; only times beyond the years
 * that ClickHouse knows become its first or last, as they do in its own parsers.
 */
@FunctionalInterface
interface ColumnEncoding {
  void encode(AvroBytes field, Block column);

  /** The years of DateTime64 are 1900 to 2299. */
  long FIRST_MS = Instant.parse("1900-01-01T00:00:00Z").toEpochMilli();

  long LAST_MS = Instant.parse("2299-12-31T23:59:59.999Z").toEpochMilli();
  long LAST_S = 0xFFFF_FFFFL;

  Pattern NULLABLE = Pattern.compile("Nullable\\((.+)\\)");
  Pattern LOW_CARDINALITY = Pattern.compile("LowCardinality\\((.+)\\)");
  Pattern ARRAY = Pattern.compile("Array\\((.+)\\)");

  /**
   * The encoding from a field's schema to a column's type.
   *
   * @throws SQLException where there is none
   */
  static ColumnEncoding of(Schema field, String type) throws SQLException {
    Matcher lowCardinality = LOW_CARDINALITY.matcher(type);
    if (lowCardinality.matches()) {
      return of(field, lowCardinality.group(1));
    }
    Matcher nullable = NULLABLE.matcher(type);
    if (field.getType() == Schema.Type.UNION) {
      return ofUnion(field, nullable.matches() ? nullable.group(1) : type, nullable.matches());
    }
    if (nullable.matches()) {
      ColumnEncoding value = of(field, nullable.group(1));
      return (in, out) -> {
        out.putByte(0);
        value.encode(in, out);
      };
    }
    return ofValue(field, type);
  }

  /** A union of null and one other. */
  private static ColumnEncoding ofUnion(Schema union, String type, boolean nullable)
      throws SQLException {
    int nothing = union.getTypes().get(0).getType() == Schema.Type.NULL ? 0 : 1;
    if (union.getTypes().size() != 2
        || union.getTypes().get(nothing).getType() != Schema.Type.NULL) {
      throw none(union, type);
    }
    int something = 1 - nothing;
    ColumnEncoding value = of(union.getTypes().get(something), type);
    return (in, out) -> {
      long branch = in.readLong();
      if (branch == something) {
        if (nullable) {
          out.putByte(0);
        }
        value.encode(in, out);
      } else if (branch != nothing) {
        throw new SerializationException("expected branch 0 or 1 of a union, came " + branch);
      } else if (nullable) {
        out.putByte(1);
      } else {
        throw new SerializationException("expected a value of type " + type + ", came null");
      }
    };
  }

  private static ColumnEncoding ofValue(Schema field, String type) throws SQLException {
    return switch (field.getType()) {
      case STRING -> ofString(field, type);
      case BOOLEAN -> ofBoolean(field, type);
      case INT, LONG ->
          field.getLogicalType() == null ? ofNumber(field, type) : ofTime(field, type);
      case DOUBLE -> ofDouble(field, type);
      case ARRAY -> ofArray(field, type);
      default -> throw none(field, type);
    };
  }

  private static ColumnEncoding ofString(Schema field, String type) throws SQLException {
    if (!type.equals("String")) {
      throw none(field, type);
    }
    return (in, out) -> {
      int length = in.readLength();
      out.putString(in.array(), in.skip(length), length);
    };
  }

  private static ColumnEncoding ofBoolean(Schema field, String type) throws SQLException {
    if (!type.equals("Bool")) {
      throw none(field, type);
    }
    return (in, out) -> out.putByte(in.readByte() == 0 ? 0 : 1);
  }

  private static ColumnEncoding ofDouble(Schema field, String type) throws SQLException {
    if (!type.equals("Float64")) {
      throw none(field, type);
    }
    return (in, out) -> out.putLong(in.readDoubleBits());
  }

  private static ColumnEncoding ofTime(Schema field, String type) throws SQLException {
    if (!field.getLogicalType().getName().equals("timestamp-millis")) {
      throw none(field, type);
    }
    if (type.startsWith("DateTime64(3")) {
      return (in, out) -> out.putLong(Math.max(FIRST_MS, Math.min(LAST_MS, in.readLong())));
    }
    if (type.equals("DateTime") || type.startsWith("DateTime(")) {
      return (in, out) -> {
        long seconds = Math.floorDiv(in.readLong(), 1000L);
        out.putInt((int) Math.max(0, Math.min(LAST_S, seconds)));
      };
    }
    throw none(field, type);
  }

  private static ColumnEncoding ofNumber(Schema field, String type) throws SQLException {
    return switch (type) {
      case "Int16" -> (in, out) -> out.putShort(int16(in.readLong()));
      case "Int32" -> (in, out) -> out.putInt(int32(in.readLong()));
      case "Int64" -> (in, out) -> out.putLong(in.readLong());
      default -> throw none(field, type);
    };
  }

  /** Items of an array, or entries of a map told as records of key and value. */
  private static ColumnEncoding ofArray(Schema field, String type) throws SQLException {
    Schema item = field.getElementType();
    Matcher array = ARRAY.matcher(type);
    if (array.matches()) {
      return items(of(item, array.group(1)), 1);
    }
    if (type.replace(" ", "").equals("Map(Int16,Int64)")
        && item.getType() == Schema.Type.RECORD
        && item.getFields().size() == 2) {
      ColumnEncoding key = of(item.getFields().get(0).schema(), "Int16");
      ColumnEncoding value = of(item.getFields().get(1).schema(), "Int64");
      return items(
          (in, out) -> {
            key.encode(in, out);
            value.encode(in, out);
          },
          2);
    }
    throw none(field, type);
  }

  /** Avro tells items in blocks, of which there is one but for very long arrays. */
  private static ColumnEncoding items(ColumnEncoding item, int leastBytes) {
    return (in, out) -> {
      int count = in.readBlock(leastBytes);
      out.putLength(count);
      for (int i = 0; i < count; i++) {
        item.encode(in, out);
      }
      if (count > 0 && in.readBlock(leastBytes) > 0) {
        throw new SerializationException("expected an array in one block, came more");
      }
    };
  }

  private static short int16(long value) {
    if (value != (short) value) {
      throw new SerializationException("expected a number that an Int16 can hold, came " + value);
    }
    return (short) value;
  }

  private static int int32(long value) {
    if (value != (int) value) {
      throw new SerializationException("expected a number that an Int32 can hold, came " + value);
    }
    return (int) value;
  }

  private static SQLException none(Schema field, String type) {
    return new SQLException(
        "expected a column that can hold " + field + ", came " + type + ": run flowmeter migrate");
  }
}
