package io.flowmeter.cli.doctor;

import static io.flowmeter.cli.doctor.Finding.wrong;

import io.flowmeter.ingest.source.ApiFailure;
import java.time.Duration;
import java.time.Instant;

/** What an API that does not answer as it should means for whoever set it up. */
public final class SourceDiagnosis {
  private static final Duration BLOCK = Duration.ofMinutes(5);

  /** Cloudflare's codes for a token that is no token: headers or their format are invalid. */
  private static final java.util.Set<Long> NO_TOKEN = java.util.Set.of(6003L, 6111L);

  private SourceDiagnosis() {}

  /** Whether whoever set it up has to do something, for waiting would mend nothing. */
  public static boolean needsManualFix(ApiFailure failure) {
    return failure instanceof ApiFailure.Refused
        || failure instanceof ApiFailure.NotFound
        || failure instanceof ApiFailure.Redirected
        || failure instanceof ApiFailure.NotJson && !failure.passing()
        || isNoToken(failure);
  }

  private static boolean isNoToken(ApiFailure failure) {
    return failure instanceof ApiFailure.Unexpected other
        && other.codes().stream().anyMatch(NO_TOKEN::contains);
  }

  /**
   * The finding.
   *
   * @param account whose workflows were asked for
   * @param now by our clock
   */
  public static Finding of(ApiFailure failure, String account, Instant now) {
    String subject = "source";
    if (failure instanceof ApiFailure.Refused refused) {
      boolean json = refused.head().contentType().contains("json");
      return json
          ? wrong(
              subject,
              "the API does not let the token in: "
                  + came(refused.head(), refused.codes().toString()),
              "See in the dashboard under API tokens that it is active, not expired, for account %s, and may read Workers Scripts (or Workers Tail); then set it in CLOUDFLARE_API_TOKEN or api.token.file"
                  .formatted(account))
          : wrong(subject, failure.message());
    }
    if (failure instanceof ApiFailure.Unexpected other && isNoToken(failure)) {
      return wrong(
          subject,
          "the API takes the token for none: " + came(other.head(), other.codes().toString()),
          "Copy it anew, whole and without spaces, into CLOUDFLARE_API_TOKEN or api.token.file");
    }
    if (failure instanceof ApiFailure.NotFound unknown) {
      return wrong(
          subject,
          "the API knows no account %s: %s"
              .formatted(account, came(unknown.head(), unknown.codes().toString())),
          "Copy the id of the account from the dashboard's address into CLOUDFLARE_ACCOUNT_ID; with another source.url, see that its path is right");
    }
    if (failure instanceof ApiFailure.RateLimited limited) {
      Instant until = now.plus(limited.retryAfter().orElse(BLOCK));
      return wrong(
          subject,
          "the API blocks all tools of the token's user until about %s, since more than its limit was asked for: %s"
              .formatted(until, came(limited.head(), "")),
          "Wait; Flowmeter does. If it happens again, another tool uses more than its part: slow that down, give Flowmeter a token of a user of its own, or lower ingest.request.share");
    }
    if (failure instanceof ApiFailure.Failed || failure instanceof ApiFailure.NotJson) {
      return wrong(
          subject,
          failure.message(),
          "Nothing to do here where cloudflarestatus.com tells of it: Flowmeter asks again, and what ended meanwhile is fetched later");
    }
    return wrong(subject, failure.message());
  }

  private static String came(ApiFailure.Head head, String codes) {
    return head + (codes.isEmpty() || codes.equals("[]") ? "" : ", code " + codes);
  }
}
