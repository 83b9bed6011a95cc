package io.flowmeter.cli.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flowmeter.cli.health.PollerHealth;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.embedded.EmbeddedKafka;
import io.flowmeter.embedded.EmbeddedSchemaRegistry;
import io.flowmeter.ingest.Ingest;
import io.flowmeter.ingest.IngestListener;
import io.flowmeter.ingest.IngestSettings;
import io.flowmeter.ingest.source.ApiToken;
import io.flowmeter.schemas.KafkaProvisioner;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.simulator.Simulator;
import io.flowmeter.simulator.SimulatorConfig;
import io.flowmeter.simulator.fault.InjectedFault;
import io.flowmeter.simulator.fleet.ErrorCanaries;
import io.flowmeter.simulator.http.LoopbackResponse;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real poller on a real broker, asked over HTTP as Prometheus asks. */
class PollerMetricsIT {
  private static final String TOKEN = "metrics-token-canary-5b0d";
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final String CANARIES =
      String.join(
          " ",
          ErrorCanaries.EMAIL,
          ErrorCanaries.NUMBER,
          ErrorCanaries.UUID,
          "Authorization: Bearer",
          ErrorCanaries.TOKEN);

  @TempDir Path temp;

  /** What is made of a poller's page while it polls. */
  private interface Scraping {
    void scrape(Simulator simulator, URI page) throws Exception;
  }

  private void whilePolling(Consumer<Simulator> before, Scraping scraping) throws Exception {
    SimulatorConfig config =
        SimulatorConfig.of(7, Instant.now())
            .withHistory(40)
            .withRate(2)
            .withToken(TOKEN)
            .withRateLimit(Optional.empty());
    try (EmbeddedKafka kafka = EmbeddedKafka.start(temp.resolve("kafka"), 0);
        EmbeddedSchemaRegistry server = EmbeddedSchemaRegistry.start(temp.resolve("registry"), 0);
        SchemaRegistry registry = SchemaRegistry.confluent(server.url().toString());
        Simulator simulator = Simulator.start(config)) {
      Map<String, Object> clients = Map.of("bootstrap.servers", kafka.bootstrapServers());
      try (Admin admin = Admin.create(clients)) {
        assertThat(KafkaProvisioner.apply(admin, registry, KafkaProvisioner.Settings.DEFAULTS))
            .isNotEmpty();
      }
      before.accept(simulator);
      IngestSettings settings =
          IngestSettings.of(simulator.baseUri())
              .account(simulator.account())
              .token(ApiToken.of(TOKEN))
              .interval(Duration.ofMillis(250))
              .requestLimit(60_000)
              .build();
      try (Ingest ingest = Ingest.start(settings, clients, registry, IngestListener.NONE);
          MetricsServer metrics =
              MetricsServer.start(
                  Settings.read(Map.of("metrics.port", "0"), Map.of(), Optional.empty()),
                  new PollerHealth(List.of(ingest), Optional::empty),
                  new PollerMetrics(List.of(ingest)))) {
        scraping.scrape(simulator, metrics.url().orElseThrow());
      }
    }
  }

  @Test
  void aPollerTellsWhatItDoes() throws Exception {
    whilePolling(
        simulator -> {},
        (simulator, url) -> {
          String account = "account=\"" + simulator.account() + "\"";
          await("more than 10 fetched runs in the metrics")
              .atMost(PATIENCE)
              .until(() -> value(page(url), "flowmeter_ended_runs_fetched_total{" + account) > 10);
          // Of what ended before the start there is no freshness to tell.
          await("a freshness in the metrics")
              .atMost(PATIENCE)
              .until(() -> value(page(url), "flowmeter_freshness_seconds_count{" + account) > 0);
          String page = page(url);

          assertThat(
                  value(
                      page,
                      "flowmeter_requests_total{" + account + ",kind=\"instance\",outcome=\"ok\""))
              .isPositive();
          assertThat(
                  value(
                      page,
                      "flowmeter_requests_total{" + account + ",kind=\"workflows\",outcome=\"ok\""))
              .isPositive();
          assertThat(value(page, "flowmeter_budget_left{" + account)).isBetween(1.0, 60_000.0);
          assertThat(value(page, "flowmeter_coverage_ratio{" + account)).isBetween(0.01, 1.0);
          assertThat(value(page, "flowmeter_leader{" + account)).isEqualTo(1);
          assertThat(value(page, "flowmeter_sweep_lag_seconds{" + account)).isBetween(0.0, 60.0);
          assertThat(value(page, "flowmeter_freshness_seconds_count{" + account)).isPositive();
          assertThat(value(page, "flowmeter_backlog{" + account)).isNotNegative();
          assertThat(value(page, "flowmeter_interval_seconds{" + account)).isPositive();
          assertThat(value(page, "flowmeter_sampling_max_weight{" + account)).isEqualTo(1);
          assertThat(value(page, "flowmeter_list_requests_total{" + account)).isPositive();
          assertThat(page).doesNotContain(TOKEN).doesNotContain(Simulator.PAYLOAD_CANARY);
          assertThat(page(url.resolve("/live"))).contains("leads, 8 polling threads");
          assertThat(page(url.resolve("/ready"))).contains("leads; the API told something");
        });
  }

  @Test
  void noWordOfResponsesIsOnThePage() throws Exception {
    Predicate<String> details = target -> target.contains("/instances/");
    whilePolling(
        simulator -> {
          simulator
              .faults()
              .next(
                  3,
                  details,
                  new InjectedFault.Instead(LoopbackResponse.text(500, "text/plain", CANARIES)));
          simulator
              .faults()
              .next(
                  3,
                  details,
                  new InjectedFault.Instead(LoopbackResponse.text(200, "text/plain", CANARIES)));
          simulator
              .faults()
              .every(
                  details,
                  InjectedFault.edit(
                      detail ->
                          detail
                              .putObject("error")
                              .put("name", CANARIES)
                              .put("message", CANARIES)));
        },
        (simulator, url) -> {
          String fetched =
              "flowmeter_ended_runs_fetched_total{account=\"" + simulator.account() + "\"";
          await("more than 10 fetched runs in the metrics")
              .atMost(PATIENCE)
              .until(() -> value(page(url), fetched) > 10);
          String page = page(url);
          assertThat(
                  value(
                      page,
                      "flowmeter_requests_total{account=\""
                          + simulator.account()
                          + "\",kind=\"instance\",outcome=\"malformed\""))
              .isPositive();
          assertThat(page)
              .doesNotContain(
                  TOKEN,
                  Simulator.PAYLOAD_CANARY,
                  ErrorCanaries.EMAIL,
                  ErrorCanaries.NUMBER,
                  ErrorCanaries.TOKEN,
                  ErrorCanaries.UUID);
          // Neither scrubbed: nothing of a message is a label.
          assertThat(page).doesNotContain("{email}", "{uuid}", "{digits}", "{token}", "Bearer");
        });
  }

  private static String page(URI url) throws Exception {
    HttpResponse<String> response =
        HttpClient.newHttpClient()
            .send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString());
    assertThat(response.statusCode()).isEqualTo(200);
    return response.body();
  }

  /** The value of a series that begins so; NaN where there is none. */
  private static double value(String page, String series) {
    Matcher line =
        Pattern.compile("^" + Pattern.quote(series) + "[^ ]* (.*)$", Pattern.MULTILINE)
            .matcher(page);
    return line.find() ? Double.parseDouble(line.group(1)) : Double.NaN;
  }
}
