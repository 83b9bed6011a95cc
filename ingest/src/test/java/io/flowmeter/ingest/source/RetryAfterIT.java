package io.flowmeter.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.flowmeter.clock.SteppedClock;
import io.flowmeter.ingest.budget.Budget;
import io.flowmeter.ingest.budget.Priority;
import io.flowmeter.ingest.privacy.ErrorPrivacy;
import io.flowmeter.ingest.privacy.InstanceIds;
import io.flowmeter.ingest.source.WorkflowsApiClient.Authorization;
import io.flowmeter.ingest.telemetry.RequestKind;
import io.flowmeter.ingest.telemetry.Telemetry;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How long a source that answers 429 is left alone. */
class RetryAfterIT {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

  private final SteppedClock clock = new SteppedClock(NOON);
  private final Budget budget = Budget.unlimited(clock);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "30 | 30",
        "0 | 0",
        "86400 | 3600",
        "Tue, 24 Nov 2026 12:00:45 GMT | 45",
        "Tue, 24 Nov 2026 14:00:00 GMT | 3600"
      })
  void asLongAsItSaysButAnHourAtMost(String retryAfter, long seconds) throws InterruptedException {
    assertThat(advice(Optional.of(retryAfter))).contains(Duration.ofSeconds(seconds));
    assertThat(silence()).isEqualTo(Duration.ofSeconds(seconds));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "soon",
        "-5",
        "1.5",
        "12345678901",
        "2026-11-24T12:00:45Z",
        "Tue, 24 Nov 2026 11:59:00 GMT"
      })
  void fiveMinutesWhereThatCannotBeUnderstoodOrIsOver(String retryAfter)
      throws InterruptedException {
    assertThat(advice(Optional.of(retryAfter))).isEmpty();
    assertThat(silence()).isEqualTo(Duration.ofMinutes(5));
  }

  @Test
  void fiveMinutesWhereItSaysNothing() throws InterruptedException {
    assertThat(advice(Optional.empty())).isEmpty();
    assertThat(silence()).isEqualTo(Duration.ofMinutes(5));
  }

  /** Until the next request may go. */
  private Duration silence() throws InterruptedException {
    Instant before = clock.instant();
    budget.acquire(Priority.USUAL);
    return Duration.between(before, clock.instant());
  }

  private Optional<Duration> advice(Optional<String> retryAfter) {
    Map<String, List<String>> headers = new HashMap<>();
    headers.put("Date", List.of("Tue, 24 Nov 2026 12:00:00 GMT"));
    retryAfter.ifPresent(value -> headers.put("Retry-After", List.of(value)));
    ApiFailureException limited =
        catchThrowableOfType(
            ApiFailureException.class,
            () -> {
              try (WorkflowsApiClient api = api(headers)) {
                api.once(
                    budget.acquire(Priority.USUAL),
                    RequestKind.WORKFLOWS,
                    ApiPath.under(URI.create("http://127.0.0.1:1")).segment("workflows"),
                    Authorization.NONE,
                    ApiJson.rows(ApiJson::workflow));
              }
            });
    return ((ApiFailure.RateLimited) limited.failure()).retryAfter();
  }

  private WorkflowsApiClient api(Map<String, List<String>> headers) {
    Duration patience = Duration.ofSeconds(1);
    SourceSettings settings =
        new SourceSettings(
            URI.create("http://127.0.0.1:1"),
            Optional.empty(),
            Optional.empty(),
            patience,
            patience,
            patience,
            1200,
            1,
            1,
            ErrorPrivacy.SCRUBBED,
            InstanceIds.KEPT);
    Transport limiting =
        new Transport() {
          @Override
          public Response send(HttpRequest request) {
            return new Response(
                429,
                HttpHeaders.of(headers, (name, value) -> true),
                new ByteArrayInputStream(new byte[0]));
          }

          @Override
          public void close() {}
        };
    return new WorkflowsApiClient(settings, budget, new Telemetry(clock), clock, limiting);
  }
}
