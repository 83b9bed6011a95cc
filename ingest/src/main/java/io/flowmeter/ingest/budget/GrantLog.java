package io.flowmeter.ingest.budget;

/** When requests were let go, as far back as some window reaches: moments in rising order. */
final class GrantLog {
  private long[] moments = new long[64];
  private int first;
  private int count;

  /** Adds a moment that is not before the others, and forgets those up to {@code forgotten}. */
  void add(long moment, long forgotten) {
    while (count > 0 && at(0) <= forgotten) {
      first = (first + 1) % moments.length;
      count--;
    }
    if (count == moments.length) {
      grow();
    }
    moments[(first + count) % moments.length] = moment;
    count++;
  }

  private void grow() {
    long[] larger = new long[2 * moments.length];
    for (int i = 0; i < count; i++) {
      larger[i] = at(i);
    }
    moments = larger;
    first = 0;
  }

  /** Takes one of this moment away, where it is still remembered. */
  void remove(long moment) {
    int at = countUpTo(moment) - 1;
    if (at < 0 || at(at) != moment) {
      return;
    }
    for (int i = at; i < count - 1; i++) {
      moments[(first + i) % moments.length] = at(i + 1);
    }
    count--;
  }

  /** How many came after the moment. */
  int countAfter(long moment) {
    return count - countUpTo(moment);
  }

  /** When one more may come, so that no window holds more than so many. */
  long freeAt(long most, long window, long now) {
    return most > count ? now : Math.max(now, at(count - (int) most) + window);
  }

  /** The latest moment; the one given where there is none. */
  long latest(long otherwise) {
    return count == 0 ? otherwise : at(count - 1);
  }

  private int countUpTo(long moment) {
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = (low + high) / 2;
      if (at(middle) <= moment) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private long at(int index) {
    return moments[(first + index) % moments.length];
  }
}
