package io.flowmeter.streams.state;

/**
 * A step's name, taken apart where it ends in a counter: steps of a loop differ in nothing else.
 *
 * @param name without its counter; null where the step has none
 * @param counter −1 for none
 */
record CountedName(String name, long counter) {
  private static final long NONE = -1;
  private static final char SEPARATOR = '-';
  private static final int MOST_DIGITS = 9;

  /** Only a counter that is written as numbers are is one: {@code a-007} ends in a text. */
  static CountedName of(String name) {
    int dash = name == null ? -1 : name.lastIndexOf(SEPARATOR);
    int digits = dash < 0 ? 0 : name.length() - dash - 1;
    if (digits < 1 || digits > MOST_DIGITS || (digits > 1 && name.charAt(dash + 1) == '0')) {
      return new CountedName(name, NONE);
    }
    for (int i = dash + 1; i < name.length(); i++) {
      if (name.charAt(i) < '0' || name.charAt(i) > '9') {
        return new CountedName(name, NONE);
      }
    }
    return new CountedName(
        name.substring(0, dash), Long.parseLong(name, dash + 1, name.length(), 10));
  }

  boolean isCounted() {
    return counter != NONE;
  }

  /** The whole name. */
  @Override
  public String toString() {
    return isCounted() ? name + SEPARATOR + counter : name;
  }
}
