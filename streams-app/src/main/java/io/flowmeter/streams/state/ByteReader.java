package io.flowmeter.streams.state;

import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** Reads what {@link ByteWriter} wrote. */
final class ByteReader {
  private final byte[] bytes;
  private int at;

  ByteReader(byte[] bytes) {
    this.bytes = bytes;
  }

  boolean hasMore() {
    return at < bytes.length;
  }

  int octet() {
    if (at == bytes.length) {
      throw new UnreadableStateException("expected more than " + at + " bytes of state");
    }
    return bytes[at++] & 0xff;
  }

  int twoOctets() {
    int high = octet();
    return high << 8 | octet();
  }

  long unsigned() {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      int next = octet();
      value |= (next & 0x7fL) << shift;
      if ((next & 0x80) == 0) {
        return value;
      }
    }
    throw new UnreadableStateException("expected a number of at most 64 bits before byte " + at);
  }

  long signed() {
    long value = unsigned();
    return value >>> 1 ^ -(value & 1);
  }

  /** A time in milliseconds since another; null where it is absent. */
  Instant time(long since, boolean present) {
    return present ? Instant.ofEpochMilli(since + signed()) : null;
  }

  /** A number of things that follow, each in a byte at least. */
  int count() {
    long count = unsigned();
    if (count < 0 || count > bytes.length - at) {
      throw new UnreadableStateException(
          "expected at most " + (bytes.length - at) + " more of state, came a count of " + count);
    }
    return (int) count;
  }

  String text() {
    int length = count();
    at += length;
    return new String(bytes, at - length, length, StandardCharsets.UTF_8);
  }

  byte[] raw(int length) {
    if (length > bytes.length - at) {
      throw new UnreadableStateException(
          "expected " + length + " more bytes of state, came " + (bytes.length - at));
    }
    byte[] raw = new byte[length];
    System.arraycopy(bytes, at, raw, 0, length);
    at += length;
    return raw;
  }

  /** All that is left. */
  byte[] rest() {
    return raw(bytes.length - at);
  }
}
