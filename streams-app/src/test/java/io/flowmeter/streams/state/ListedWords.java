package io.flowmeter.streams.state;

import java.util.ArrayList;
import java.util.List;

/** A dictionary that is nowhere but here, and full when it has so many words. */
final class ListedWords implements Dictionary {
  private final List<String> words = new ArrayList<>();
  private final int most;

  ListedWords(int most) {
    this.most = most;
  }

  @Override
  public int number(String word) {
    if (!words.contains(word)) {
      if (words.size() >= most) {
        return NONE;
      }
      words.add(word);
    }
    return words.indexOf(word);
  }

  @Override
  public String word(int number) {
    return words.get(number);
  }
}
