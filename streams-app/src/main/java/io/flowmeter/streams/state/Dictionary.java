package io.flowmeter.streams.state;

/**
 * Words of one workflow that come again and again, as small numbers: names of steps with their
 * settings, versions, triggers. A number, once given, stays the word's.
 */
public interface Dictionary {
  /** What {@link #number} says of a word that has none. */
  int NONE = -1;

  /**
   * The number of the word, which it gets where it has none yet; {@link #NONE} where the dictionary
   * is full.
   */
  int number(String word);

  /**
   * The word of a number that was given.
   *
   * @throws UnreadableStateException where it was not
   */
  String word(int number);
}
