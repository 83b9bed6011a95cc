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
  public QuotaPolicy {
    if (quota < 1 || window.toMillis() < 1) {
      throw new IllegalArgumentException(
          "expected a quota of at least 1 request in a window of at least 1 ms, came "
              + quota
              + " in "
              + window);
    }
  }
}
