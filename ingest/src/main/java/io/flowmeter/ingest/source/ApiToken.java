package io.flowmeter.ingest.source;

/** An API token. Its text leaves only as a request header; printed, it is masked. */
public final class ApiToken {
  /** The environment variable that Cloudflare's own tools read, too. */
  public static final String VARIABLE = "CLOUDFLARE_API_TOKEN";

  private final String secret;

  private ApiToken(String secret) {
    this.secret = secret;
  }

  /**
   * @throws IllegalArgumentException where it is empty or holds what no token holds; the message
   *     does not quote it
   */
  public static ApiToken of(String secret) {
    String trimmed = secret.strip();
    if (trimmed.isEmpty() || trimmed.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new IllegalArgumentException(
          "expected an API token of visible ASCII characters, came "
              + (trimmed.isEmpty() ? "none" : "something else")
              + ": copy it anew from Cloudflare's dashboard");
    }
    return new ApiToken(trimmed);
  }

  String authorization() {
    return "Bearer " + secret;
  }

  @Override
  public String toString() {
    return "********";
  }
}
