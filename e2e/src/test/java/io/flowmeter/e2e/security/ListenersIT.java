package io.flowmeter.e2e.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowmeter.cli.health.Check;
import io.flowmeter.cli.health.Health;
import io.flowmeter.cli.listen.Listening;
import io.flowmeter.cli.metrics.MetricsServer;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.cli.settings.SettingsException;
import io.flowmeter.embedded.ClickHouseUsers;
import io.flowmeter.preview.PreviewServer;
import io.flowmeter.simulator.Simulator;
import io.flowmeter.simulator.SimulatorConfig;
import io.flowmeter.sql.ClickHouseEndpoint;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Everything that Flowmeter ever listens with: who reaches it, and who is answered. */
class ListenersIT {
  private static final Health WORKS =
      new Health() {
        @Override
        public List<Check> live() {
          return List.of(Check.well("stub", "lives"));
        }

        @Override
        public List<Check> ready() {
          return live();
        }
      };

  private static final String PASSWORD = "0123456789abcdef";

  @RegisterExtension static final WithSecuredBackends STARTED = new WithSecuredBackends();

  private static SecuredBackends parts;
  private static Simulator simulator;
  private static MetricsServer metrics;
  private static PreviewServer preview;

  @BeforeAll
  static void start() throws Exception {
    parts = STARTED.get();
    simulator = Simulator.start(SimulatorConfig.of(1, Instant.EPOCH).withHistory(1).withRate(0));
    Settings settings = settings(Map.of());
    metrics = MetricsServer.start(settings, WORKS);
    preview =
        new Listening(settings, Setting.PREVIEW_HOST, Setting.PREVIEW_PORT, "the dashboards")
            .start(
                Set.of(),
                (host, port, access) ->
                    PreviewServer.start(
                        host,
                        port,
                        access,
                        new ClickHouseEndpoint(
                            parts.others.clickHouse().httpUrl().toString(),
                            ClickHouseUsers.READER,
                            SecuredBackends.READER_PASSWORD)))
            .orElseThrow();
  }

  @AfterAll
  static void stop() {
    preview.close();
    metrics.close();
    simulator.close();
  }

  private static Settings settings(Map<String, String> more) {
    Map<String, String> flags = new LinkedHashMap<>(more);
    flags.put("metrics.port", "0");
    flags.put("preview.port", "0");
    return Settings.read(flags, Map.of(), Optional.empty());
  }

  /** What listens, with something worth asking for. */
  private enum Listens {
    METRICS("/metrics"),
    PREVIEW("/api/dashboards"),
    SIMULATOR("/client/v4/accounts/" + SimulatorConfig.DEFAULT_ACCOUNT + "/workflows"),
    REGISTRY("/apis/ccompat/v7/subjects"),
    CLICKHOUSE("/?query=SELECT%20currentUser()"),
    KAFKA("/");

    private final String path;

    Listens(String path) {
      this.path = path;
    }

    int port() {
      return switch (this) {
        case METRICS -> metrics.url().orElseThrow().getPort();
        case PREVIEW -> preview.url().getPort();
        case SIMULATOR -> simulator.baseUri().getPort();
        case REGISTRY -> parts.others.registry().port();
        case CLICKHOUSE -> parts.others.clickHouse().port();
        case KAFKA -> parts.kafka.port();
      };
    }
  }

