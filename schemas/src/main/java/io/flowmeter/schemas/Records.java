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

/** How the generated records are read and written. */
final class Records extends SpecificData {
  static final Records DATA = new Records();

  private Records() {
    super(Records.class.getClassLoader());
    // Generated classes convert plain fields by themselves; unions of times need it told here.
    addLogicalTypeConversion(new TimeConversions.TimestampMillisConversion());
    // Avro instantiates only classes that it was told to trust; ours are the generated records.
    ClassSecurityValidator.setGlobal(
        ClassSecurityValidator.composite(
            ClassSecurityValidator.getGlobal(),
            type -> type.getName().startsWith(Records.class.getPackageName() + ".")));
  }

  @Override
  public DatumWriter<?> createDatumWriter(Schema schema) {
    return new RecordWriter<>(schema);
  }

  /** Avro's own reader where there is something to resolve between two schemas. */
  @Override
  public DatumReader<?> createDatumReader(Schema writes, Schema reads) {
    return SchemaNormalization.toParsingForm(writes)
            .equals(SchemaNormalization.toParsingForm(reads))
        ? new RecordReader<>(reads)
        : super.createDatumReader(writes, reads);
  }

  /** Plain lists: Avro's own arrays cannot be compared when their elements hold optional times. */
  @Override
  public Object newArray(Object old, int size, Schema schema) {
    if (old instanceof Collection<?> reused) {
      reused.clear();
      return reused;
    }
    return new ArrayList<>(size);
  }
}
