package io.flowmeter.ingest.budget;

import java.time.Duration;

/**
 * How many requests all tools of a user may send together, as header {@code Ratelimit-Policy} tells
 * it: {@code "default";q=1200;w=300}.
 *
 * @param quota requests in any stretch of the window
 * @see <a href="https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/">RateLimit
 *     header fields for HTTP</a>
 */
public record QuotaPolicy(String name, long quota, Duration window) {
  /** What went longer ago is forgotten. */
  public static final Duration LONGEST_WINDOW = Duration.ofHours(1);

  public QuotaPolicy {
    if (quota < 1 || window.toMillis() < 1 || window.compareTo(LONGEST_WINDOW) > 0) {
      throw new IllegalArgumentException(
          "expected a quota of at least 1 request in a window of 1 ms to 1 hour, came "
              + quota
              + " in "
              + window);
    }
  }
}
