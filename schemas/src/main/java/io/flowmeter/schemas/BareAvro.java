package io.flowmeter.schemas;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificRecord;

/**
 * Avro's binary encoding of a record and nothing else. It names no schema, so it is for what a
 * process holds for itself: many records take a fraction of the room so. Public, for only this
 * package tells Avro which classes to trust and how to read times. For any number of threads.
 *
 * @param <T> the record
 */
public final class BareAvro<T extends SpecificRecord> {
  private static final int USUAL_BYTES = 256;

  private final DatumWriter<T> writer;
  private final DatumReader<T> reader;

  @SuppressWarnings("unchecked")
  private BareAvro(Schema schema) {
    this.writer = (DatumWriter<T>) Records.DATA.createDatumWriter(schema);
    this.reader = (DatumReader<T>) Records.DATA.createDatumReader(schema);
  }

  /** The encoding of a class of records. */
  public static <T extends SpecificRecord> BareAvro<T> of(Class<T> type) {
    return new BareAvro<>(Records.DATA.getSchema(type));
  }

  /** The same bytes for the same values, whatever the process. */
  public byte[] encode(T record) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(USUAL_BYTES);
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
    try {
      writer.write(record, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
    return out.toByteArray();
  }

  /**
   * A new record from what {@link #encode} gave.
   *
   * @throws UncheckedIOException where the bytes end too early
   */
  public T decode(byte[] encoded) {
    try {
      return reader.read(null, DecoderFactory.get().binaryDecoder(encoded, null));
    } catch (IOException e) {
      throw new UncheckedIOException("expected a whole record in " + encoded.length + " bytes", e);
    }
  }
}