  /**
   * As anybody could ask, for Java's client does not lie about its Host. Empty where it hangs up.
   */
  private static String ask(int port, String path, String... headers) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(2_000);
      StringBuilder text = new StringBuilder("GET " + path + " HTTP/1.1\r\nConnection: close\r\n");
      for (String header : headers) {
        text.append(header.replace("PORT", Integer.toString(port))).append("\r\n");
      }
      socket
          .getOutputStream()
          .write(text.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
      return read(socket.getInputStream());
    }
  }

  private static String read(InputStream in) throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    try {
      in.transferTo(answer);
    } catch (SocketTimeoutException silent) {
      assertThat(answer.size()).as("of a connection that stays open").isZero();
    }
    return answer.toString(StandardCharsets.UTF_8);
  }

  private static void assertTellsNothing(String result) {
    assertThat(result).doesNotStartWith("HTTP/1.1 2").doesNotStartWith("HTTP/1.0 2");
  }

  @ParameterizedTest
  @EnumSource(Listens.class)
  void aPageOfAnotherOriginGetsNothing(Listens listens) throws IOException {
    for (String origin : List.of("https://page.example", "null", "http://127.0.0.1:1")) {
      assertTellsNothing(
          ask(listens.port(), listens.path, "Host: 127.0.0.1:PORT", "Origin: " + origin));
    }
  }

  @ParameterizedTest
  @EnumSource(Listens.class)
  void aNameThatSomebodyPointsHereGetsNothing(Listens listens) throws IOException {
    for (String host : List.of("rebound.example:PORT", "127.0.0.1.rebound.example:PORT")) {
      assertTellsNothing(ask(listens.port(), listens.path, "Host: " + host));
    }
  }

  @ParameterizedTest
  @EnumSource(Listens.class)
  void nobodyReachesItFromElsewhere(Listens listens) throws IOException {
    List<InetAddress> others =
        NetworkInterface.networkInterfaces()
            .flatMap(NetworkInterface::inetAddresses)
            .filter(address -> !address.isLoopbackAddress())
            .toList();
    for (InetAddress other : others) {
      try (Socket socket = new Socket()) {
        assertThatThrownBy(
                () -> socket.connect(new InetSocketAddress(other, listens.port()), 1_000))
            .as(other.toString())
            .isInstanceOf(IOException.class);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"metrics.host", "preview.host"})
  void anAddressThatOthersReachWantsAPassword(String host) {
    Setting<String> setting =
        host.equals("metrics.host") ? Setting.METRICS_HOST : Setting.PREVIEW_HOST;
    Setting<Optional<Integer>> port =
        host.equals("metrics.host") ? Setting.METRICS_PORT : Setting.PREVIEW_PORT;

    assertThatThrownBy(
            () ->
                new Listening(settings(Map.of(host, "0.0.0.0")), setting, port, "it")
                    .start(
                        Set.of(),
                        (at, wished, access) ->
                            io.flowmeter.http.Listener.start(
                                at,
                                wished,
                                access,
                                "test",
                                new io.flowmeter.http.Listener.Limits(1, 0),
                                request -> io.flowmeter.http.Response.text(200, "told"))))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("expected a " + host)
        .hasMessageContaining("other machines can reach 0.0.0.0")
        .hasMessageContaining("Set listen.password.file or FLOWMETER_LISTEN_PASSWORD");
  }

  @Test
  void whoKnowsThePasswordIsAnsweredWhereverItListens() throws IOException {
    Settings settings =
        Settings.read(
            Map.of("metrics.port", "0", "metrics.host", "0.0.0.0"),
            Map.of("FLOWMETER_LISTEN_PASSWORD", PASSWORD),
            Optional.empty());
    try (MetricsServer server = MetricsServer.start(settings, WORKS)) {
      int port = server.url().orElseThrow().getPort();
      String host = "Host: 127.0.0.1:PORT";

      assertThat(ask(port, "/metrics", host, "Authorization: Bearer " + PASSWORD))
          .startsWith("HTTP/1.1 200");
      assertThat(ask(port, "/metrics", host, basic("flowmeter:" + PASSWORD)))
          .startsWith("HTTP/1.1 200");
      for (String wrong :
          List.of(
              "Authorization: Bearer " + PASSWORD.substring(1),
              "Authorization: Bearer",
              "Authorization: " + PASSWORD,
              "Authorization: Digest " + PASSWORD,
              basic("other:" + PASSWORD),
              basic("flowmeter:"),
              "X-Nothing: given")) {
        assertThat(ask(port, "/metrics", host, wrong))
            .startsWith("HTTP/1.1 401")
            .contains("Www-authenticate: Basic realm=\"Flowmeter\"");
      }
      assertThat(
              ask(
                  port,
                  "/metrics",
                  host,
                  "Origin: https://page.example",
                  "Authorization: Bearer " + PASSWORD))
          .startsWith("HTTP/1.1 403");
      for (String probe : List.of("/live", "/ready")) {
        assertThat(ask(port, probe, host)).startsWith("HTTP/1.1 200");
      }
    }
  }

  @Test
  void aPasswordThatCanBeGuessedIsRefused() {
    Settings settings =
        Settings.read(
            Map.of("metrics.port", "0"),
            Map.of("FLOWMETER_LISTEN_PASSWORD", "short-canary"),
            Optional.empty());
    assertThatThrownBy(() -> MetricsServer.start(settings, WORKS))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("listen.password: expected a password of at least 16 characters")
        .hasMessageNotContaining("canary");
  }

  private static String basic(String login) {
    return "Authorization: Basic "
        + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8));
  }
}
