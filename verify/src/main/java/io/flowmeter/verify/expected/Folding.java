package io.flowmeter.verify.expected;

import java.util.Set;

/**
 * Reads a message sign by sign and puts {@code {}} for what differs from one time to the next:
 * marks of scrubbing, UUIDs, numbers, hex, and ids in which letters and digits take turns.
 */
final class Folding {

  private static final Set<String> MARKS =
      Set.of("{email}", "{token}", "{uuid}", "{digits}", "{ip}", "{query}");
  private static final String SIGNED_AFTER = "=(:,[";
  private static final String JOINTS = ".,:/-";
  private static final int[] UUID = {8, 4, 4, 4, 12};

  private final String message;
  private final StringBuilder folded = new StringBuilder();
  private int at;

  private Folding(String message) {
    this.message = message;
  }

  static String of(String message) {
    Folding folding = new Folding(message);
    while (folding.at < message.length()) {
      folding.next();
    }
    return folding.folded.toString().strip();
  }

  private void next() {
    char here = message.charAt(at);
    int end = markEnd();
    if (end < 0) {
      end = uuidEnd();
    }
    if (end > 0) {
      fold();
      at = end;
    } else if (Character.isLetterOrDigit(here)) {
      end = at;
      while (end < message.length() && Character.isLetterOrDigit(message.charAt(end))) {
        end++;
      }
      word(message.substring(at, end));
      at = end;
    } else if (isSpace(here)) {
      if (folded.isEmpty() || folded.charAt(folded.length() - 1) != ' ') {
        folded.append(' ');
      }
      at++;
    } else if (message.startsWith("{}", at)) {
      fold();
      at += 2;
    } else {
      folded.append(here);
      at++;
    }
  }

  /** Puts the sign for what was folded; what it joins with becomes one with it. */
  private void fold() {
    int length = folded.length();
    boolean sign = length > 0 && "+-".indexOf(folded.charAt(length - 1)) >= 0;
    boolean alone =
        length < 2
            || folded.charAt(length - 2) == ' '
            || SIGNED_AFTER.indexOf(folded.charAt(length - 2)) >= 0;
    if (sign && alone) {
      length--;
      folded.setLength(length);
    }
    String before = folded.toString();
    if (before.endsWith("{}")) {
      return;
    }
    if (length > 2
        && JOINTS.indexOf(before.charAt(length - 1)) >= 0
        && before.startsWith("{}", length - 3)) {
      folded.setLength(length - 1);
      return;
    }
    folded.append("{}");
  }

  private int markEnd() {
    int end = message.indexOf('}', at) + 1;
    return message.charAt(at) == '{' && MARKS.contains(message.substring(at, Math.max(at, end)))
        ? end
        : -1;
  }

  /** The end of a UUID that begins here. */
  private int uuidEnd() {
    int end = at;
    for (int group = 0; group < UUID.length; group++) {
      if (group > 0 && (end >= message.length() || message.charAt(end++) != '-')) {
        return -1;
      }
      for (int i = 0; i < UUID[group]; i++) {
        if (end >= message.length() || !isHex(message.charAt(end++))) {
          return -1;
        }
      }
    }
    return end;
  }

  private void word(String word) {
    if (word.chars().noneMatch(Character::isDigit)) {
      folded.append(word);
    } else if (isHexNumber(word) || turns(word) >= 4) {
      fold();
    } else {
      boolean inNumber = false;
      for (char sign : word.toCharArray()) {
        boolean digit = Character.isDigit(sign);
        if (!digit) {
          folded.append(sign);
        } else if (!inNumber) {
          fold();
        }
        inNumber = digit;
      }
    }
  }

  private static boolean isHexNumber(String word) {
    if (word.startsWith("0x") && word.length() > 2) {
      return word.substring(2).chars().allMatch(Folding::isHex);
    }
    return word.length() >= 6
        && word.chars().allMatch(Folding::isHex)
        && word.chars().anyMatch(Character::isLetter);
  }

  /** How many runs of letters and of digits a word has. */
  private static int turns(String word) {
    int turns = 1;
    for (int i = 1; i < word.length(); i++) {
      if (Character.isDigit(word.charAt(i)) != Character.isDigit(word.charAt(i - 1))) {
        turns++;
      }
    }
    return turns;
  }

  private static boolean isHex(int sign) {
    return sign < 128 && Character.digit(sign, 16) >= 0;
  }

  private static boolean isSpace(char sign) {
    return " \t\n\013\f\r".indexOf(sign) >= 0;
  }
}
