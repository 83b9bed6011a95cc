package io.flowmeter.ingest.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import io.flowmeter.clock.Clock;
import io.flowmeter.ingest.budget.Budget;
import io.flowmeter.ingest.budget.Permit;
import io.flowmeter.ingest.telemetry.Outcome;
import io.flowmeter.ingest.telemetry.RequestKind;
import io.flowmeter.ingest.telemetry.Telemetry;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpRequest;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a Workflows API: one GET at a time for each caller, on a permit of the budget, which learns
 * from the answer what the limits are; bounded in time up to the end of the body, repeated with
 * growing, jittered pauses where the fault may pass, never redirected.
 */
final class WorkflowsApiClient implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WorkflowsApiClient.class);

  private static final int RETRIES = 2;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  private static final double JITTER = 0.5;

  /** Production blocks all calls for 5 minutes; a 429 without advice is taken as such. */
  private static final Duration BLOCK = Duration.ofMinutes(5);

  private static final Duration LONGEST_BLOCK = Duration.ofHours(1);

  private final SourceSettings settings;
  private final Budget budget;
  private final Telemetry telemetry;
  private final Clock local;
  private final SourceClock clock;
  private final Transport transport;
  private final ScheduledExecutorService watch;
  private final RetryPolicy<Object> retries =
      RetryPolicy.builder()
          .handleIf(failure -> failure instanceof ApiFailureException e && e.failure().passing())
          .withMaxRetries(RETRIES)
          .withDelayFn(failures -> pause(failures.getAttemptCount()))
          .withJitter(JITTER)
          .build();

  WorkflowsApiClient(
      SourceSettings settings,
      Budget budget,
      Telemetry telemetry,
      Clock local,
      Transport transport) {
    this.settings = settings;
    this.budget = budget;
    this.telemetry = telemetry;
    this.local = local;
    this.clock = new SourceClock(local);
    this.transport = transport;
    this.watch =
        Executors.newSingleThreadScheduledExecutor(Threads.named("flowmeter-ingest-timeouts"));
  }

  /** In real time, for the library's timer knows no other. */
  private Duration pause(int failures) {
    Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(failures - 1, 10));
    return local.real(pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause);
  }

  /** Whose permits are spent here. */
  Budget budget() {
    return budget;
  }

  /** In which form faults tell an instance's id. */
  String describe(String id) {
    return settings.ids().publicId(id);
  }

  /** Reads details, and keeps of errors what may be kept. */
  DetailJson details() {
    return new DetailJson(settings.errors());
  }

  /** Whether a request carries the token. */
  enum Authorization {
    TOKEN,
    NONE
  }

  /**
   * @throws ApiFailureException where no result of the kind came, after what may pass was tried
   *     again
   */
  <T> ApiResponse<Envelope<T>> get(
      Permit permit,
      RequestKind call,
      ApiPath path,
      Authorization authorization,
      ApiJson.Result<T> kind)
      throws ApiFailureException, InterruptedException {
    try {
      return Failsafe.with(retries)
          .get(
              tries ->
                  once(
                      tries.isFirstAttempt() ? permit : permit.again(),
                      call,
                      path,
                      authorization,
                      kind));
    } catch (FailsafeException e) {
      if (e.getCause() instanceof ApiFailureException failure) {
        throw failure;
      }
      if (e.getCause() instanceof InterruptedException interrupted) {
        throw interrupted;
      }
      throw e;
    }
  }

  /** As {@link #get}, without trying again: to find out what answers at an address. */
  <T> ApiResponse<Envelope<T>> once(
      Permit permit,
      RequestKind call,
      ApiPath path,
      Authorization authorization,
      ApiJson.Result<T> kind)
      throws ApiFailureException, InterruptedException {
    permit.spend();
    telemetry.requested(call);
    try {
      ApiResponse<Envelope<T>> response = send(permit, path, authorization, kind);
      telemetry.responded(call, Outcome.OK);
      return response;
    } catch (ApiFailureException e) {
      telemetry.responded(call, e.failure().outcome());
      if (e.failure() instanceof ApiFailure.NotFound notFound && notFound.isOfApi()) {
        telemetry.publishedSomething();
      }
      if (e.failure() instanceof ApiFailure.RateLimited limited) {
        Duration block = limited.retryAfter().orElse(BLOCK);
        if (budget.silentFor().isZero()) {
          LOG.atWarn()
              .addKeyValue("event", "rate_limited")
              .addKeyValue("seconds", block.toSeconds())
              .log("{}", limited.message());
        }
        permit.leaveAlone(block);
      }
      throw e;
    } finally {
      budget.left().ifPresent(telemetry::budgetLeft);
    }
  }

  private <T> ApiResponse<Envelope<T>> send(
      Permit permit, ApiPath path, Authorization authorization, ApiJson.Result<T> kind)
      throws ApiFailureException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(path.uri())
            .timeout(settings.requestTimeout())
            .header("Accept", "application/json")
            .header("User-Agent", "flowmeter");
    if (authorization == Authorization.TOKEN) {
      settings.token().ifPresent(token -> request.header("Authorization", token.authorization()));
    }
    long sent = local.nanos();
    Transport.Response response;
    try {
      response = transport.send(request.GET().build());
    } catch (HttpTimeoutException e) {
      throw fault(new ApiFailure.TimedOut(path.toLogString(), settings.requestTimeout()));
    } catch (IOException e) {
      throw fault(new ApiFailure.Unreachable(path.toLogString(), describe(e)));
    }
    response
        .headers()
        .firstValue("date")
        .flatMap(WorkflowsApiClient::date)
        .ifPresent(clock::update);
    Instant respondedAt = clock.now();
    // Told from the answer back, for this answer's Date may have moved the clock.
    Instant requestedAt = respondedAt.minusNanos(local.nanos() - sent);
    permit.update(
        RateLimitHeaders.policies(response.headers()), RateLimitHeaders.limits(response.headers()));
    ApiFailure.Head head = head(path, response);
    try (InputStream body = response.body()) {
      Envelope<T> envelope = envelope(head, response, body, kind);
      return new ApiResponse<>(envelope, requestedAt, respondedAt);
    } catch (IOException e) {
      // Only closing is left to fail, and the answer is no more needed then.
      throw fault(new ApiFailure.Unreachable(path.toLogString(), describe(e)));
    }
  }

  private <T> Envelope<T> envelope(
      ApiFailure.Head head, Transport.Response response, InputStream body, ApiJson.Result<T> kind)
      throws ApiFailureException {
    int status = head.status();
    boolean json = head.contentType().contains("json") || head.contentType().isEmpty();
    if (status == 200) {
      if (!json) {
        throw fault(new ApiFailure.NotJson(head));
      }
      Envelope<T> envelope = read(head, body, kind);
      if (envelope.result().isPresent()) {
        // A body can say success: false and carry a whole result.
        return envelope;
      }
      throw fault(
          envelope.codes().isEmpty()
              ? new ApiFailure.Malformed(head, "a result of the kind asked for", "/result", 0)
              : new ApiFailure.Failed(head, envelope.codes()));
    }
    if (status >= 300 && status < 400) {
      throw fault(new ApiFailure.Redirected(head));
    }
    if (status == 429) {
      throw fault(new ApiFailure.RateLimited(head, retryAfter(response)));
    }
    List<Long> codes = json ? codes(head, body) : List.of();
    throw fault(
        switch (status) {
          case 401, 403 -> new ApiFailure.Refused(head, codes);
          case 404 -> new ApiFailure.NotFound(head, codes);
          default -> {
            if (status < 500) {
              yield new ApiFailure.Unexpected(head, codes);
            }
            yield json ? new ApiFailure.Failed(head, codes) : new ApiFailure.NotJson(head);
          }
        });
  }

  /** The codes of a refusal; none where its body cannot be read, for its status says enough. */
  private List<Long> codes(ApiFailure.Head head, InputStream body) {
    try {
      return read(head, body, json -> Optional.empty()).codes();
    } catch (ApiFailureException e) {
      return List.of();
    }
  }

  private <T> Envelope<T> read(ApiFailure.Head head, InputStream body, ApiJson.Result<T> kind)
      throws ApiFailureException {
    AtomicBoolean late = new AtomicBoolean();
    ScheduledFuture<?> timeout =
        watch.schedule(
            () -> {
              late.set(true);
              closeQuietly(body);
            },
            settings.bodyTimeout().toMillis(),
            TimeUnit.MILLISECONDS);
    try (StreamingJsonReader json = StreamingJsonReader.of(body)) {
      return read(head, json, late, kind);
    } catch (IOException e) {
      throw fault(new ApiFailure.Unreachable(head.request(), describe(e)));
    } finally {
      timeout.cancel(false);
    }
  }

  private <T> Envelope<T> read(
      ApiFailure.Head head, StreamingJsonReader json, AtomicBoolean late, ApiJson.Result<T> kind)
      throws ApiFailureException {
    try {
      return Envelope.read(json, kind);
    } catch (JsonProcessingException e) {
      if (late.get()) {
        throw fault(new ApiFailure.TimedOut(head.request(), settings.bodyTimeout()));
      }
      throw fault(
          StreamingJsonReader.ended(e)
              ? new ApiFailure.Truncated(head, json.path(), json.offset())
              : new ApiFailure.Malformed(head, "JSON", json.path(), json.offset()));
    } catch (IOException e) {
      throw fault(
          late.get()
              ? new ApiFailure.TimedOut(head.request(), settings.bodyTimeout())
              : new ApiFailure.Truncated(head, json.path(), json.offset()));
    }
  }

  private ApiFailureException fault(ApiFailure failure) {
    return new ApiFailureException(failure, clock.now());
  }

  private static void closeQuietly(InputStream body) {
    try {
      body.close();
    } catch (IOException e) {
      // The reader learns of it by its own read.
    }
  }

  private static ApiFailure.Head head(ApiPath path, Transport.Response response) {
    return new ApiFailure.Head(
        path.toLogString(),
        response.status(),
        response
            .headers()
            .firstValue("content-type")
            .map(type -> type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT))
            .filter(type -> type.matches("[a-z0-9!#$&^_.+/-]{1,100}"))
            .orElse(""),
        response.headers().firstValueAsLong("content-length").orElse(-1));
  }

  /** What broke, without words that an HTTP client may have quoted from a response. */
  private static String describe(IOException failure) {
    boolean ours =
        failure instanceof ConnectException
            || failure instanceof UnknownHostException
            || failure instanceof SSLException;
    String name = failure.getClass().getSimpleName();
    return ours && failure.getMessage() != null ? name + " (" + failure.getMessage() + ")" : name;
  }

  private static Optional<Instant> date(String text) {
    try {
      return Optional.of(
          ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private Optional<Duration> retryAfter(Transport.Response response) {
    Supplier<Instant> now = clock::now;
    return response
        .headers()
        .firstValue("retry-after")
        .flatMap(
            text ->
                text.matches("\\d{1,9}")
                    ? Optional.of(Duration.ofSeconds(Long.parseLong(text)))
                    : date(text).map(until -> Duration.between(now.get(), until)))
        .filter(after -> !after.isNegative())
        .map(after -> after.compareTo(LONGEST_BLOCK) > 0 ? LONGEST_BLOCK : after);
  }

  @Override
  public void close() {
    watch.shutdownNow();
    transport.close();
  }
}
