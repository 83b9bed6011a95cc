package io.flowmeter.streams.state;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;

/**
 * Bytes in the making. A whole number takes a byte for each seven bits it has, as in Protocol
 * Buffers.
 *
 * @see <a href="https://protobuf.dev/programming-guides/encoding/#varints">Base 128 varints</a>
 */
final class ByteWriter {
  private byte[] bytes = new byte[256];
  private int size;

  /** The lowest 8 bits. */
  void octet(int value) {
    if (size == bytes.length) {
      bytes = Arrays.copyOf(bytes, 2 * size);
    }
    bytes[size++] = (byte) value;
  }

  /** The lowest 16 bits, always in two bytes. */
  void twoOctets(int value) {
    octet(value >>> 8);
    octet(value);
  }

  /** Any number; small ones that are not negative take little room. */
  void unsigned(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      octet((int) (rest & 0x7f | 0x80));
      rest >>>= 7;
    }
    octet((int) rest);
  }

  /** Any number; those near zero take little room, be they negative or not. */
  void signed(long value) {
    unsigned(value << 1 ^ value >> 63);
  }

  /** A time in milliseconds since another; nothing for null. */
  void time(long since, Instant at) {
    if (at != null) {
      signed(at.toEpochMilli() - since);
    }
  }

  /** A text of any length. */
  void text(String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    unsigned(utf8.length);
    raw(utf8);
  }

  /** The bytes as they are; the reader must know how many. */
  void raw(byte[] more) {
    if (size + more.length > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + more.length));
    }
    System.arraycopy(more, 0, bytes, size, more.length);
    size += more.length;
  }

  /** How many there are until now. */
  int size() {
    return size;
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }
}
