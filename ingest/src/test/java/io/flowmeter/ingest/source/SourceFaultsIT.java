package io.flowmeter.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import io.flowmeter.clock.Clock;
import io.flowmeter.clock.FastClock;
import io.flowmeter.clock.SteppedClock;
import io.flowmeter.ingest.budget.Budget;
import io.flowmeter.ingest.budget.Permit;
import io.flowmeter.ingest.budget.Priority;
import io.flowmeter.ingest.privacy.ErrorPrivacy;
import io.flowmeter.ingest.privacy.InstanceIds;
import io.flowmeter.ingest.telemetry.Telemetry;
import io.flowmeter.simulator.Simulator;
import io.flowmeter.simulator.SimulatorConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Everything a source can do wrong, and what is said of it. */
class SourceFaultsIT {
  private static final String TOKEN = "tok-0123456789";
  private static final Predicate<String> ANY = target -> true;
  private static final Duration PATIENT = Duration.ofSeconds(30);
  private static final Duration IMPATIENT = Duration.ofMillis(400);
  private static Simulator simulator;

  private final Telemetry telemetry = new Telemetry(Clock.system());

  /** Pauses between attempts take no time. */
  private final Clock clock = new SteppedClock(Instant.now());

  private Source source;

  @BeforeAll
  static void start() throws IOException {
    simulator =
        Simulator.start(
            SimulatorConfig.of(3, Instant.now())
                .withHistory(20)
                .withRate(0)
                .withToken(TOKEN)
                .withRateLimit(Optional.empty()));
  }

  @AfterAll
  static void stop() {
    simulator.close();
  }

  private static SourceSettings settings(URI address) {
    return settings(address, PATIENT);
  }

  private static SourceSettings settings(URI address, Duration timeout) {
    return new SourceSettings(
        address,
        Optional.of(simulator.account()),
        Optional.of(ApiToken.of(TOKEN)),
        Duration.ofSeconds(5),
        timeout,
        timeout,
        1_000_000,
        1,
        4,
        ErrorPrivacy.SCRUBBED,
        InstanceIds.KEPT);
  }

  private WorkflowsApiClient api(SourceSettings settings, Clock clock) {
    return new WorkflowsApiClient(
        settings, Budget.unlimited(clock), telemetry, clock, new HttpTransport(settings));
  }

  private static Permit permit(Source source) throws InterruptedException {
    return source.budget().acquire(Priority.USUAL);
  }

  private Source source(URI address) {
    return source(address, PATIENT);
  }

  private Source source(URI address, Duration timeout) {
    SourceSettings settings = settings(address, timeout);
    return new ProductionSource(address, simulator.account(), api(settings, clock));
  }

  @BeforeEach
  void open() {
    source = source(simulator.baseUri());
  }

  @AfterEach
  void close() {
    source.close();
    simulator.faults().clear();
  }

  private ApiFailure asked() {
    ApiFailureException failure =
        catchThrowableOfType(
            ApiFailureException.class, () -> source.workflows(permit(source), Optional.empty()));
    assertThat(failure).isNotNull();
    assertThat(failure.getMessage()).doesNotContain(TOKEN).contains("expected ", ": ");
    return failure.failure();
  }

  @Test
  void malformedJson() {
    simulator.faults().every(ANY, io.flowmeter.simulator.fault.InjectedFault.malformedJson());
    ApiFailure failure = asked();
    assertThat(failure).isInstanceOf(ApiFailure.Malformed.class);
    assertThat(failure.message())
        .contains("expected JSON")
        .contains("HTTP 200, application/json")
        .contains("/result/")
        .contains("byte ");
  }

  @Test
  void htmlInPlaceOfJson() {
    simulator.faults().every(ANY, io.flowmeter.simulator.fault.InjectedFault.html());
    ApiFailure failure = asked();
    assertThat(failure).isInstanceOf(ApiFailure.NotJson.class);
    assertThat(failure.message())
        .contains("text/html")
        .contains("proxy or login page")
        .doesNotContain("Hello");
  }

  @Test
  void aRefusalInPlainText() {
    simulator.faults().every(ANY, io.flowmeter.simulator.fault.InjectedFault.plainForbidden());
    ApiFailure failure = asked();
    assertThat(failure).isInstanceOf(ApiFailure.Refused.class);
    assertThat(failure.message()).contains("HTTP 403, text/plain").contains("wrangler dev");
  }

  @Test
  void aWrongToken() {
    source.close();
    SourceSettings wrong =
        new SourceSettings(
            simulator.baseUri(),
            Optional.of(simulator.account()),
            Optional.of(ApiToken.of("wrong")),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            1_000,
            1,
            1,
            ErrorPrivacy.SCRUBBED,
            InstanceIds.KEPT);
    source =
        new ProductionSource(simulator.baseUri(), simulator.account(), api(wrong, Clock.system()));
    ApiFailure failure = asked();
    assertThat(failure).isInstanceOf(ApiFailure.Refused.class);
    assertThat(failure.message()).contains("check that the token is valid");
    assertThat(telemetry.totals().requests()).isEqualTo(1);
  }

