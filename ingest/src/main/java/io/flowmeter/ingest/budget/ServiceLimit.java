package io.flowmeter.ingest.budget;

import java.time.Duration;

/**
 * What is left of a quota for all tools of a user together, as header {@code Ratelimit} tells it:
 * {@code "default";r=50;t=30}.
 *
 * @param remaining requests that may still come within the time
 * @param reset the time until the quota is larger again
 * @see <a href="https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/">RateLimit
 *     header fields for HTTP</a>
 */
public record ServiceLimit(String name, long remaining, Duration reset) {}
