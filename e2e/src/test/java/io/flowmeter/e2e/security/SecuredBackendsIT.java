package io.flowmeter.e2e.security;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.flowmeter.cli.backend.Backends;
import io.flowmeter.cli.backend.UnusableBackendException;
import io.flowmeter.cli.console.ProgressListener;
import io.flowmeter.cli.doctor.Diagnostics;
import io.flowmeter.cli.doctor.Finding;
import io.flowmeter.cli.doctor.Finding.Verdict;
import io.flowmeter.cli.query.TextAnswer;
import io.flowmeter.cli.rebuild.Rebuilding;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.dev.up.Up;
import io.flowmeter.e2e.RecordedProgress;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.SchemaRegistryException;
import io.flowmeter.schemas.Topics;
import io.flowmeter.sql.BlockInserts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every client of Flowmeter over TLS and with credentials, against a broker that demands both, and
 * a registry and a ClickHouse behind a proxy that does.
 */
class SecuredBackendsIT {
  @RegisterExtension static final WithSecuredBackends STARTED = new WithSecuredBackends();

  private static SecuredBackends secured;
  private static ServerSocket notKafka;

  @BeforeAll
  static void start() throws Exception {
    secured = STARTED.get();
    notKafka = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
    Thread thread = new Thread(SecuredBackendsIT::speakHttp, "no-kafka");
    thread.setDaemon(true);
    thread.start();
  }

  /** A client that took this for a length would want 1.2 GB. */
  private static void speakHttp() {
    while (!notKafka.isClosed()) {
      try (Socket caller = notKafka.accept()) {
        caller.getOutputStream().write("HTTP/1.1 400 What?\r\n\r\n".getBytes(US_ASCII));
      } catch (IOException closed) {
        // By the end of the tests, or by who called.
      }
    }
  }

  @AfterAll
  static void stop() throws IOException {
    notKafka.close();
  }

  private static Settings settings(Map<String, String> changes) throws IOException {
    Map<String, String> flags = new TreeMap<>(secured.settings());
    changes.forEach(
        (name, value) -> {
          if (value.isEmpty()) {
            flags.remove(name);
          } else {
            flags.put(name, value);
          }
        });
    return Settings.read(flags, Map.of(), Optional.empty());
  }

  private static Backends parts(Map<String, String> changes) throws IOException {
    return Backends.find(settings(changes));
  }

  @Test
  void theWholeRunsOverTlsWithCredentials() throws Exception {
    Settings settings = settings(Map.of());
    try (Up up = Up.start(settings, ProgressListener.SILENT)) {
      await("rows of step_runs")
          .atMost(Duration.ofMinutes(2))
          .until(() -> up.rowsWritten(Topics.STEP_RUNS) > 0);
      assertThat(findings(up.parts()))
          .allMatch(each -> each.verdict() == Verdict.FINE)
          .noneMatch(each -> each.toString().contains("canary"));
      ByteArrayOutputStream answer = new ByteArrayOutputStream();
      TextAnswer.copy(up.parts().reader(), "SELECT currentUser()", false, answer);
      assertThat(answer.toString(StandardCharsets.UTF_8)).isEqualTo("flowmeter_reader\n");
    }
    assertThat(secured.clickHouse.passed()).isPositive();
    assertThat(secured.registry.passed()).isPositive();
    assertThat(settings.toString()).doesNotContain("canary");
  }

  /**
   * Of what the test before has left, or of nothing: it takes seconds that the build has not got.
   */
  @Test
  @Tag("nightly")
  void aRebuildRunsOverTlsWithCredentials() throws Exception {
    theWholeRunsOverTlsWithCredentials();
    List<String> said = new ArrayList<>();
    new Rebuilding(settings(Map.of()), new RecordedProgress(said), true, false, false).run();

    assertThat(said).anyMatch(line -> line.startsWith("In use now."));
  }

  private static List<Finding> findings(Backends backends) {
    Diagnostics diagnostics = new Diagnostics(backends);
    List<Finding> all = new ArrayList<>(diagnostics.kafka());
    all.addAll(diagnostics.registry());
    all.addAll(diagnostics.clickHouse());
    return all;
  }

  /** Ways to be let in by no Kafka. */
  private enum KafkaMistake {
    PASSWORD("refused the login", "kafka.sasl.jaas.config"),
    UNTRUSTED("its certificate does not hold", "kafka.ssl.truststore.location"),
    NAME("its certificate does not hold", "names the host"),
    NO_TLS("it speaks TLS, and kafka.security.protocol is SASL_PLAINTEXT", "SASL_SSL"),
    NO_LOGIN("it hangs up on whoever does not log in", "kafka.sasl.mechanism"),
    NO_KAFKA("something else than Kafka", "kafka.bootstrap.servers");

    private final String problem;
    private final String remedy;

    KafkaMistake(String problem, String remedy) {
      this.problem = problem;
      this.remedy = remedy;
    }

    Map<String, String> settings() throws IOException {
      return switch (this) {
        case PASSWORD ->
            Map.of(
                "kafka.sasl.jaas.config.file",
                secured.secret("wrong", SecuredBackends.jaas("canary-of-another")));
        case UNTRUSTED ->
            Map.of("kafka.ssl.truststore.location", secured.untrusted.trustStore().toString());
        case NAME -> Map.of("kafka.bootstrap.servers", "localhost:" + secured.kafka.port());
        case NO_TLS -> Map.of("kafka.security.protocol", "SASL_PLAINTEXT");
        case NO_LOGIN -> Map.of("kafka.security.protocol", "SSL");
        case NO_KAFKA ->
            Map.of(
                "kafka.bootstrap.servers",
                "127.0.0.1:" + notKafka.getLocalPort(),
                "kafka.security.protocol",
                "PLAINTEXT");
      };
    }
  }

