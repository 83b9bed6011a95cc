package io.flowmeter.simulator.api;

import java.io.Reader;

/** A text repeated to a length. */
final class Filler extends Reader {
  private final String text;
  private final int length;
  private int position;

  Filler(String text, int length) {
    this.text = text;
    this.length = length;
  }

  @Override
  public int read(char[] to, int offset, int most) {
    if (position == length) {
      return -1;
    }
    int count = Math.min(length - position, most);
    for (int i = 0, from = position % text.length(); i < count; i++) {
      to[offset + i] = text.charAt(from);
      from = from + 1 == text.length() ? 0 : from + 1;
    }
    position += count;
    return count;
  }

  @Override
  public void close() {
    // There is nothing to close.
  }
}
