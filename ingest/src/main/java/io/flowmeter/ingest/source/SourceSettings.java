package io.flowmeter.ingest.source;

import io.flowmeter.ingest.privacy.ErrorPrivacy;
import io.flowmeter.ingest.privacy.InstanceIds;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * How to reach a source, and how much of it may be used.
 *
 * @param address where it is, with or without the path of its API
 * @param account empty for the local runtime, which has none
 * @param token empty for the local runtime, which wants none
 * @param connectTimeout to open a connection
 * @param requestTimeout from the request to the head of its response
 * @param bodyTimeout from the head of a response to the end of its body
 * @param limit requests in 5 minutes that production grants to all tools of the user
 * @param share of the limit that Flowmeter may use, over 0 to 1
 * @param concurrency requests on their way at a time
 * @param errors what is kept of errors' names and messages
 * @param ids in which form faults tell ids of instances
 */
public record SourceSettings(
    URI address,
    Optional<String> account,
    Optional<ApiToken> token,
    Duration connectTimeout,
    Duration requestTimeout,
    Duration bodyTimeout,
    int limit,
    double share,
    int concurrency,
    ErrorPrivacy errors,
    InstanceIds ids) {

  public SourceSettings {
    String scheme = Optional.ofNullable(address.getScheme()).orElse("").toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https") || address.getHost() == null) {
      throw new IllegalArgumentException(
          "expected a source like https://api.cloudflare.com/client/v4 or http://127.0.0.1:8787, came "
              + address.getScheme()
              + "://"
              + address.getHost());
    }
    if (address.getUserInfo() != null) {
      throw new IllegalArgumentException(
          "expected a source address without user and password, came one with them: give the token as "
              + ApiToken.VARIABLE
              + " or as a file");
    }
    if (token.isPresent() && scheme.equals("http") && !LoopbackHosts.is(address.getHost())) {
      throw new IllegalArgumentException(
          "expected https or a loopback address, for the API token must not travel in the clear, came http to "
              + address.getHost()
              + ": use https, or unset "
              + ApiToken.VARIABLE);
    }
    positive(connectTimeout, "connect time-out");
    positive(requestTimeout, "request time-out");
    positive(bodyTimeout, "body time-out");
    if (limit < 1) {
      throw new IllegalArgumentException(
          "expected a request limit of at least 1 in 5 minutes, came " + limit);
    }
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException(
          "expected a share of the request limit over 0 and up to 1, came " + share);
    }
    if (concurrency < 1) {
      throw new IllegalArgumentException(
          "expected at least 1 request at a time, came " + concurrency);
    }
  }

  private static void positive(Duration duration, String name) {
    if (duration.isNegative() || duration.isZero()) {
      throw new IllegalArgumentException("expected a positive " + name + ", came " + duration);
    }
  }

  /** The source is on this machine. */
  public boolean onLoopback() {
    return isLoopback(address);
  }

  /** The address never leaves this machine. */
  public static boolean isLoopback(URI address) {
    return address.getHost() != null && LoopbackHosts.is(address.getHost());
  }
}
