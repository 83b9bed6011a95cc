package io.flowmeter.cli.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowmeter.cli.console.LogFormat;
import io.flowmeter.clock.FastClock;
import io.flowmeter.ingest.privacy.ErrorPrivacy;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Period;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
  @TempDir Path temp;

  /** All of them: a new setting, or another default, shows here. */
  @Test
  void everySettingHasThisDefault() {
    Map<String, String> defaults = new LinkedHashMap<>();
    Settings.defaults().effective().forEach(each -> defaults.put(each.name(), each.value()));

    assertThat(defaults)
        .containsExactlyInAnyOrderEntriesOf(
            Map.ofEntries(
                Map.entry("source.url", ""),
                Map.entry("account.id", ""),
                Map.entry("api.token", ""),
                Map.entry("api.token.file", ""),
                Map.entry("ingest.interval", ""),
                Map.entry("ingest.request.limit", "1200"),
                Map.entry("ingest.request.share", "0.7"),
                Map.entry("ingest.concurrency", "8"),
                Map.entry("privacy.errors", "scrubbed"),
                Map.entry("privacy.ids.key", ""),
                Map.entry("privacy.ids.key.file", ""),
                Map.entry("log.format", "text"),
                Map.entry("metrics.host", "127.0.0.1"),
                Map.entry("metrics.port", "9464"),
                Map.entry("preview.host", "127.0.0.1"),
                Map.entry("preview.port", "8080"),
                Map.entry("listen.password", ""),
                Map.entry("listen.password.file", ""),
                Map.entry("data.dir", "./data"),
                Map.entry("kafka.bootstrap.servers", ""),
                Map.entry("registry.url", ""),
                Map.entry("clickhouse.url", ""),
                Map.entry("clickhouse.cluster", ""),
                Map.entry("clickhouse.fallback.urls", ""),
                Map.entry("clickhouse.user", "flowmeter_writer"),
                Map.entry("clickhouse.password", ""),
                Map.entry("clickhouse.password.file", ""),
                Map.entry("clickhouse.reader.user", "flowmeter_reader"),
                Map.entry("clickhouse.reader.password", ""),
                Map.entry("clickhouse.reader.password.file", ""),
                Map.entry("retention.facts", "13mo"),
                Map.entry("retention.rollups", "3y"),
                Map.entry("plan.running.limit", "50000"),
                Map.entry("slo.objective", "0.99"),
                Map.entry("topics.partitions", "4"),
                Map.entry("topics.replication", ""),
                Map.entry("stream.threads", "1"),
                Map.entry("stream.state.dir", ""),
                Map.entry("writer.linger", "1s"),
                Map.entry("embedded.kafka.port", "9092"),
                Map.entry("embedded.registry.port", "8081"),
                Map.entry("embedded.clickhouse.port", "8123"),
                Map.entry("embedded.clickhouse.engine", ""),
                Map.entry("clock", "")));
  }

  private static final String FAST = "2026-01-01T00:00:00Z@2026-01-02T00:00:00Z*288.0";

  /** A value for each, and what becomes of it. */
  private static final Map<Setting<?>, Map.Entry<String, Object>> EXAMPLES =
      Map.ofEntries(
          example(Setting.SOURCE_URL, "https://a.example/v4", url("https://a.example/v4")),
          example(Setting.ACCOUNT_ID, "0123", Optional.of("0123")),
          example(Setting.API_TOKEN, "t", Optional.of("t")),
          example(Setting.API_TOKEN_FILE, "/run/token", path("/run/token")),
          example(Setting.INGEST_INTERVAL, "5s", Optional.of(Duration.ofSeconds(5))),
          example(Setting.INGEST_REQUEST_LIMIT, "600", 600),
          example(Setting.INGEST_REQUEST_SHARE, "0.5", 0.5),
          example(Setting.INGEST_CONCURRENCY, "4", 4),
          example(Setting.PRIVACY_ERRORS, "dropped", ErrorPrivacy.DROPPED),
          example(Setting.PRIVACY_IDS_KEY, "k", Optional.of("k")),
          example(Setting.PRIVACY_IDS_KEY_FILE, "/run/k", path("/run/k")),
          example(Setting.LOG_FORMAT, "json", LogFormat.JSON),
          example(Setting.METRICS_HOST, "::1", "::1"),
          example(Setting.METRICS_PORT, "off", Optional.empty()),
          example(Setting.PREVIEW_HOST, "localhost", "localhost"),
          example(Setting.PREVIEW_PORT, "18080", Optional.of(18080)),
          example(Setting.LISTEN_PASSWORD, "p", Optional.of("p")),
          example(Setting.LISTEN_PASSWORD_FILE, "/run/listen", path("/run/listen")),
          example(Setting.DATA_DIR, "/var/fm", Path.of("/var/fm")),
          example(Setting.KAFKA_BOOTSTRAP_SERVERS, "a:1,b:2", Optional.of("a:1,b:2")),
          example(Setting.REGISTRY_URL, "http://r:8081", url("http://r:8081")),
          example(Setting.CLICKHOUSE_URL, "http://c:8123", url("http://c:8123")),
          example(Setting.CLICKHOUSE_CLUSTER, "east", Optional.of("east")),
          example(
              Setting.CLICKHOUSE_FALLBACK_URLS,
              "http://d:8123,https://e:8443",
              Optional.of(List.of(URI.create("http://d:8123"), URI.create("https://e:8443")))),
          example(Setting.CLICKHOUSE_USER, "w", "w"),
          example(Setting.CLICKHOUSE_PASSWORD, "p", Optional.of("p")),
          example(Setting.CLICKHOUSE_PASSWORD_FILE, "/run/p", path("/run/p")),
          example(Setting.CLICKHOUSE_READER_USER, "r", "r"),
          example(Setting.CLICKHOUSE_READER_PASSWORD, "q", Optional.of("q")),
          example(Setting.CLICKHOUSE_READER_PASSWORD_FILE, "/run/q", path("/run/q")),
          example(Setting.RETENTION_FACTS, "90d", Period.ofDays(90)),
          example(Setting.RETENTION_ROLLUPS, "5y", Period.ofYears(5)),
          example(Setting.PLAN_RUNNING_LIMIT, "4500", 4500),
          example(Setting.SLO_OBJECTIVE, "0.995", 0.995),
          example(Setting.TOPICS_PARTITIONS, "12", 12),
          example(Setting.TOPICS_REPLICATION, "3", Optional.of(3)),
          example(Setting.STREAM_THREADS, "2", 2),
          example(Setting.STREAM_STATE_DIR, "/var/s", path("/var/s")),
          example(Setting.WRITER_LINGER, "250ms", Duration.ofMillis(250)),
          example(Setting.EMBEDDED_KAFKA_PORT, "0", 0),
          example(Setting.EMBEDDED_REGISTRY_PORT, "1", 1),
          example(Setting.EMBEDDED_CLICKHOUSE_PORT, "65535", 65_535),
          example(Setting.EMBEDDED_CLICKHOUSE_ENGINE, "/opt/chdb", path("/opt/chdb")),
          example(Setting.CLOCK, FAST, FastClock.parse(FAST)));

  @Test
  void everySettingIsReadFromTheEnvironmentAndFromAFileUnderItsOneName() throws IOException {
    assertThat(EXAMPLES).containsOnlyKeys(Setting.ALL);
    for (Setting<?> setting : Setting.ALL) {
      String text = EXAMPLES.get(setting).getKey();
      Object value = EXAMPLES.get(setting).getValue();
      String variable =
          "FLOWMETER_" + setting.name().replace('.', '_').toUpperCase(java.util.Locale.ROOT);

      assertThat(Settings.read(Map.of(), Map.of(variable, text), Optional.empty()).get(setting))
          .as(variable)
          .isEqualTo(value);
      assertThat(
              Settings.read(Map.of(), Map.of(), Optional.of(file(setting.name() + " = " + text)))
                  .get(setting))
          .as(setting.name() + " in a file")
          .isEqualTo(value);
    }
  }

  @Test
  void everySettingButASecretIsReadFromAFlag() {
    for (Setting<?> setting : Setting.ALL) {
      Map<String, String> flag = Map.of(setting.name(), EXAMPLES.get(setting).getKey());
      if (setting.secret()) {
        assertThatThrownBy(() -> Settings.read(flag, Map.of(), Optional.empty()))
            .isInstanceOf(SettingsException.class)
            .hasMessageContaining("flags are open to every user of the machine")
            .hasMessageContaining(setting.variable());
      } else {
        assertThat(Settings.read(flag, Map.of(), Optional.empty()).get(setting))
            .as(setting.name())
            .isEqualTo(EXAMPLES.get(setting).getValue());
      }
    }
  }

  @Test
  void aFlagWinsOverTheEnvironmentWhichWinsOverTheFile() throws IOException {
    Optional<Path> file =
        Optional.of(file("topics.partitions = 1\nstream.threads = 1\nclickhouse.user = f"));
    Settings settings =
        Settings.read(
            Map.of("topics.partitions", "3"),
            Map.of("FLOWMETER_TOPICS_PARTITIONS", "2", "FLOWMETER_STREAM_THREADS", "2"),
            file);

    assertThat(settings.get(Setting.TOPICS_PARTITIONS)).isEqualTo(3);
    assertThat(settings.get(Setting.STREAM_THREADS)).isEqualTo(2);
    assertThat(settings.get(Setting.CLICKHOUSE_USER)).isEqualTo("f");
    assertThat(settings.effective(Setting.TOPICS_PARTITIONS).origin())
        .isEqualTo("--topics.partitions");
    assertThat(settings.effective(Setting.STREAM_THREADS).origin())
        .isEqualTo("$FLOWMETER_STREAM_THREADS");
    assertThat(settings.effective(Setting.CLICKHOUSE_USER).origin())
        .isEqualTo(file.get().toString());
  }

  @Test
  void cloudflaresOwnVariablesAreReadAndOursWinOverThem() {
    Map<String, String> theirs =
        Map.of("CLOUDFLARE_ACCOUNT_ID", "theirs", "CLOUDFLARE_API_TOKEN", "token");
    Settings settings = Settings.read(Map.of(), theirs, Optional.empty());
    assertThat(settings.get(Setting.ACCOUNT_ID)).contains("theirs");
    assertThat(settings.get(Setting.API_TOKEN)).contains("token");
    assertThat(settings.effective(Setting.API_TOKEN).origin()).isEqualTo("$CLOUDFLARE_API_TOKEN");

    Map<String, String> both = new LinkedHashMap<>(theirs);
    both.put("FLOWMETER_ACCOUNT_ID", "ours");
    assertThat(Settings.read(Map.of(), both, Optional.empty()).get(Setting.ACCOUNT_ID))
        .contains("ours");
  }

  @Test
  void anUnknownNameIsRefusedWithTheNearestKnownOne() throws IOException {
    assertThatThrownBy(
            () -> Settings.read(Map.of("topic.partitions", "3"), Map.of(), Optional.empty()))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("did you mean topics.partitions?");
    assertThatThrownBy(
            () ->
                Settings.read(
                    Map.of(), Map.of("FLOWMETER_CLICKHOUSE_URI", "http://c"), Optional.empty()))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("did you mean $FLOWMETER_CLICKHOUSE_URL?");
    Path file = file("kafka.sasl.mechanisms = PLAIN");
    assertThatThrownBy(() -> Settings.read(Map.of(), Map.of(), Optional.of(file)))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("did you mean kafka.sasl.mechanism?");
  }

  @Test
  void theVariablesOfOthersAndOfTheScriptAreLeftAlone() {
    Map<String, String> environment = Map.of("HOME", "/", "FLOWMETER_JAVA_OPTS", "-Xmx2g");
    assertThat(Settings.read(Map.of(), environment, Optional.empty()).effective())
        .allSatisfy(each -> assertThat(each.origin()).isEqualTo("default"));
  }

  @Test
  void aValueThatDoesNotFitSaysWhatWasExpectedAndWhereItCameFrom() {
    assertThatThrownBy(
            () ->
                Settings.read(
                    Map.of(), Map.of("FLOWMETER_TOPICS_PARTITIONS", "many"), Optional.empty()))
        .isInstanceOf(SettingsException.class)
        .hasMessage(
            "topics.partitions (from $FLOWMETER_TOPICS_PARTITIONS): expected a whole number from 1 to 1000, came \"many\"");
    assertThatThrownBy(
            () ->
                Settings.read(
                    Map.of("clickhouse.url", "localhost:8123"), Map.of(), Optional.empty()))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("expected an http or https URL")
        .hasMessageContaining("it has no http:// or https:// and host");
    for (String name : List.of("clickhouse.url", "clickhouse.fallback.urls")) {
      assertThatThrownBy(
              () -> Settings.read(Map.of(name, "http://h:8123/path"), Map.of(), Optional.empty()))
          .isInstanceOf(SettingsException.class)
          .hasMessageContaining(name)
          .hasMessageContaining("without a path");
    }
    assertThatThrownBy(
            () ->
                Settings.read(Map.of("registry.url", "http://me:pw@r"), Map.of(), Optional.empty()))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("do not belong into the URL");
  }

  @Test
  void aBrokerIsAHostWithAPort() {
    for (String servers : List.of("kafka", "kafka:9092,", ":9092", "kafka:9092,other")) {
      Map<String, String> flags = Map.of("kafka.bootstrap.servers", servers);
      assertThatThrownBy(() -> Settings.read(flags, Map.of(), Optional.empty()))
          .isInstanceOf(SettingsException.class)
          .hasMessageContaining("expected host:port");
    }
    for (String servers : List.of("kafka:9092", "[::1]:9092, SSL://other:9093")) {
      Map<String, String> flags = Map.of("kafka.bootstrap.servers", servers);
      assertThat(
              Settings.read(flags, Map.of(), Optional.empty()).get(Setting.KAFKA_BOOTSTRAP_SERVERS))
          .contains(servers);
    }
  }

  /** Refused is refused aloud, and what was meant for a login is a secret all the same. */
  @Test
  void aUrlWithAPasswordIsRefusedWithoutIt() {
    for (String url :
        List.of("http://me:s3cret@c:8123", "http://me:s3 cret@c:8123", "me:s3c/ret@c", "s3cret@")) {
      for (String name : List.of("clickhouse.url", "registry.url", "source.url")) {
        assertThatThrownBy(() -> Settings.read(Map.of(name, url), Map.of(), Optional.empty()))
            .isInstanceOf(SettingsException.class)
            .hasMessageContaining(name)
            .hasMessageNotContaining("s3");
      }
    }
  }

  @Test
  void whatBelongsToAClientReachesItUnderItsOwnName() throws IOException {
    Path file =
        file("kafka.sasl.jaas.config = secret thing\nregistry.basic.auth.user.info = me:secret");
    Settings settings =
        Settings.read(
            Map.of("kafka.security.protocol", "SASL_SSL"),
            Map.of(
                "FLOWMETER_KAFKA_SASL_MECHANISM",
                "PLAIN",
                "FLOWMETER_CLICKHOUSE_TRUST_STORE",
                "/etc/trust"),
            Optional.of(file));

    assertThat(settings.passedThrough(PassThrough.KAFKA))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "security.protocol", "SASL_SSL",
                "sasl.mechanism", "PLAIN",
                "sasl.jaas.config", "secret thing"));
    assertThat(settings.passedThrough(PassThrough.REGISTRY))
        .containsExactly(Map.entry("basic.auth.user.info", "me:secret"));
    assertThat(settings.passedThrough(PassThrough.CLICKHOUSE))
        .containsExactly(Map.entry("trust_store", "/etc/trust"));
  }

  @Test
  void aClientsSecretMayBeInAFileOfItsOwnersAlone() throws IOException {
    Path jaas =
        file(
            "org.apache.kafka.common.security.plain.PlainLoginModule required password=\"s3cret\";");
    Map<String, String> flags = Map.of("kafka.sasl.jaas.config.file", jaas.toString());
    Settings settings = Settings.read(flags, Map.of(), Optional.empty());

    assertThat(settings.passedThrough(PassThrough.KAFKA))
        .containsExactly(Map.entry("sasl.jaas.config", Files.readString(jaas)));
    assertThat(settings.toString()).contains(jaas.toString()).doesNotContain("s3cret");
    assertThat(settings.secrets()).contains(Files.readString(jaas), "s3cret");

    assertThatThrownBy(
            () ->
                Settings.read(
                        flags, Map.of("FLOWMETER_KAFKA_SASL_JAAS_CONFIG", "x"), Optional.empty())
                    .passedThrough(PassThrough.KAFKA))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("kafka.sasl.jaas.config.file")
        .hasMessageContaining("keep one of them");
    Files.setPosixFilePermissions(jaas, PosixFilePermissions.fromString("rw-r-----"));
    assertThatThrownBy(() -> settings.passedThrough(PassThrough.KAFKA))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("chmod 600")
        .hasMessageNotContaining("s3cret");
  }

  @Test
  void everySecretOfKafkasClientsIsKnownAsOne() {
    assertThat(AdminClientConfig.configDef().configKeys().values())
        .filteredOn(key -> key.type == ConfigDef.Type.PASSWORD)
        .filteredOn(key -> !key.name.matches(".*(certificate.chain|truststore.certificates)"))
        .hasSizeGreaterThan(4)
        .allMatch(key -> PassThrough.isSecret("kafka." + key.name), "is masked");
  }

  @Test
  void secretsAreNeverShown() throws IOException {
    Path file =
        file(
            """
            api.token = s3cret-token
            clickhouse.password = s3cret-password
            kafka.sasl.jaas.config = s3cret-jaas
            kafka.ssl.keystore.key = s3cret-key
            kafka.ssl.truststore.location = /etc/trust
            registry.basic.auth.user.info = me:s3cret
            """);
    Settings settings = Settings.read(Map.of(), Map.of(), Optional.of(file));

    assertThat(settings.toString()).doesNotContain("s3cret").contains("/etc/trust");
    assertThat(settings.effective())
        .filteredOn(each -> each.value().contains("s3cret"))
        .hasSize(5)
        .allSatisfy(each -> assertThat(each.shown()).isEqualTo("********"));
    assertThat(settings.secrets())
        .contains("s3cret-token", "s3cret-password", "s3cret-jaas", "s3cret-key")
        .contains("me:s3cret", "s3cret");
  }

  @Test
  void aFileWithASecretMustBeItsOwnersAlone() throws IOException {
    Path file = file("api.token = t");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

    assertThatThrownBy(() -> Settings.read(Map.of(), Map.of(), Optional.of(file)))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("chmod 600");
  }

  @Test
  void aSecretComesFromItsFileWhichMustBeItsOwnersAlone() throws IOException {
    Path token = file("the-token\n");
    Settings settings =
        Settings.read(Map.of("api.token.file", token.toString()), Map.of(), Optional.empty());

    assertThat(settings.secret(Setting.API_TOKEN, Setting.API_TOKEN_FILE)).contains("the-token");

    Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw----r--"));
    assertThatThrownBy(() -> settings.secret(Setting.API_TOKEN, Setting.API_TOKEN_FILE))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("others have [OTHERS_READ]");
  }

  @Test
  void aSecretGivenTwiceIsRefused() throws IOException {
    Settings settings =
        Settings.read(
            Map.of("api.token.file", file("t").toString()),
            Map.of("CLOUDFLARE_API_TOKEN", "t"),
            Optional.empty());

    assertThatThrownBy(() -> settings.secret(Setting.API_TOKEN, Setting.API_TOKEN_FILE))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("$CLOUDFLARE_API_TOKEN")
        .hasMessageContaining("keep one of them");
  }

  @Test
  void durationsHaveUnits() {
    assertThat(Kind.duration("250ms")).isEqualTo(Duration.ofMillis(250));
    assertThat(Kind.duration("90s")).isEqualTo(Duration.ofSeconds(90));
    assertThat(Kind.duration("5m")).isEqualTo(Duration.ofMinutes(5));
    assertThat(Kind.duration("12h")).isEqualTo(Duration.ofHours(12));
    assertThat(Kind.duration("7d")).isEqualTo(Duration.ofDays(7));
    assertThatThrownBy(() -> Kind.duration("90")).isInstanceOf(IllegalArgumentException.class);
    assertThat(Kind.duration("36500d")).isEqualTo(Duration.ofDays(36_500));
    for (String text : List.of("36501d", "999999999999999d", "99999999999999999999s")) {
      assertThatThrownBy(() -> Kind.duration(text)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  /** To write it anew: {@code flowmeter settings > docs/settings.md}. */
  @Test
  void theDocumentedTableIsTheRealOne() throws IOException {
    Path page = Path.of(System.getProperty("flowmeter.home")).resolve("docs/settings.md");
    assertThat(Files.readString(page).strip()).isEqualTo(SettingsPage.markdown().strip());
  }

  private Path file(String text) throws IOException {
    Path file = Files.createTempFile(temp, "settings", "");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return Files.writeString(file, text);
  }

  private static Map.Entry<Setting<?>, Map.Entry<String, Object>> example(
      Setting<?> setting, String text, Object value) {
    return Map.entry(setting, Map.entry(text, value));
  }

  private static Optional<URI> url(String text) {
    return Optional.of(URI.create(text));
  }

  private static Optional<Path> path(String text) {
    return Optional.of(Path.of(text));
  }
}
