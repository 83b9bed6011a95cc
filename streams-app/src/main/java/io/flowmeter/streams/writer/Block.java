package io.flowmeter.streams.writer;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Rows of a table in ClickHouse's RowBinary encoding, with the record that each came from.
 *
 * @see <a href="https://clickhouse.com/docs/interfaces/formats/RowBinary">RowBinary</a>
 */
public final class Block {
  private static final VarHandle SHORT = little(short[].class);
  private static final VarHandle INT = little(int[].class);
  private static final VarHandle LONG = little(long[].class);

  private final List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
  private byte[] bytes;
  private int length;
  private int[] ends = new int[1024];

  /**
   * Without rows yet.
   *
   * @param expectedBytes of all rows, about
   */
  public Block(int expectedBytes) {
    bytes = new byte[Math.max(1024, expectedBytes)];
  }

  /** Rows that are whole. */
  public int rows() {
    return records.size();
  }

  ConsumerRecord<byte[], byte[]> record(int row) {
    return records.get(row);
  }

  /** What was put since the last row is the row of this record. */
  void endRow(ConsumerRecord<byte[], byte[]> record) {
    if (rows() == ends.length) {
      ends = Arrays.copyOf(ends, 2 * ends.length);
    }
    ends[rows()] = length;
    records.add(record);
  }

  /** Forgets what was put since the last row. */
  void dropRow() {
    length = rows() == 0 ? 0 : ends[rows() - 1];
  }

  void putByte(int value) {
    ensureCapacity(1);
    bytes[length++] = (byte) value;
  }

  void putShort(short value) {
    ensureCapacity(Short.BYTES);
    SHORT.set(bytes, length, value);
    length += Short.BYTES;
  }

  void putInt(int value) {
    ensureCapacity(Integer.BYTES);
    INT.set(bytes, length, value);
    length += Integer.BYTES;
  }

  void putLong(long value) {
    ensureCapacity(Long.BYTES);
    LONG.set(bytes, length, value);
    length += Long.BYTES;
  }

  /** A length: 7 bits a byte, the lowest first. */
  void putLength(int value) {
    ensureCapacity(5);
    int rest = value;
    while ((rest & ~0x7F) != 0) {
      bytes[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
  }

  /** A string that is in UTF-8 already. */
  void putString(byte[] from, int at, int size) {
    putLength(size);
    ensureCapacity(size);
    System.arraycopy(from, at, bytes, length, size);
    length += size;
  }

  void putString(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    putString(utf8, 0, utf8.length);
  }

  /** Sets the last column of every row, an Int64 or a time of that size. */
  void setLastLong(long value) {
    for (int row = 0; row < rows(); row++) {
      LONG.set(bytes, ends[row] - Long.BYTES, value);
    }
  }

  /** Writes what was put, rows or not. */
  void writeTo(OutputStream out) throws IOException {
    out.write(bytes, 0, length);
  }

  /** Writes the rows from one, until before another. */
  void writeTo(OutputStream out, int from, int to) throws IOException {
    int start = from == 0 ? 0 : ends[from - 1];
    out.write(bytes, start, ends[to - 1] - start);
  }

  private void ensureCapacity(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, Math.addExact(length, length / 2)));
    }
  }

  private static VarHandle little(Class<?> array) {
    return MethodHandles.byteArrayViewVarHandle(array, ByteOrder.LITTLE_ENDIAN);
  }
}
