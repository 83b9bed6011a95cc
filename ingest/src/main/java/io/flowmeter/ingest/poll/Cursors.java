package io.flowmeter.ingest.poll;

import io.flowmeter.ingest.source.ResponsePage;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where a list goes on, page by page. A cursor that was followed before would lead round for ever;
 * a page that shows nothing in the middle of a list does not end it. Used by one thread.
 */
final class Cursors {
  /** So many pages one after the other that show nothing are the end, whatever cursor they have. */
  static final int EMPTY_AT_MOST = 3;

  /** A list of the past can have a hundred thousand pages; a cursor that leads back leads near. */
  private static final int MOST = 1_000;

  private final Set<String> followed =
      Collections.newSetFromMap(
          new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
              return size() > MOST;
            }
          });

  private int empty;

  /**
   * What follows a page, as the source says.
   *
   * @param at where the page began
   * @return empty at the end of the list
   */
  Optional<String> after(Optional<String> at, ResponsePage<?> page) {
    at.ifPresent(followed::add);
    empty = page.isEmpty() ? empty + 1 : 0;
    return page.next().filter(next -> empty == 0 || empty < EMPTY_AT_MOST && !isRepeated(next));
  }

  /** It was followed before. */
  boolean isRepeated(String cursor) {
    return followed.contains(cursor);
  }

  /** What is told of a cursor that leads back. */
  static String problem(String list) {
    return list
        + ": expected a cursor that leads on, came one that was followed before: what is below it"
        + " cannot be listed; Flowmeter tries again later";
  }
}
