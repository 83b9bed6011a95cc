package io.flowmeter.ingest.source;

import io.flowmeter.ingest.telemetry.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Why a request to a source told nothing. A fault carries status, content type, length, JSON path
 * and offset, never bytes of a response: a body can hold outputs and params.
 */
public sealed interface ApiFailure {

  /** Method and path of the request, without host, query or token. */
  String request();

  /** What was expected, what came, what to do. */
  String message();

  /** The same request may tell more a moment later. */
  default boolean passing() {
    return false;
  }

  /** As what it is counted. */
  default Outcome outcome() {
    if (this instanceof NotFound) {
      return Outcome.NOT_FOUND;
    }
    if (this instanceof RateLimited) {
      return Outcome.RATE_LIMITED;
    }
    if (this instanceof Refused) {
      return Outcome.REFUSED;
    }
    if (this instanceof TimedOut) {
      return Outcome.TIMED_OUT;
    }
    return this instanceof NotJson || this instanceof Malformed
        ? Outcome.MALFORMED
        : Outcome.FAILED;
  }

  /**
   * The head of a response, as far as it may be told.
   *
   * @param contentType empty where the response has none
   * @param length in bytes; negative where the response does not tell it
   */
  record Head(String request, int status, String contentType, long length) {
    @Override
    public String toString() {
      return "HTTP "
          + status
          + ", "
          + (contentType.isEmpty() ? "no content type" : contentType)
          + (length < 0 ? "" : ", " + length + " bytes");
    }
  }

  /** No connection, or one that broke before a response. */
  record Unreachable(String request, String cause) implements ApiFailure {
    @Override
    public String message() {
      return request
          + ": expected a response, came "
          + cause
          + ": check that the source runs and that its address is right";
    }

    @Override
    public boolean passing() {
      return true;
    }
  }

  /** The response, or the rest of its body, did not come in time. */
  record TimedOut(String request, Duration after) implements ApiFailure {
    @Override
    public String message() {
      return request
          + ": expected a whole response within "
          + after.toMillis()
          + " ms, none came: the source hangs or is slow; Flowmeter asks again at the next sweep";
    }

    @Override
    public boolean passing() {
      return true;
    }
  }

  /** The body ended before its JSON did. */
  record Truncated(Head head, String path, long offset) implements ApiFailure {
    @Override
    public String request() {
      return head.request();
    }

    @Override
    public String message() {
      return request()
          + ": expected a whole JSON body, it ended at "
          + path
          + " after "
          + offset
          + " bytes ("
          + head
          + "): the connection broke; Flowmeter asks again";
    }

    @Override
    public boolean passing() {
      return true;
    }
  }

  /** Something else than JSON, such as a login page or a proxy's error. */
  record NotJson(Head head) implements ApiFailure {
    @Override
    public String request() {
      return head.request();
    }

    @Override
    public String message() {
      return request()
          + ": expected JSON, came "
          + head
          + ": check that the address is that of a Workflows API and that no proxy or login page stands before it";
    }

    @Override
    public boolean passing() {
      return head.status() >= 500;
    }
  }

  /** JSON that breaks its own rules, or an envelope without what was asked for. */
  record Malformed(Head head, String expected, String path, long offset) implements ApiFailure {
    @Override
    public String request() {
      return head.request();
    }

    @Override
    public String message() {
      return request()
          + ": expected "
          + expected
          + ", came something else at "
          + path
          + ", byte "
          + offset
          + " ("
          + head
          + "): if it lasts, the source is not a Workflows API that this version knows";
    }
  }

  /** 401 or 403. */
  record Refused(Head head, List<Long> codes) implements ApiFailure {
    public Refused {
      codes = List.copyOf(codes);
    }

    @Override
    public String request() {
      return head.request();
    }

    @Override
    public String message() {
      return request()
          + ": expected to be let in, came "
          + head
          + describeCodes(codes)
          + (head.contentType().contains("json")
              ? ": check that the token is valid, belongs to the account and may read Workers Scripts"
              : ": the local runtime refuses other hosts and origins like this: use the address that `wrangler dev`"
                  + " prints; behind a proxy, check the proxy");
    }
  }

  /** 404. Only with a code of the API does it say that the thing asked for is not there. */
  record NotFound(Head head, List<Long> codes) implements ApiFailure {
    /** Instance not found, in production and in the local runtime. */
    private static final List<Long> OF_INSTANCE = List.of(10400L, 10501L);

    /** Workflow and version not found. */
    private static final List<Long> OF_OTHERS = List.of(10200L, 10300L);

    public NotFound {
      codes = List.copyOf(codes);
    }

    @Override
    public String request() {
      return head.request();
    }

    /** The API itself says that there is no such instance. */
    public boolean saysNoSuchInstance() {
      return codes.stream().anyMatch(OF_INSTANCE::contains);
    }

    /**
     * A Workflows API says so, and not whatever else answers where the address or the account is
     * wrong.
     */
    boolean isOfApi() {
      return saysNoSuchInstance() || codes.stream().anyMatch(OF_OTHERS::contains);
    }

    @Override
    public String message() {
      return request()
          + ": expected a thing that a list returned, came "
          + head
          + describeCodes(codes)
          + (codes.isEmpty() ? ": the address has no such call" : ": it is gone");
    }
  }

  /** 3xx. Redirects are never followed: the token must not leave for another host. */
  record Redirected(Head head) implements ApiFailure {
    @Override
    public String request() {
      return head.request();
    }

    @Override
    public String message() {
      return request()
          + ": expected an answer, came a redirect ("
          + head
          + "), which is never followed, for the token must not leave for another host: give the final address as"
          + " the source";
    }
  }

  /** 429. */
  record RateLimited(Head head, Optional<Duration> retryAfter) implements ApiFailure {
    @Override
    public String request() {
      return head.request();
    }

    @Override
    public String message() {
      return request()
          + ": the account's request limit is used up"
          + retryAfter.map(after -> ", the API asks to wait " + after.toSeconds() + " s").orElse("")
          + ": Flowmeter waits; if it happens again, lower its share of the limit, for other tools use it too";
    }

    @Override
    public boolean passing() {
      return true;
    }
  }

  /** 5xx, or an envelope that says `success: false` without a result. */
  record Failed(Head head, List<Long> codes) implements ApiFailure {
    public Failed {
      codes = List.copyOf(codes);
    }

    @Override
    public String request() {
      return head.request();
    }

    @Override
    public String message() {
      return request()
          + ": expected a result, came "
          + head
          + describeCodes(codes)
          + ": the source failed; Flowmeter asks again";
    }

    @Override
    public boolean passing() {
      return true;
    }
  }

  /** Any other status. */
  record Unexpected(Head head, List<Long> codes) implements ApiFailure {
    public Unexpected {
      codes = List.copyOf(codes);
    }

    /** The request itself is said to be wrong, and not the way or the moment of asking. */
    public boolean badRequest() {
      return head.status() == 400 || head.status() == 422;
    }

    @Override
    public String request() {
      return head.request();
    }

    @Override
    public String message() {
      return request()
          + ": expected HTTP 200, came "
          + head
          + describeCodes(codes)
          + ": the source does not take the request as this version makes it";
    }
  }

  private static String describeCodes(List<Long> codes) {
    return codes.isEmpty() ? "" : ", code " + codes;
  }
}
