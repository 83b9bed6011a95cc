package io.flowmeter.schemas;

import java.util.ArrayList;
import java.util.Collection;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.data.TimeConversions;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.util.ClassSecurityValidator;

/** Avro's data model for the generated records. */
final class Records extends SpecificData {
  static final Records DATA = new Records();

  private Records() {
    super(Records.class.getClassLoader());
    // Generated classes convert plain fields themselves. Unions of times need this conversion.
    addLogicalTypeConversion(new TimeConversions.TimestampMillisConversion());
    // Avro instantiates only trusted classes. The generated records are added here.
    ClassSecurityValidator.setGlobal(
        ClassSecurityValidator.composite(
            ClassSecurityValidator.getGlobal(),
            type -> type.getName().startsWith(Records.class.getPackageName() + ".")));
  }

  @Override
  public DatumWriter<?> createDatumWriter(Schema schema) {
    return new RecordWriter<>(schema);
  }

  /** Uses Avro's own reader if two schemas have to be resolved. */
  @Override
  public DatumReader<?> createDatumReader(Schema writes, Schema reads) {
    return SchemaNormalization.toParsingForm(writes)
            .equals(SchemaNormalization.toParsingForm(reads))
        ? new RecordReader<>(reads)
        : super.createDatumReader(writes, reads);
  }

  /**
   * Returns plain lists, because Avro's arrays cannot be compared if their elements have optional
   * times.
   */
  @Override
  public Object newArray(Object old, int size, Schema schema) {
    if (old instanceof Collection<?> reused) {
      reused.clear();
      return reused;
    }
    return new ArrayList<>(size);
  }
}
