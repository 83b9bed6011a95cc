package io.flowmeter.e2e.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flowmeter.cli.Flowmeter;
import io.flowmeter.cli.console.Console;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a command has to say of wrong settings and parts that are away, it quotes no secret. */
class CanariesInMessagesIT {
  private static final String CANARY = "canary-0123456789abcdef";
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path temp;

  private record Said(int code, String text) {}

  /** What it says until it ends, or waits for a part that is away and is interrupted. */
  private Said run(Map<String, String> environment, String... command) throws Exception {
    PrintStream before = System.err;
    PrintStream out = System.out;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream all = new PrintStream(said, true, StandardCharsets.UTF_8);
    System.setErr(all);
    System.setOut(all);
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      Future<Integer> code =
          thread.submit(() -> Flowmeter.run(command, environment, Console.plain(all)));
      await("the command to end or to wait for its backends")
          .atMost(PATIENCE)
          .until(
              () -> code.isDone() || said.toString(StandardCharsets.UTF_8).contains("waiting for"));
      thread.shutdownNow();
      return new Said(
          code.get(PATIENCE.toSeconds(), TimeUnit.SECONDS), said.toString(StandardCharsets.UTF_8));
    } finally {
      thread.shutdownNow();
      System.setErr(before);
      System.setOut(out);
    }
  }

  /** Each secret is one, and so is what makes no sense. Nothing listens on port 1. */
  private Map<String, String> secrets() {
    Map<String, String> environment = new TreeMap<>();
    environment.put("FLOWMETER_DATA_DIR", temp.resolve("data").toString());
    environment.put("CLOUDFLARE_ACCOUNT_ID", "0123");
    environment.put("CLOUDFLARE_API_TOKEN", CANARY);
    environment.put("FLOWMETER_SOURCE_URL", "http://127.0.0.1:1");
    environment.put("FLOWMETER_LISTEN_PASSWORD", CANARY);
    environment.put("FLOWMETER_PRIVACY_IDS_KEY", CANARY);
    environment.put("FLOWMETER_METRICS_PORT", "off");
    environment.put("FLOWMETER_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1");
    environment.put("FLOWMETER_KAFKA_SECURITY_PROTOCOL", "SASL_SSL");
    environment.put("FLOWMETER_KAFKA_SASL_MECHANISM", "PLAIN");
    environment.put(
        "FLOWMETER_KAFKA_SASL_JAAS_CONFIG",
        "org.apache.kafka.common.security.plain.PlainLoginModule required username=a password=\""
            + CANARY
            + "\"");
    environment.put("FLOWMETER_KAFKA_SSL_KEYSTORE_KEY", CANARY);
    environment.put("FLOWMETER_KAFKA_SSL_TRUSTSTORE_PASSWORD", CANARY);
    environment.put("FLOWMETER_REGISTRY_URL", "http://127.0.0.1:1");
    environment.put("FLOWMETER_REGISTRY_BASIC_AUTH_USER_INFO", "me:" + CANARY);
    environment.put("FLOWMETER_CLICKHOUSE_URL", "http://127.0.0.1:1");
    environment.put("FLOWMETER_CLICKHOUSE_PASSWORD", CANARY);
    environment.put("FLOWMETER_CLICKHOUSE_READER_PASSWORD", CANARY);
    environment.put("FLOWMETER_CLICKHOUSE_KEY_STORE_PASSWORD", CANARY);
    return environment;
  }

  @ParameterizedTest
  @ValueSource(strings = {"doctor", "migrate", "ingest", "stream", "rebuild", "up", "settings"})
  void noCommandQuotesASecret(String command) throws Exception {
    Said said = run(secrets(), command);

    assertThat(said.text()).isNotBlank().doesNotContain(CANARY);
    // Who is interrupted while it waits has ended in order.
    if (!said.text().contains("waiting for")) {
      assertThat(said.code() == 0).isEqualTo(command.equals("settings"));
    }
  }

  @Test
  void aQueryThatCannotBeAskedQuotesNone() throws Exception {
    assertThat(run(secrets(), "sql", "SELECT 1").text())
        .contains("ClickHouse could not be asked")
        .doesNotContain(CANARY);
  }

  @Test
  void aSecretAsAFlagIsRefusedAndNotQuoted() throws Exception {
    for (String name :
        new String[] {
          "api.token",
          "listen.password",
          "privacy.ids.key",
          "kafka.sasl.jaas.config",
          "kafka.sasl.oauthbearer.assertion.private.key.passphrase",
          "registry.bearer.auth.token",
          "clickhouse.key_store_password"
        }) {
      Said said = run(Map.of(), "doctor", "--" + name, CANARY);
      assertThat(said.code()).as(name).isEqualTo(Flowmeter.USAGE);
      assertThat(said.text()).contains("flags are open to every user").doesNotContain(CANARY);
    }
  }
}