  @Test
  void aRequestThatHangs() {
    simulator.faults().every(ANY, io.flowmeter.simulator.fault.InjectedFault.hang());
    source.close();
    source = source(simulator.baseUri(), IMPATIENT);
    ApiFailure failure = asked();
    assertThat(failure).isInstanceOf(ApiFailure.TimedOut.class);
    assertThat(failure.message()).contains("within 400 ms").contains("hangs or is slow");
  }

  @Test
  void aBodyThatHangs() throws IOException, InterruptedException {
    String half =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"result\":[";
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread answers =
          new Thread(
              () -> {
                try {
                  while (true) {
                    // Left open on purpose: the client must not wait for it.
                    Socket socket = server.accept();
                    socket.getOutputStream().write(half.getBytes(StandardCharsets.US_ASCII));
                  }
                } catch (IOException e) {
                  // The test is over.
                }
              });
      answers.start();
      source.close();
      source = source(URI.create("http://127.0.0.1:" + server.getLocalPort()), IMPATIENT);
      ApiFailure failure = asked();
      assertThat(failure).isInstanceOf(ApiFailure.TimedOut.class);
      assertThat(failure.message()).contains("within 400 ms");
      server.close();
      answers.join();
    }
  }

  @Test
  void aBodyThatEndsTooEarly() {
    simulator.faults().every(ANY, io.flowmeter.simulator.fault.InjectedFault.truncatedBody());
    ApiFailure failure = asked();
    assertThat(failure).isInstanceOf(ApiFailure.Truncated.class);
    assertThat(failure.message()).contains("it ended at /").contains("Flowmeter asks again");
  }

  @Test
  void aConnectionThatIsReset() {
    simulator.faults().every(ANY, io.flowmeter.simulator.fault.InjectedFault.reset());
    assertThat(asked()).isInstanceOf(ApiFailure.Unreachable.class);
  }

  @Test
  void aPlaceWhereNobodyListens() {
    source.close();
    source = source(URI.create("http://127.0.0.1:1/client/v4"));
    ApiFailure failure = asked();
    assertThat(failure).isInstanceOf(ApiFailure.Unreachable.class);
    assertThat(failure.message())
        .contains("ConnectException")
        .contains("check that the source runs");
  }

  @Test
  void aPassingFaultIsTriedAgain() throws Exception {
    simulator.faults().next(2, ANY, io.flowmeter.simulator.fault.InjectedFault.serverError(502));
    assertThat(source.workflows(permit(source), Optional.empty()).value().rows()).isNotEmpty();
    assertThat(telemetry.totals().requests()).isEqualTo(3);
    assertThat(telemetry.totals().failed()).isEqualTo(2);
  }

  @Test
  void aLastingFaultIsToldWithItsCode() {
    simulator.faults().every(ANY, io.flowmeter.simulator.fault.InjectedFault.serverError(500));
    ApiFailure failure = asked();
    assertThat(failure).isInstanceOf(ApiFailure.Failed.class);
    assertThat(failure.message()).contains("HTTP 500").contains("code [10001]");
  }

  @Test
  void aRateLimitIsWaitedOut() throws Exception {
    simulator
        .faults()
        .next(
            1,
            ANY,
            io.flowmeter.simulator.fault.InjectedFault.tooManyRequests(Duration.ofSeconds(1)));
    Instant before = clock.instant();
    assertThat(source.workflows(permit(source), Optional.empty()).value().rows()).isNotEmpty();
    assertThat(clock.instant()).isAfterOrEqualTo(before.plusSeconds(1));
    assertThat(telemetry.totals().rateLimited()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.1:OTHER/client/v4",
        "http://localhost:OTHER/client/v4",
        "https://127.0.0.1:OTHER/client/v4",
        "//localhost:OTHER/",
        // For ever, were it followed.
        "http://127.0.0.1:SAME/client/v4",
        "?page=1"
      })
  void aRedirectIsNotFollowedAndTheTokenDoesNotLeave(String target) throws IOException {
    try (Simulator other =
        Simulator.start(SimulatorConfig.of(4, Instant.now()).withHistory(1).withRate(0))) {
      URI location =
          URI.create(
              target
                  .replace("OTHER", Integer.toString(other.baseUri().getPort()))
                  .replace("SAME", Integer.toString(simulator.baseUri().getPort())));
      simulator.faults().every(ANY, io.flowmeter.simulator.fault.InjectedFault.redirect(location));
      int before = simulator.requests().size();
      ApiFailure failure = asked();
      assertThat(failure).isInstanceOf(ApiFailure.Redirected.class);
      assertThat(failure.message())
          .contains("never followed", "give the final address as the source")
          .doesNotContain(location.toString());
      assertThat(other.requests()).isEmpty();
      assertThat(simulator.requests()).as("asked once").hasSize(before + 1);
    }
  }

  @Test
  void anInstanceThatIsGoneIsToldByTheApisOwnCodeOnly() {
    ApiFailureException gone =
        catchThrowableOfType(
            ApiFailureException.class,
            () -> source.instance(permit(source), "order-fulfilment", "no such id"));
    assertThat(gone.failure())
        .isInstanceOfSatisfying(
            ApiFailure.NotFound.class, fault -> assertThat(fault.saysNoSuchInstance()).isTrue());
    simulator.faults().every(ANY, io.flowmeter.simulator.fault.InjectedFault.plainNotFound());
    ApiFailureException plain =
        catchThrowableOfType(
            ApiFailureException.class,
            () -> source.instance(permit(source), "order-fulfilment", "no such id"));
    assertThat(plain.failure())
        .isInstanceOfSatisfying(
            ApiFailure.NotFound.class, fault -> assertThat(fault.saysNoSuchInstance()).isFalse());
  }

  @Test
  void a404TellsSomethingOnlyWhereTheApiItselfSaysIt() {
    long startNanos = System.nanoTime();
    simulator.faults().every(ANY, io.flowmeter.simulator.fault.InjectedFault.plainNotFound());
    assertThat(asked()).isInstanceOf(ApiFailure.NotFound.class);
    assertThat(System.nanoTime() - startNanos).isLessThan(telemetry.sinceResponse().toNanos());
    simulator.faults().clear();
    try (Source elsewhere = source(simulator.baseUri().resolve("nowhere/"))) {
      ApiFailureException wrongPath =
          catchThrowableOfType(
              ApiFailureException.class,
              () -> elsewhere.workflows(permit(elsewhere), Optional.empty()));
      assertThat(wrongPath.failure()).isInstanceOf(ApiFailure.NotFound.class);
    }
    assertThat(System.nanoTime() - startNanos).isLessThan(telemetry.sinceResponse().toNanos());
    ApiFailureException gone =
        catchThrowableOfType(
            ApiFailureException.class,
            () -> source.instance(permit(source), "order-fulfilment", "no such id"));
    assertThat(gone.failure()).isInstanceOf(ApiFailure.NotFound.class);
    assertThat(telemetry.sinceResponse().toNanos()).isLessThan(System.nanoTime() - startNanos);
  }

  @Test
  void aResultCountsEvenWhereTheEnvelopeSaysNoSuccess() throws Exception {
    simulator
        .faults()
        .every(
            ANY,
            new io.flowmeter.simulator.fault.InjectedFault.Edited(
                envelope -> {
                  envelope.put("success", false);
                  envelope.putArray("errors").addObject().put("code", 10001);
                }));
    assertThat(source.workflows(permit(source), Optional.empty()).value().rows()).isNotEmpty();
  }

  @Test
  void aFailureThatShowsAnEmptyListIsNotTakenForOne() {
    assertThat(askedOf("{\"success\":false,\"errors\":[{\"code\":10001}],\"result\":[]}"))
        .isInstanceOfSatisfying(
            ApiFailure.Failed.class, fault -> assertThat(fault.codes()).containsExactly(10001L));
    simulator.faults().clear();
    assertThat(askedOf("{\"result\":[],\"success\":false}"))
        .isInstanceOf(ApiFailure.Malformed.class);
  }

  @Test
  void aWrongClockIsCorrectedByTwoDateHeaders() throws Exception {
    source.close();
    Clock slow = FastClock.from(Instant.now().minus(Duration.ofMinutes(7)), 1);
    source =
        new ProductionSource(
            simulator.baseUri(), simulator.account(), api(settings(simulator.baseUri()), slow));
    source.workflows(permit(source), Optional.empty());
    var response = source.workflows(permit(source), Optional.empty());
    assertThat(response.respondedAt()).isCloseTo(Instant.now(), within(1, ChronoUnit.MINUTES));
    var again = source.workflows(permit(source), Optional.empty());
    assertThat(again.requestedAt()).isCloseTo(Instant.now(), within(1, ChronoUnit.MINUTES));
  }

  private ApiFailure askedOf(String body) {
    simulator
        .faults()
        .every(
            ANY,
            new io.flowmeter.simulator.fault.InjectedFault.Instead(
                io.flowmeter.simulator.http.LoopbackResponse.text(200, "application/json", body)));
    return asked();
  }

  @Test
  void pathsInFaultsHoldNoNamesThatTheApiDoesNotKnow() {
    ApiFailure failure = askedOf("{\"result\":[{\"secret-key\": secret-value}]}");
    assertThat(failure).isInstanceOf(ApiFailure.Malformed.class);
    assertThat(failure.message()).contains("/result/0/*").doesNotContain("secret");
    assertThat(failure.toString()).doesNotContain("secret");
  }

  @Test
  void pathsInFaultsHoldNoKeysOfOutputs() {
    ApiFailure failure =
        askedOf("{\"result\":[{\"output\":{\"secret-key\":{\"other\":[\"secret-value\"");
    assertThat(failure).isInstanceOf(ApiFailure.Truncated.class);
    assertThat(failure.message())
        .contains("/result/0/output ")
        .doesNotContain("secret")
        .doesNotContain("other");
    assertThat(failure.toString()).doesNotContain("secret");
  }
}
