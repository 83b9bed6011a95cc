package io.flowmeter.cli.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.cli.settings.SettingsException;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves {@code /metrics} for Prometheus, and {@code /live} and {@code /ready} for whoever starts
 * and stops processes. It reads only, and answers nobody who comes by another host's name or from
 * another origin's page.
 */
public final class MetricsServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MetricsServer.class);
  private static final int THREADS = 2;
  private static final int WAITING_CONNECTIONS = 16;

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final ExpositionFormats formats = ExpositionFormats.init();
  private final BooleanSupplier ready;
  private final Callers callers;
  private final Optional<HttpServer> server;
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          THREADS,
          work -> {
            Thread thread = new Thread(work, "flowmeter-metrics");
            thread.setDaemon(true);
            return thread;
          });

  private MetricsServer(String host, Optional<HttpServer> server, BooleanSupplier ready) {
    this.ready = ready;
    this.callers = new Callers(host);
    this.server = server;
  }

  /**
   * Starts to serve where the settings say, which may be nowhere. A port that is taken gives way to
   * any free one.
   *
   * @param ready whether the process does what it is for
   * @throws SettingsException where nothing can listen at the host
   */
  public static MetricsServer start(
      Settings settings, BooleanSupplier ready, MultiCollector... metrics) {
    String host = settings.get(Setting.METRICS_HOST);
    Optional<HttpServer> server =
        settings.get(Setting.METRICS_PORT).map(port -> listen(host, port));
    MetricsServer started = new MetricsServer(host, server, ready);
    for (MultiCollector each : metrics) {
      started.registry.register(each);
    }
    server.ifPresent(started::serve);
    return started;
  }

  private void serve(HttpServer listening) {
    listening.setExecutor(threads);
    listening.createContext("/", this::serve);
    listening.start();
  }

  private static HttpServer listen(String host, int wishedPort) {
    try {
      InetAddress address = InetAddress.getByName(host);
      try {
        return HttpServer.create(new InetSocketAddress(address, wishedPort), WAITING_CONNECTIONS);
      } catch (BindException taken) {
        return HttpServer.create(new InetSocketAddress(address, 0), WAITING_CONNECTIONS);
      }
    } catch (UnknownHostException e) {
      throw refused(host, "there is no such host", e);
    } catch (IOException e) {
      throw refused(host, e.getMessage(), e);
    }
  }

  private static SettingsException refused(String host, String why, Exception cause) {
    return new SettingsException(
        "expected a %s to serve metrics at, such as 127.0.0.1, came %s: %s. With %s = off none are served"
            .formatted(Setting.METRICS_HOST.name(), host, why, Setting.METRICS_PORT.name()),
        cause);
  }

  /** Where the metrics are; empty where none are served. */
  public Optional<URI> url() {
    return server.map(listening -> url(listening.getAddress()));
  }

  private static URI url(InetSocketAddress at) {
    String host = at.getAddress().getHostAddress();
    return URI.create(
        "http://%s:%d/metrics"
            .formatted(host.contains(":") ? "[" + host + "]" : host, at.getPort()));
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      boolean reads =
          exchange.getRequestMethod().equals("GET") || exchange.getRequestMethod().equals("HEAD");
      if (!callers.welcome(exchange.getRequestHeaders())) {
        answer(exchange, 403, "Ask by this machine's address, and not from another site's page.\n");
      } else if (!reads) {
        answer(exchange, 405, "Only GET is answered.\n");
      } else if (path.equals("/metrics")) {
        metrics(exchange);
      } else if (path.equals("/live")) {
        answer(exchange, 200, "alive\n");
      } else if (path.equals("/ready")) {
        boolean yes = ready.getAsBoolean();
        answer(exchange, yes ? 200 : 503, yes ? "ready\n" : "not ready\n");
      } else {
        answer(exchange, 404, "There are /metrics, /live and /ready.\n");
      }
    } catch (RuntimeException e) {
      LOG.error("metrics could not be told", e);
      throw e;
    }
  }

  private void metrics(HttpExchange exchange) throws IOException {
    ExpositionFormatWriter format =
        formats.findWriter(exchange.getRequestHeaders().getFirst("Accept"));
    ByteArrayOutputStream page = new ByteArrayOutputStream();
    format.write(page, registry.scrape());
    answer(exchange, 200, format.getContentType(), page.toByteArray());
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    answer(exchange, status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
  }

  private static void answer(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.sendResponseHeaders(status, -1);
    } else {
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.ifPresent(listening -> listening.stop(0));
    threads.shutdownNow();
  }
}
