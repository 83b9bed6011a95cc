package io.flowmeter.cli.settings;

import java.util.Comparator;
import java.util.stream.Stream;

/** The known name that someone most likely meant. */
public final class Nearest {
  private Nearest() {}

  /** The candidate with the fewest changed letters; the first of them in alphabetical order. */
  public static String to(String meant, Stream<String> candidates) {
    return candidates
        .sorted()
        .min(Comparator.comparingInt(name -> distance(meant, name)))
        .orElseThrow();
  }

  /** Levenshtein's edit distance. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
