package io.flowmeter.ingest.source;

import java.time.Instant;
import java.time.LocalDate;

/**
 * Reads the one form in which the API tells times, {@code 2026-11-24T12:00:00.123Z}, as fast as a
 * long detail with a hundred thousand of them deserves. A library's formatter, made for all forms,
 * takes most of such a detail's time.
 */
final class UtcTime {
  private static final int SECONDS_END = "2026-11-24T12:00:00".length();

  private UtcTime() {}

  /**
   * The moment, cut to the millisecond.
   *
   * @return null where the text is of another form, or names no moment
   */
  static Instant parse(char[] text, int from, int length) {
    int last = from + length - 1;
    if (length <= SECONDS_END
        || text[last] != 'Z'
        || text[from + 4] != '-'
        || text[from + 7] != '-'
        || text[from + 10] != 'T'
        || text[from + 13] != ':'
        || text[from + 16] != ':') {
      return null;
    }
    int year = number(text, from, 4);
    int month = number(text, from + 5, 2);
    int day = number(text, from + 8, 2);
    int hour = number(text, from + 11, 2);
    int minute = number(text, from + 14, 2);
    int second = number(text, from + 17, 2);
    int millis = millis(text, from + SECONDS_END, last);
    if ((year | month | day | hour | minute | second | millis) < 0
        || !isDay(year, month, day)
        || hour > 23
        || minute > 59
        || second > 59) {
      return null;
    }
    long days = LocalDate.of(year, month, day).toEpochDay();
    long seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
    return Instant.ofEpochSecond(seconds, millis * 1_000_000L);
  }

  private static boolean isDay(int year, int month, int day) {
    return month >= 1
        && month <= 12
        && day >= 1
        && (day <= 28 || day <= LocalDate.of(year, month, 1).lengthOfMonth());
  }

  /** The number of so many digits; negative where one is none. */
  private static int number(char[] text, int from, int digits) {
    int number = 0;
    for (int i = from; i < from + digits; i++) {
      int digit = text[i] - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      number = number * 10 + digit;
    }
    return number;
  }

  /**
   * The milliseconds of a fraction like {@code .1234567}, or of none; negative where it is none.
   */
  private static int millis(char[] text, int from, int to) {
    if (from == to) {
      return 0;
    }
    int digits = to - from - 1;
    if (text[from] != '.' || digits < 1 || digits > 9 || number(text, from + 1, digits) < 0) {
      return -1;
    }
    int millis = number(text, from + 1, Math.min(digits, 3));
    return digits == 1 ? millis * 100 : digits == 2 ? millis * 10 : millis;
  }
}