  @ParameterizedTest
  @EnumSource(KafkaMistake.class)
  @Timeout(300)
  void whoIsNotLetInByKafkaIsToldWhy(KafkaMistake mistake) throws IOException {
    Backends backends = parts(mistake.settings());

    assertThatThrownBy(backends::admin)
        .isInstanceOf(UnusableBackendException.class)
        .hasMessageContaining(mistake.problem)
        .hasMessageContaining(mistake.remedy)
        .hasMessageNotContaining("canary");
  }

  /** Ways to be let in by no registry. */
  private enum RegistryMistake {
    NO_CREDENTIALS,
    PASSWORD,
    TOKEN,
    UNTRUSTED,
    NAME,
    NO_TLS;

    Map<String, String> settings() throws IOException {
      return switch (this) {
        case NO_CREDENTIALS -> Map.of("registry.basic.auth.user.info.file", "");
        case PASSWORD ->
            Map.of(
                "registry.basic.auth.user.info.file",
                secured.secret("wrong-basic", "flowmeter:canary-of-another"));
        case TOKEN -> bearer("canary-of-another");
        case UNTRUSTED ->
            Map.of(
                "registry.schema.registry.ssl.truststore.location",
                secured.untrusted.trustStore().toString());
        case NAME -> Map.of("registry.url", at("https://localhost:"));
        case NO_TLS -> Map.of("registry.url", at("http://127.0.0.1:"));
      };
    }

    private static String at(String where) {
      return where + secured.registry.port() + SecuredBackends.REGISTRY_PATH;
    }
  }

  private static Map<String, String> bearer(String token) throws IOException {
    return Map.of(
        "registry.basic.auth.user.info.file",
        "",
        "registry.bearer.auth.token.file",
        secured.secret("bearer", token));
  }

  @ParameterizedTest
  @EnumSource(RegistryMistake.class)
  @Timeout(300)
  void whoIsNotLetInByTheRegistryIsToldSo(RegistryMistake mistake) throws IOException {
    int passed = secured.registry.passed();
    try (SchemaRegistry registry = parts(mistake.settings()).registry()) {
      assertThatThrownBy(() -> registry.compatibility("any"))
          .isInstanceOf(SchemaRegistryException.class)
          .hasMessageContaining("request to the registry at http")
          .hasMessageNotContaining("canary");
    }
    assertThat(secured.registry.passed()).isEqualTo(passed);
  }

  @Test
  void aBearerTokenIsAsGoodForTheRegistry() throws IOException {
    try (SchemaRegistry registry = parts(bearer(SecuredBackends.REGISTRY_TOKEN)).registry()) {
      assertThat(registry.compatibility("any")).isEmpty();
    }
  }

  /** Ways to be let in by no ClickHouse. */
  private enum ClickHouseMistake {
    UNTRUSTED,
    NAME,
    NO_TLS;

    Map<String, String> settings() {
      return switch (this) {
        case UNTRUSTED ->
            Map.of("clickhouse.trust_store", secured.untrusted.trustStore().toString());
        case NAME -> Map.of("clickhouse.url", "https://localhost:" + secured.clickHouse.port());
        case NO_TLS -> Map.of("clickhouse.url", "http://127.0.0.1:" + secured.clickHouse.port());
      };
    }
  }

  /** The driver, the writer's blocks, and questions that are only read: each has a client. */
  @ParameterizedTest
  @EnumSource(ClickHouseMistake.class)
  @Timeout(300)
  void noWayToClickHouseGoesAroundTls(ClickHouseMistake mistake) throws Exception {
    int passed = secured.clickHouse.passed();
    Backends backends = parts(mistake.settings());

    assertThatThrownBy(
            () -> {
              try (Connection connection = backends.writer().connect()) {
                connection.createStatement().execute("SELECT 1");
              }
            })
        .isInstanceOf(SQLException.class);
    try (BlockInserts inserts = BlockInserts.into(backends.writer(), 1, Duration.ofSeconds(5))) {
      assertThatThrownBy(() -> inserts.columns("instances_rows")).isInstanceOf(SQLException.class);
    }
    assertThatThrownBy(
            () ->
                TextAnswer.copy(backends.reader(), "SELECT 1", false, new ByteArrayOutputStream()))
        .isInstanceOf(IOException.class);
    assertThat(secured.clickHouse.passed()).isEqualTo(passed);
    assertThat(new Diagnostics(backends).clickHouse())
        .anyMatch(each -> each.verdict() == Verdict.WRONG)
        .noneMatch(each -> each.toString().contains("canary"));
  }

  @Test
  void aRootCertificateDoesInPlaceOfATrustStore() throws Exception {
    Backends backends =
        parts(
            Map.of(
                "clickhouse.trust_store",
                "",
                "clickhouse.sslrootcert",
                secured.certificate.pem().toString()));
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    TextAnswer.copy(backends.reader(), "SELECT 1", false, answer);
    assertThat(answer.toString(StandardCharsets.UTF_8)).isEqualTo("1\n");
    try (Connection connection = backends.writer().connect()) {
      assertThat(connection.createStatement().execute("SELECT 1")).isTrue();
    }
  }
}
