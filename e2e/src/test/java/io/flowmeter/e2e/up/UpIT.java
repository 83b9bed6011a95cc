package io.flowmeter.e2e.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.flowmeter.cli.backend.Backends;
import io.flowmeter.cli.console.ProgressListener;
import io.flowmeter.cli.data.DataDirectoryManifest;
import io.flowmeter.cli.data.UpDirectory;
import io.flowmeter.cli.doctor.Diagnostics;
import io.flowmeter.cli.doctor.Finding;
import io.flowmeter.cli.query.QueryServer;
import io.flowmeter.cli.query.TextAnswer;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.cli.settings.SettingsException;
import io.flowmeter.cli.source.ChosenSource;
import io.flowmeter.dev.up.Up;
import io.flowmeter.dev.up.UpException;
import io.flowmeter.dev.up.UpProgress;
import io.flowmeter.e2e.RecordedProgress;
import io.flowmeter.schemas.Topics;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One life of a data directory, from nothing over a restart: real parts, so a story rather than
 * many starts.
 */
class UpIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path temp;

  @Test
  void theSimulatorsStepsArriveAndTheNextStartGoesOnWhereThisOneStopped() throws Exception {
    Settings settings = settings(Map.of());
    RecordedProgress told = new RecordedProgress(new CopyOnWriteArrayList<>());
    long stepRuns;
    DataDirectoryManifest manifest;
    String password;

    try (Up up = Up.start(settings, told)) {
      assertThat(up.source()).isEqualTo(new ChosenSource.Simulated());
      assertThat(told.lines())
          .anyMatch(line -> line.contains("ClickHouse") && line.contains("http://127.0.0.1:"))
          .anyMatch(line -> line.contains("Kafka") && line.endsWith(" s"))
          .anyMatch(line -> line.contains("Simulator"))
          .anyMatch(line -> line.contains("Metrics") && line.contains("/metrics"))
          .anyMatch(line -> line.contains("Dashboards") && line.contains("http://127.0.0.1:"));
      assertThat(page(up.previewUrl().orElseThrow().resolve("/api/dashboards")))
          .contains("flowmeter-overview");

      await("rows of step_runs").atMost(PATIENCE).until(() -> up.rowsWritten(Topics.STEP_RUNS) > 0);
      password = up.readerPassword();
      HttpResponse<String> response = asCurl(up, "SELECT count() > 0 FROM step_runs");
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.body().strip()).isEqualTo("1");
      assertThat(asCurl(up, "DROP TABLE step_runs").statusCode()).isNotEqualTo(200);

      assertThat(query(settings, "SELECT count() > 0 FROM instances")).isEqualTo("1");
      assertThat(examine(settings)).noneMatch(each -> each.verdict() != Finding.Verdict.FINE);
      assertThatThrownBy(() -> Up.start(settings, ProgressListener.SILENT))
          .isInstanceOf(UpException.class)
          .hasMessageContaining("is in use by another flowmeter");

      up.stopPolling();
      assertThat(up.drain(PATIENCE)).isTrue();
      assertThat(
              query(
                  settings,
                  "SELECT sum(completed) + sum(errored) + sum(terminated) FROM workflow_minutes"))
          .as("the last minutes are told, too")
          .isEqualTo(query(settings, "SELECT count() FROM instances WHERE end_kind = 'api'"));
      UpProgress end = up.progress();
      assertThat(up.stored().runs())
          .as("what the progress line says, and what SQL says")
          .isPositive()
          .isEqualTo(Long.parseLong(query(settings, "SELECT count() FROM instances")));
      assertThat(end.detailsFetched()).isPositive();
      assertThat(end.totalRows()).isPositive();
      stepRuns = Long.parseLong(query(settings, "SELECT count() FROM step_runs"));
      manifest = UpDirectory.manifest(directory()).orElseThrow();
      assertThat(manifest.ports()).containsOnlyKeys("kafka", "registry", "clickhouse");
    }

    assertThat(Files.getPosixFilePermissions(directory().resolve("reader.password")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(query(settings, "SELECT count() FROM step_runs"))
        .as("the query starts ClickHouse alone")
        .isEqualTo(Long.toString(stepRuns));
    assertThatThrownBy(
            () ->
                Up.start(
                    settings(Map.of("source.url", "http://127.0.0.1:1/")), ProgressListener.SILENT))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("belongs to simulator")
        .hasMessageContaining("--data");

    try (Up up = Up.start(settings, ProgressListener.SILENT)) {
      DataDirectoryManifest again = UpDirectory.manifest(directory()).orElseThrow();
      assertThat(again.seed()).isEqualTo(manifest.seed());
      assertThat(again.epoch()).isEqualTo(manifest.epoch());
      assertThat(up.readerPassword()).isEqualTo(password);

      await("more rows of step_runs")
          .atMost(PATIENCE)
          .until(() -> up.rowsWritten(Topics.STEP_RUNS) > 0);
      assertThat(Long.parseLong(query(settings, "SELECT count() FROM step_runs")))
          .isGreaterThan(stepRuns);
    }
  }

  private static String page(URI url) throws Exception {
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString())
        .body();
  }

  /** What the printed curl line does. */
  private static HttpResponse<String> asCurl(Up up, String sql) throws Exception {
    String login = up.readerUser() + ":" + up.readerPassword();
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(up.clickHouseUrl() + "/?database=flowmeter"))
                .header(
                    "Authorization",
                    "Basic "
                        + Base64.getEncoder()
                            .encodeToString(login.getBytes(StandardCharsets.UTF_8)))
                .POST(BodyPublishers.ofString(sql))
                .build(),
            BodyHandlers.ofString());
  }

  private static String query(Settings settings, String sql) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (QueryServer server = QueryServer.open(settings)) {
      TextAnswer.copy(server.endpoint(), sql, false, out);
    }
    return out.toString(StandardCharsets.UTF_8).strip();
  }

  private static List<Finding> examine(Settings settings) {
    Diagnostics diagnostics = new Diagnostics(Backends.find(settings));
    return Stream.of(
            List.of(diagnostics.dataDirectory()),
            diagnostics.kafka(),
            diagnostics.registry(),
            diagnostics.clickHouse())
        .flatMap(List::stream)
        .toList();
  }

  private Path directory() {
    return temp.resolve("data");
  }

  private Settings settings(Map<String, String> more) {
    Map<String, String> flags = new HashMap<>(more);
    // Soon enough for a test; the pace of production is tested with the source's address.
    flags.put("ingest.interval", "1s");
    flags.put("ingest.request.limit", "12000");
    flags.put("data.dir", directory().toString());
    flags.put("embedded.kafka.port", "0");
    flags.put("embedded.registry.port", "0");
    flags.put("embedded.clickhouse.port", "0");
    flags.put("metrics.port", "0");
    flags.put("preview.port", "0");
    return Settings.read(flags, Map.of(), Optional.empty());
  }
}
