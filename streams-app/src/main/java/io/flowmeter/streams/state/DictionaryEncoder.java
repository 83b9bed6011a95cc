package io.flowmeter.streams.state;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How texts are written: as a number of the dictionary, or as they are where it is full. Several
 * that belong together, such as a step's settings, are one word of it.
 */
final class DictionaryEncoder {
  private static final char ABSENT = '~';
  private static final char LENGTH_ENDS = ':';

  /** So many joined words are kept apart once they were taken apart. */
  private static final int MOST_KNOWN = 10_000;

  private final Dictionary dictionary;
  private final Map<String, List<String>> parts = new HashMap<>();

  DictionaryEncoder(Dictionary dictionary) {
    this.dictionary = dictionary;
  }

  void write(ByteWriter out, String word) {
    int number = dictionary.number(word);
    if (number == Dictionary.NONE) {
      out.octet(0);
      out.text(word);
    } else {
      out.unsigned(number + 1L);
    }
  }

  String read(ByteReader in) {
    long number = in.unsigned();
    return number == 0 ? in.text() : dictionary.word(Math.toIntExact(number - 1));
  }

  /**
   * @param texts null where one is absent
   */
  void writeJoined(ByteWriter out, String... texts) {
    write(out, joined(texts));
  }

  /** As many as were written, null where one was absent. */
  List<String> readJoined(ByteReader in) {
    String word = read(in);
    List<String> known = parts.get(word);
    if (known != null) {
      return known;
    }
    List<String> apart = apart(word);
    if (parts.size() < MOST_KNOWN) {
      parts.put(word, apart);
    }
    return apart;
  }

  /** Each text after its length, so that it may hold anything. */
  static String joined(String... texts) {
    int length = 0;
    for (String text : texts) {
      length += text == null ? 1 : text.length() + 4;
    }
    StringBuilder joined = new StringBuilder(length);
    for (String text : texts) {
      if (text == null) {
        joined.append(ABSENT);
      } else {
        joined.append(text.length()).append(LENGTH_ENDS).append(text);
      }
    }
    return joined.toString();
  }

  static List<String> apart(String joined) {
    List<String> texts = new ArrayList<>();
    int at = 0;
    while (at < joined.length()) {
      if (joined.charAt(at) == ABSENT) {
        texts.add(null);
        at++;
      } else {
        int colon = joined.indexOf(LENGTH_ENDS, at);
        int begin = colon + 1;
        at = begin + Integer.parseInt(joined, at, colon, 10);
        texts.add(joined.substring(begin, at));
      }
    }
    return Arrays.asList(texts.toArray(new String[0]));
  }
}
