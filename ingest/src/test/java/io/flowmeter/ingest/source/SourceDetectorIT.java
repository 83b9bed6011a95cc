package io.flowmeter.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.flowmeter.clock.Clock;
import io.flowmeter.ingest.budget.Permit;
import io.flowmeter.ingest.budget.Priority;
import io.flowmeter.ingest.privacy.ErrorPrivacy;
import io.flowmeter.ingest.privacy.InstanceIds;
import io.flowmeter.ingest.telemetry.Telemetry;
import io.flowmeter.simulator.Simulator;
import io.flowmeter.simulator.SimulatorConfig;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SourceDetectorIT {
  private static final Optional<ApiToken> TOKEN = Optional.of(ApiToken.of("tok"));

  private static SourceSettings settings(
      String address, Optional<String> account, Optional<ApiToken> token) {
    Duration second = Duration.ofSeconds(5);
    return new SourceSettings(
        URI.create(address),
        account,
        token,
        second,
        second,
        second,
        1200,
        0.7,
        8,
        ErrorPrivacy.SCRUBBED,
        InstanceIds.KEPT);
  }

  private static Source find(String address, Optional<String> account, Optional<ApiToken> token)
      throws Exception {
    return SourceDetector.find(
        settings(address, account, token), new Telemetry(Clock.system()), Clock.system());
  }

  /** Answers as the local runtime did when it was recorded. */
  private static final class Recorded implements AutoCloseable {
    private final HttpServer server;
    private final List<String> authorizations = new CopyOnWriteArrayList<>();
    private final List<String> paths = new CopyOnWriteArrayList<>();

    Recorded(String base) throws IOException {
      Map<String, String> answers =
          Map.of(
              base + "/workflows", "list_workflows",
              base + "/workflows/approval-gate", "workflow_approval-gate",
              base + "/workflows/approval-gate/instances", "list_instances",
              base + "/workflows/approval-gate/instances/appr-timeout-fail",
                  "detail_waitForEvent_timeout_errored");
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext(
          "/",
          exchange -> {
            paths.add(exchange.getRequestURI().toString());
            authorizations.addAll(
                exchange.getRequestHeaders().getOrDefault("Authorization", List.of()));
            String name = answers.get(exchange.getRequestURI().getPath());
            try (exchange;
                InputStream body = Json.class.getResourceAsStream(name + ".json")) {
              byte[] bytes =
                  body == null
                      ? "404 Not Found".getBytes(StandardCharsets.UTF_8)
                      : body.readAllBytes();
              exchange
                  .getResponseHeaders()
                  .set("Content-Type", body == null ? "text/plain" : "application/json");
              exchange.sendResponseHeaders(body == null ? 404 : 200, bytes.length);
              exchange.getResponseBody().write(bytes);
            }
          });
      server.start();
    }

    String address() {
      return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/cdn-cgi/explorer/api", "/cdn-cgi/local/explorer/api"})
  void theLocalRuntimeIsFoundByItsBareAddressAndGetsNoToken(String base) throws Exception {
    try (Recorded runtime = new Recorded(base);
        Source source = find(runtime.address() + "/", Optional.empty(), TOKEN)) {
      assertThat(source.account()).isEqualTo("local");
      assertThat(source.traits().newestFirst()).isFalse();
      assertThat(source.workflows(permit(source), Optional.empty()).value().rows()).hasSize(5);
      assertThat(source.workflow(permit(source), "approval-gate").value().instances())
          .containsEntry("errored", 1L);
      ResponsePage<ListedInstance> page =
          source
              .instances(
                  permit(source),
                  "approval-gate",
                  Optional.empty(),
                  Source.Direction.NEWEST_FIRST,
                  Optional.empty())
              .value();
      assertThat(page.rows()).hasSize(7);
      assertThat(page.next()).isEmpty();
      assertThat(
              source
                  .instance(permit(source), "approval-gate", "appr-timeout-fail")
                  .value()
                  .status())
          .isEqualTo("errored");
      assertThat(runtime.authorizations).isEmpty();
      assertThat(runtime.paths).noneMatch(path -> path.contains("cursor"));
    }
  }

  private static Permit permit(Source source) throws InterruptedException {
    return source.budget().acquire(Priority.USUAL);
  }

  @Test
  void theLocalRuntimeMayBeGivenWithItsPath() throws Exception {
    try (Recorded runtime = new Recorded("/cdn-cgi/explorer/api");
        Source source =
            find(runtime.address() + "/cdn-cgi/explorer/api", Optional.empty(), Optional.empty())) {
      assertThat(source.workflows(permit(source), Optional.empty()).value().rows()).hasSize(5);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/client/v4", "/client/v4/"})
  void productionIsFoundOnLoopbackToo(String path) throws Exception {
    try (Simulator simulator =
            Simulator.start(
                SimulatorConfig.of(1, Instant.now()).withHistory(5).withRate(0).withToken("tok"));
        Source source =
            find(
                simulator.baseUri().resolve("/").toString().replaceAll("/$", "") + path,
                Optional.of(simulator.account()),
                TOKEN)) {
      assertThat(source.account()).isEqualTo(simulator.account());
      assertThat(source.traits().newestFirst()).isTrue();
      assertThat(source.workflows(permit(source), Optional.empty()).value().rows()).isNotEmpty();
    }
  }

  @Test
  void whereNothingAnswersTheMessageTellsWhatWasTried() {
    assertThatThrownBy(() -> find("http://127.0.0.1:1", Optional.empty(), Optional.empty()))
        .isInstanceOf(SourceNotFoundException.class)
        .hasMessageContaining("expected a Workflows API at http://127.0.0.1:1")
        .hasMessageContaining("/cdn-cgi/local/explorer/api")
        .hasMessageContaining("wrangler dev");
  }

  @Test
  void productionNeedsAnAccountAndAToken() {
    assertThatThrownBy(() -> find("https://api.cloudflare.com/client/v4", Optional.empty(), TOKEN))
        .isInstanceOf(SourceNotFoundException.class)
        .hasMessageContaining("CLOUDFLARE_ACCOUNT_ID");
    assertThatThrownBy(
            () -> find("https://api.cloudflare.com/client/v4", Optional.of("a"), Optional.empty()))
        .isInstanceOf(SourceNotFoundException.class)
        .hasMessageContaining("CLOUDFLARE_API_TOKEN");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://api.cloudflare.com/client/v4",
        "http://10.0.0.7:8787",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://api.localhost:8787",
        "http://[::2]:8787",
        "http://0.0.0.0:8787"
      })
  void aTokenDoesNotTravelInTheClear(String address) {
    assertThatThrownBy(() -> settings(address, Optional.of("a"), TOKEN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected https or a loopback address")
        .hasMessageNotContaining("tok ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://api.cloudflare.com/client/v4",
        "http://127.0.0.1:8787",
        "http://localhost:8787",
        "http://[::1]:8787"
      })
  void aTokenTravelsByHttpsAndOnLoopback(String address) {
    assertThatCode(() -> settings(address, Optional.of("a"), TOKEN)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://127.0.0.1", "localhost:8787", "https://user:pw@host/client/v4"})
  void anAddressThatIsNoneIsRefused(String address) {
    assertThatThrownBy(() -> settings(address, Optional.empty(), Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("expected a source")
        .hasMessageNotContaining("pw");
  }
}
