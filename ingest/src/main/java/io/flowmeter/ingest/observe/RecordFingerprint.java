package io.flowmeter.ingest.observe;

import io.flowmeter.ingest.source.ObservedSteps;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.data.TimeConversions;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;

/**
 * The Avro encoding of a record, as far as change detection needs it: how long it is, and a
 * fingerprint of it. Fingerprints are kept over restarts; a new version of a schema changes them,
 * so that what is live is told once more after an upgrade.
 *
 * @param size in bytes
 * @param fingerprint CRC-64-AVRO; never 0, which stands for nothing seen
 */
record RecordFingerprint(int size, long fingerprint) {

  /** Generated classes convert plain times by themselves; optional ones need it told. */
  private static final SpecificData TIMES_TOLD = new SpecificData();

  static {
    TIMES_TOLD.addLogicalTypeConversion(new TimeConversions.TimestampMillisConversion());
  }

  static RecordFingerprint of(SpecificRecord value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(256);
    try {
      BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
      new SpecificDatumWriter<SpecificRecord>(value.getSchema(), TIMES_TOLD).write(value, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
    return new RecordFingerprint(out.size(), fingerprint(out.toByteArray()));
  }

  /** Of each step, as {@link #of} would tell it. */
  static List<Long> fingerprints(ObservedSteps steps) {
    return IntStream.range(0, steps.size())
        .mapToObj(index -> fingerprint(steps.encoding(index)))
        .toList();
  }

  /** A fingerprint of fingerprints, in order. */
  static long fingerprint(long first, List<Long> rest) {
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES * (rest.size() + 1)).putLong(first);
    rest.forEach(bytes::putLong);
    return fingerprint(bytes.array());
  }

  static long fingerprint(byte[] bytes) {
    try {
      long fingerprint =
          ByteBuffer.wrap(SchemaNormalization.fingerprint("CRC-64-AVRO", bytes))
              .order(ByteOrder.LITTLE_ENDIAN)
              .getLong();
      return fingerprint == 0 ? 1 : fingerprint;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Avro lost its own fingerprint", e);
    }
  }
}
