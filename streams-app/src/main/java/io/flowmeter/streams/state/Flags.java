package io.flowmeter.streams.state;

/** Single bits of a number. */
final class Flags {
  private Flags() {}

  /** The bit if it is to be set, else none. */
  static int bit(boolean set, int bit) {
    return set ? bit : 0;
  }

  static boolean has(int flags, int bit) {
    return (flags & bit) != 0;
  }
}
