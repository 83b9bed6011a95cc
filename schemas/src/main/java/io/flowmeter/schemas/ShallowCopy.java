package io.flowmeter.schemas;

import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;

/** Copies a record's fields but not their values. Avro's builders copy deeply. */
public final class ShallowCopy {
  private ShallowCopy() {}

  @SuppressWarnings("unchecked")
  public static <T extends SpecificRecord> T of(T record) {
    Schema schema = record.getSchema();
    T copy = (T) Records.DATA.newRecord(null, schema);
    for (Schema.Field field : schema.getFields()) {
      copy.put(field.pos(), record.get(field.pos()));
    }
    return copy;
  }
}
