package io.flowmeter.streams.writer;

import java.nio.ByteBuffer;
import org.apache.kafka.common.errors.SerializationException;

/**
 * Avro's binary encoding of one record, read from front to back.
 *
 * @see <a href="https://avro.apache.org/docs/1.12.0/specification/#binary-encoding">Binary
 *     encoding</a>
 */
final class AvroBytes {
  private static final int MOST_BYTES_OF_A_LONG = 10;

  private final byte[] bytes;
  private final int end;
  private int at;

  AvroBytes(ByteBuffer record) {
    bytes = record.array();
    at = record.arrayOffset() + record.position();
    end = at + record.remaining();
  }

  /** An int or a long: zigzag, 7 bits a byte, the lowest first. */
  long readLong() {
    long zigzag = 0;
    for (int i = 0; i < MOST_BYTES_OF_A_LONG; i++) {
      byte next = readByte();
      zigzag |= (next & 0x7FL) << (7 * i);
      if (next >= 0) {
        return (zigzag >>> 1) ^ -(zigzag & 1);
      }
    }
    throw new SerializationException("expected a number of up to 10 bytes, came a longer one");
  }

  byte readByte() {
    if (at >= end) {
      throw tooShort();
    }
    return bytes[at++];
  }

  /** The bits of a double: 8 bytes, the lowest first. */
  long readDoubleBits() {
    long bits = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      bits |= (readByte() & 0xffL) << (Byte.SIZE * i);
    }
    return bits;
  }

  /** The length of a string, whose bytes come next. */
  int readLength() {
    long length = readLong();
    if (length < 0 || length > end - at) {
      throw tooShort();
    }
    return (int) length;
  }

  /** Steps over bytes that {@link #array} holds at the position that this returns. */
  int skip(int length) {
    int from = at;
    at += length;
    return from;
  }

  byte[] array() {
    return bytes;
  }

  /**
   * The items of the next block of an array; 0 after the last.
   *
   * @param least bytes that an item takes, at least
   */
  int readBlock(int least) {
    long items = readLong();
    if (items < 0) {
      items = -items;
      readLong();
    }
    if (items < 0 || items > (end - at) / least) {
      throw tooShort();
    }
    return (int) items;
  }

  private static SerializationException tooShort() {
    return new SerializationException("the record ends before all its fields are told");
  }
}
