package io.flowmeter.cli.metrics;

import io.flowmeter.cli.health.Check;
import io.flowmeter.cli.health.Health;
import io.flowmeter.cli.listen.Listening;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.cli.settings.SettingsException;
import io.flowmeter.http.Listener;
import io.flowmeter.http.Request;
import io.flowmeter.http.Response;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Serves {@code /metrics} for Prometheus, and {@code /live} and {@code /ready} for whoever starts
 * and stops processes. It reads only.
 */
public final class MetricsServer implements AutoCloseable {
  /** More than answers need: one who asks half a request has a thread until he is hung up on. */
  private static final Listener.Limits LIMITS = new Listener.Limits(16, 0);

  /** Whoever starts and stops processes has no password to give, and may hear their first line. */
  private static final Set<String> PROBES = Set.of("/live", "/ready");

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final ExpositionFormats formats = ExpositionFormats.init();
  private volatile Health health;
  private final Optional<Listener> listener;

  private MetricsServer(Settings settings, Health health, MultiCollector... metrics) {
    serve(health, metrics);
    this.listener =
        new Listening(settings, Setting.METRICS_HOST, Setting.METRICS_PORT, "metrics")
            .start(
                PROBES,
                (host, port, access) ->
                    Listener.start(host, port, access, "flowmeter-metrics", LIMITS, this::respond));
  }

  /**
   * Starts to serve where the settings say, which may be nowhere. A port that is taken gives way to
   * any free one.
   *
   * @param health what is told of the process
   * @throws SettingsException where nothing can listen at the host, or others could ask there
   *     without a password
   */
  public static MetricsServer start(Settings settings, Health health, MultiCollector... metrics) {
    return new MetricsServer(settings, health, metrics);
  }

  /** What is told from now on: of the process, and metrics beside those that are told already. */
  public void serve(Health its, MultiCollector... metrics) {
    for (MultiCollector each : metrics) {
      registry.register(each);
    }
    health = its;
  }

  /** Where the metrics are; empty where none are served. */
  public Optional<URI> url() {
    return listener.map(listening -> listening.url("/metrics"));
  }

  private Response respond(Request request) {
    if (!request.method().equals("GET")) {
      return Response.text(405, "Only GET is answered.\n");
    }
    return switch (request.path()) {
      case "/metrics" -> metrics(request);
      case "/live" -> response("live", health.live());
      case "/ready" -> response("ready", health.ready());
      default -> Response.text(404, "There are /metrics, /live and /ready.\n");
    };
  }

  /** The verdict, then a line for each check; 503 where one is ill. */
  private static Response response(String word, List<Check> checks) {
    boolean well = checks.stream().allMatch(Check::well);
    StringBuilder body = new StringBuilder(well ? word : "not " + word).append('\n');
    checks.forEach(check -> body.append(check.line()).append('\n'));
    return Response.text(well ? 200 : 503, body.toString());
  }

  private Response metrics(Request request) {
    ExpositionFormatWriter format = formats.findWriter(request.header("Accept").orElse(null));
    ByteArrayOutputStream page = new ByteArrayOutputStream();
    try {
      format.write(page, registry.scrape());
    } catch (IOException e) {
      throw new UncheckedIOException("metrics could not be told", e);
    }
    return Response.of(200, format.getContentType(), page.toByteArray());
  }

  @Override
  public void close() {
    listener.ifPresent(Listener::close);
  }
}
