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
 * Encodes a record in Avro's binary encoding without a schema ID. It is for records that a process
 * holds in memory, which take a fraction of the space this way.
 *
 * <p>The class is public because only this package configures which classes Avro trusts and how it
 * reads times. It is thread-safe.
 *
 * @param <T> the record
 */
public final class BareAvro<T extends SpecificRecord> {
  private static final int TYPICAL_BYTES = 256;

  private final DatumWriter<T> writer;
  private final DatumReader<T> reader;

  @SuppressWarnings("unchecked")
  private BareAvro(Schema schema) {
    this.writer = (DatumWriter<T>) Records.DATA.createDatumWriter(schema);
    this.reader = (DatumReader<T>) Records.DATA.createDatumReader(schema);
  }

  public static <T extends SpecificRecord> BareAvro<T> of(Class<T> type) {
    return new BareAvro<>(Records.DATA.getSchema(type));
  }

  /** Returns the encoding. Equal records have equal bytes in every process. */
  public byte[] encode(T record) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(TYPICAL_BYTES);
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
   * Returns a new record from the result of {@link #encode}.
   *
   * @throws UncheckedIOException if the bytes end too early
   */
  public T decode(byte[] encoded) {
    try {
      return reader.read(null, DecoderFactory.get().binaryDecoder(encoded, null));
    } catch (IOException e) {
      throw new UncheckedIOException("expected a whole record in " + encoded.length + " bytes", e);
    }
  }
}
