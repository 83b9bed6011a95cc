package io.flowmeter.cli.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowmeter.cli.health.StubHealth;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.cli.settings.SettingsException;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetricsServerIT {
  private final AtomicBoolean ready = new AtomicBoolean();
  private final MetricsServer server =
      MetricsServer.start(
          settings(Map.of("metrics.port", "0")),
          new StubHealth(ready::get),
          () ->
              MetricSnapshots.of(
                  new Family("flowmeter_requests", "Requests.").with(3, "kind", "x").counter()));

  @AfterEach
  void stop() {
    server.close();
  }

  private static Settings settings(Map<String, String> flags) {
    return Settings.read(new HashMap<>(flags), Map.of(), Optional.empty());
  }

  /** As anybody could ask, for Java's client does not lie about its Host. */
  private static String ask(int port, String request, String... headers) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      StringBuilder text = new StringBuilder(request).append(" HTTP/1.1\r\nConnection: close\r\n");
      for (String header : headers) {
        text.append(header.replace("PORT", Integer.toString(port))).append("\r\n");
      }
      socket
          .getOutputStream()
          .write(text.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private String ask(String request, String... headers) throws IOException {
    return ask(server.url().orElseThrow().getPort(), request, headers);
  }

  @Test
  void metricsAreServedAsPrometheusReadsThem() throws IOException {
    assertThat(ask("GET /metrics", "Host: 127.0.0.1:PORT"))
        .startsWith("HTTP/1.1 200")
        .contains("text/plain; version=0.0.4")
        .contains("# TYPE flowmeter_requests_total counter")
        .contains("flowmeter_requests_total{kind=\"x\"} 3.0");
  }

  /** In seconds those are hung up on; until then whoever looks whether it lives is answered. */
  @Test
  void halfARequestKeepsNobodyElseWaiting() throws IOException {
    int port = server.url().orElseThrow().getPort();
    List<Socket> halves = new ArrayList<>();
    try {
      for (int i = 0; i < 4; i++) {
        Socket half = new Socket(InetAddress.getLoopbackAddress(), port);
        halves.add(half);
        half.getOutputStream().write('G');
      }

      assertThat(ask("GET /live", "Host: 127.0.0.1:PORT")).startsWith("HTTP/1.1 200");
      for (Socket half : halves) {
        half.setSoTimeout(1);
        assertThatThrownBy(half.getInputStream()::read)
            .as("it is still waited for the other half")
            .isInstanceOf(SocketTimeoutException.class);
      }
    } finally {
      for (Socket half : halves) {
        half.close();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1:PORT", "localhost:PORT", "LOCALHOST", "[::1]:PORT", "10.0.0.7:9464"})
  void whoAsksByAddressIsAnswered(String host) throws IOException {
    assertThat(ask("GET /metrics", "Host: " + host)).startsWith("HTTP/1.1 200");
  }

  @ParameterizedTest
  @CsvSource({"rebound.example:PORT", "127.0.0.1.rebound.example", "localhost.rebound.example"})
  void aNameThatPointsHereIsRefused(String host) throws IOException {
    assertThat(ask("GET /metrics", "Host: " + host))
        .startsWith("HTTP/1.1 403")
        .doesNotContain("flowmeter_requests");
  }

  @ParameterizedTest
  @CsvSource({
    "Origin: https://page.example",
    "Origin: null",
    "Origin: http://127.0.0.1:1",
    "Sec-Fetch-Site: cross-site",
    "Sec-Fetch-Site: same-site"
  })
  void aPageOfAnotherOriginIsRefused(String header) throws IOException {
    assertThat(ask("GET /metrics", "Host: 127.0.0.1:PORT", header)).startsWith("HTTP/1.1 403");
  }

  @ParameterizedTest
  @CsvSource({
    "Origin: http://127.0.0.1:PORT",
    "Sec-Fetch-Site: same-origin",
    "Sec-Fetch-Site: none"
  })
  void aBrowserThatWasTypedAtIsAnswered(String header) throws IOException {
    assertThat(ask("GET /metrics", "Host: 127.0.0.1:PORT", header)).startsWith("HTTP/1.1 200");
  }

  @Test
  void withoutAHostNobodyIsAnswered() throws IOException {
    assertThat(ask("GET /metrics")).doesNotStartWith("HTTP/1.1 200");
    assertThat(ask("GET /metrics", "Host: 127.0.0.1", "Host: rebound.example"))
        .doesNotStartWith("HTTP/1.1 200");
  }

  @Test
  void itOnlyReads() throws IOException {
    assertThat(ask("POST /metrics", "Host: localhost", "Content-Length: 0"))
        .startsWith("HTTP/1.1 405");
    assertThat(ask("GET /", "Host: localhost")).startsWith("HTTP/1.1 404");
  }

  @Test
  void aLiveProcessIsReadyOnceItDoesItsWork() throws IOException {
    assertThat(ask("GET /live", "Host: localhost"))
        .startsWith("HTTP/1.1 200")
        .endsWith("live\nok   stub: lives\n");
    assertThat(ask("GET /ready", "Host: localhost"))
        .startsWith("HTTP/1.1 503")
        .endsWith("not ready\nFAIL stub: rests\n");
    ready.set(true);
    assertThat(ask("GET /ready", "Host: localhost"))
        .startsWith("HTTP/1.1 200")
        .endsWith("ready\nok   stub: works\n");
  }

  @Test
  void aPortThatIsTakenGivesWay() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        MetricsServer other =
            MetricsServer.start(
                settings(Map.of("metrics.port", Integer.toString(taken.getLocalPort()))),
                StubHealth.WORKS)) {
      assertThat(other.url().orElseThrow().getPort()).isNotEqualTo(taken.getLocalPort());
      assertThat(other.url().orElseThrow().getHost()).isEqualTo("127.0.0.1");
    }
  }

  @Test
  void offIsOff() {
    try (MetricsServer off =
        MetricsServer.start(settings(Map.of("metrics.port", "off")), StubHealth.WORKS)) {
      assertThat(off.url()).isEmpty();
    }
  }

  @Test
  void aHostThatIsNotOursIsToldInOneSentence() {
    assertThatThrownBy(
            () ->
                MetricsServer.start(
                    settings(Map.of("metrics.host", "192.0.2.1")), StubHealth.WORKS))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("metrics.host")
        .hasMessageContaining("192.0.2.1");
  }
}
