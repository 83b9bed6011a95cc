package io.flowmeter.streams.run;

import io.flowmeter.streams.state.Contributions;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What is known of a run, and where and how it is kept. */
final class StoredRun {
  /** Where a run is kept. */
  enum Place {
    NOWHERE,
    LIVE,
    ENDED
  }

  private final RunKnowledge known;
  private final Place place;
  private final Optional<Contributions> contributed;
  private final Map<Integer, Integer> pages;

  /**
   * @param contributed what it put into rollups, where that is kept
   * @param pages how many each of its pieces lies in
   */
  StoredRun(
      RunKnowledge known,
      Place place,
      Optional<Contributions> contributed,
      Map<Integer, Integer> pages) {
    this.known = known;
    this.place = place;
    this.contributed = contributed;
    this.pages = pages;
  }

  /** A run of which nothing is known yet. */
  static StoredRun none() {
    return new StoredRun(
        RunKnowledge.none(), Place.NOWHERE, Optional.of(Contributions.NONE), new HashMap<>());
  }

  RunKnowledge known() {
    return known;
  }

  boolean isNew() {
    return place == Place.NOWHERE;
  }

  Place place() {
    return place;
  }

  Optional<Contributions> contributed() {
    return contributed;
  }

  Map<Integer, Integer> pages() {
    return pages;
  }
}
