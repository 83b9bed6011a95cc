package io.flowmeter.cli.settings;

import static io.flowmeter.cli.settings.Kind.BROKERS;
import static io.flowmeter.cli.settings.Kind.DURATION;
import static io.flowmeter.cli.settings.Kind.PART;
import static io.flowmeter.cli.settings.Kind.PATH;
import static io.flowmeter.cli.settings.Kind.PERIOD;
import static io.flowmeter.cli.settings.Kind.PORT;
import static io.flowmeter.cli.settings.Kind.PORT_OR_OFF;
import static io.flowmeter.cli.settings.Kind.SERVER;
import static io.flowmeter.cli.settings.Kind.SERVERS;
import static io.flowmeter.cli.settings.Kind.SHARE;
import static io.flowmeter.cli.settings.Kind.TEXT;
import static io.flowmeter.cli.settings.Kind.URL;
import static io.flowmeter.cli.settings.Kind.integer;
import static io.flowmeter.cli.settings.Kind.oneOf;

import io.flowmeter.cli.console.LogFormat;
import io.flowmeter.clock.Clock;
import io.flowmeter.ingest.privacy.ErrorPrivacy;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Period;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A typed property of Flowmeter. This file is the whole table: what is not here cannot be set.
 *
 * @param name the key in the configuration file; the flag is {@code --name}, the environment
 *     variable {@link #variable}
 * @param preset the text that holds when nothing else does; empty where there is none
 * @param expected what a value looks like, with its unit
 * @param secret never printed, and refused as a flag, which every user of the machine can read
 * @param otherVariable an established environment variable that is read as well; empty for none
 */
public record Setting<T>(
    String name,
    String preset,
    String expected,
    boolean secret,
    String otherVariable,
    String description,
    java.util.function.Function<String, T> parse) {

  public static final Setting<Optional<URI>> SOURCE_URL =
      optional(
          "source.url",
          URL,
          "The Workflows API to poll. Without it: Cloudflare's when a token and an account are set,"
              + " else (`up` only) the built-in simulator.");
  public static final Setting<Optional<String>> ACCOUNT_ID =
      optional(
              "account.id",
              TEXT,
              "The Cloudflare account to poll; `flowmeter ingest` takes several, with commas between.")
          .alsoReads("CLOUDFLARE_ACCOUNT_ID");
  public static final Setting<Optional<String>> API_TOKEN =
      optional("api.token", TEXT, "A token that may read Workers Scripts or Workers Tail.")
          .hidden()
          .alsoReads("CLOUDFLARE_API_TOKEN");
  public static final Setting<Optional<Path>> API_TOKEN_FILE =
      optional(
          "api.token.file",
          PATH,
          "A file holding the token, readable by its owner only. `{account}` in it is replaced by"
              + " the account, so that each can have its own.");

  public static final Setting<Optional<Duration>> INGEST_INTERVAL =
      optional(
          "ingest.interval",
          DURATION,
          "Minimum time between two sweeps. Without it: 2s on loopback, else 10s, for the built-in"
              + " simulator too.");
  public static final Setting<Integer> INGEST_REQUEST_LIMIT =
      of(
          "ingest.request.limit",
          integer(1, 1_000_000),
          "1200",
          "Requests in 5 minutes that Cloudflare grants to all tools of the token's user.");
  public static final Setting<Double> INGEST_REQUEST_SHARE =
      of(
          "ingest.request.share",
          SHARE,
          "0.7",
          "The share of that limit that Flowmeter may use. The rest is for other tools.");
  public static final Setting<Integer> INGEST_CONCURRENCY =
      of("ingest.concurrency", integer(1, 64), "8", "Maximum number of requests in flight.");

  public static final Setting<ErrorPrivacy> PRIVACY_ERRORS =
      of(
          "privacy.errors",
          oneOf(ErrorPrivacy.class),
          "scrubbed",
          "What is stored of the names and messages of errors: see privacy.md.");

  public static final Setting<Optional<String>> PRIVACY_IDS_KEY =
      optional(
              "privacy.ids.key",
              TEXT,
              "At least 16 characters. With it, instance IDs are published as a keyed hash: see"
                  + " privacy.md. Set it before the first start, and keep it.")
          .hidden();
  public static final Setting<Optional<Path>> PRIVACY_IDS_KEY_FILE =
      optional("privacy.ids.key.file", PATH, "A file holding it, readable by its owner only.");

  public static final Setting<LogFormat> LOG_FORMAT =
      of(
          "log.format",
          oneOf(LogFormat.class),
          "text",
          "Format of log lines: text for people, or one JSON object per line. See operations.md.");

  public static final Setting<String> METRICS_HOST =
      of(
          "metrics.host",
          TEXT,
          "127.0.0.1",
          "Where `ingest`, `stream` and `up` serve Prometheus metrics: see metrics.md.");
  public static final Setting<Optional<Integer>> METRICS_PORT =
      of(
          "metrics.port",
          PORT_OR_OFF,
          "9464",
          "Preferred port of the metrics. If it is taken, any free one.");

  public static final Setting<String> PREVIEW_HOST =
      of("preview.host", TEXT, "127.0.0.1", "Where `up` serves the dashboards as a page.");
  public static final Setting<Optional<Integer>> PREVIEW_PORT =
      of(
          "preview.port",
          PORT_OR_OFF,
          "8080",
          "Preferred port of that page. If it is taken, any free one.");

  public static final Setting<Optional<String>> LISTEN_PASSWORD =
      optional(
              "listen.password",
              TEXT,
              "Password of the metrics and the page, of at least 16 characters: for user"
                  + " `flowmeter`, or as a bearer token. Required if their address is not loopback."
                  + " Without it, `/live` and `/ready` show one line only.")
          .hidden();
  public static final Setting<Optional<Path>> LISTEN_PASSWORD_FILE =
      optional("listen.password.file", PATH, "A file holding it, readable by its owner only.");

  public static final Setting<Path> DATA_DIR =
      of(
          "data.dir",
          PATH,
          "./data",
          "The directory in which `up` keeps everything, `stream` its stores and `rebuild` its log.");

  public static final Setting<Optional<String>> KAFKA_BOOTSTRAP_SERVERS =
      optional(
          "kafka.bootstrap.servers",
          BROKERS,
          "Brokers of an existing Kafka. Without it `up` starts one.");
  public static final Setting<Optional<URI>> REGISTRY_URL =
      optional(
          "registry.url",
          URL,
          "An existing Schema Registry with the Confluent API. Without it `up` starts one.");
  public static final Setting<Optional<URI>> CLICKHOUSE_URL =
      optional(
          "clickhouse.url",
          SERVER,
          "An existing ClickHouse server's HTTP interface. Without it `up` starts one.");
  public static final Setting<Optional<String>> CLICKHOUSE_CLUSTER =
      optional(
          "clickhouse.cluster",
          TEXT,
          "The ClickHouse cluster whose nodes get the tables. Without it, a single server. It cannot"
              + " be changed later. A test has a server parse the statements for a cluster; they were"
              + " not run on one.");
  public static final Setting<Optional<List<URI>>> CLICKHOUSE_FALLBACK_URLS =
      optional(
          "clickhouse.fallback.urls",
          SERVERS,
          "More servers with the same data, each used if the one before is unavailable.");
  public static final Setting<String> CLICKHOUSE_USER =
      of(
          "clickhouse.user",
          TEXT,
          "flowmeter_writer",
          "The user that migrates and writes. sql/README.md lists its rights.");
  public static final Setting<Optional<String>> CLICKHOUSE_PASSWORD =
      optional("clickhouse.password", TEXT, "The writer's password.").hidden();
  public static final Setting<Optional<Path>> CLICKHOUSE_PASSWORD_FILE =
      optional("clickhouse.password.file", PATH, "A file holding it, readable by its owner only.");
  public static final Setting<String> CLICKHOUSE_READER_USER =
      of(
          "clickhouse.reader.user",
          TEXT,
          "flowmeter_reader",
          "The user that reads, for `flowmeter sql`, `top` and the page of `up`.");
  public static final Setting<Optional<String>> CLICKHOUSE_READER_PASSWORD =
      optional("clickhouse.reader.password", TEXT, "The reader's password.").hidden();
  public static final Setting<Optional<Path>> CLICKHOUSE_READER_PASSWORD_FILE =
      optional(
          "clickhouse.reader.password.file",
          PATH,
          "A file holding it, readable by its owner only.");

  public static final Setting<Period> RETENTION_FACTS =
      of("retention.facts", PERIOD, "13mo", "How long runs, steps and attempts are kept.");
  public static final Setting<Period> RETENTION_ROLLUPS =
      of("retention.rollups", PERIOD, "3y", "How long minutes and status counts are kept.");

  public static final Setting<Integer> PLAN_RUNNING_LIMIT =
      of(
          "plan.running.limit",
          integer(1, 10_000_000),
          "50000",
          "The number of instances that the account's plan lets run at once. Saturation refers to it."
              + " `migrate` and `up` apply it.");
  public static final Setting<Double> SLO_OBJECTIVE =
      of(
          "slo.objective",
          PART,
          "0.99",
          "The share of runs that should complete. Error budgets refer to it. `migrate` and `up` apply"
              + " it.");

  public static final Setting<Integer> TOPICS_PARTITIONS =
      of(
          "topics.partitions",
          integer(1, 1_000),
          "4",
          "Partitions of each topic, and so the maximum of stream tasks. It cannot be changed later.");
  public static final Setting<Optional<Integer>> TOPICS_REPLICATION =
      optional(
          "topics.replication",
          integer(1, 100),
          "Replicas of each partition. With three or more, all but one must have a record before it is"
              + " committed. Without it, the cluster's default.");

  public static final Setting<Integer> STREAM_THREADS =
      of("stream.threads", integer(1, 256), "1", "Threads of the topology in this process.");
  public static final Setting<Optional<Path>> STREAM_STATE_DIR =
      optional(
          "stream.state.dir",
          PATH,
          "The directory of the stores of `stream`. Without it: `streams` in the data directory.");

  public static final Setting<Duration> WRITER_LINGER =
      of(
          "writer.linger",
          DURATION,
          "1s",
          "Time between two inserts into a table, unless a batch is full. Longer: fewer inserts and"
              + " merges. Shorter: rows are visible sooner. The totals of `collector_minutes` wait ten"
              + " times as long.");

  public static final Setting<Integer> EMBEDDED_KAFKA_PORT =
      of("embedded.kafka.port", PORT, "9092", "Preferred port of the Kafka that `up` starts.");
  public static final Setting<Integer> EMBEDDED_REGISTRY_PORT =
      of(
          "embedded.registry.port",
          PORT,
          "8081",
          "Preferred port of the registry that `up` starts.");
  public static final Setting<Integer> EMBEDDED_CLICKHOUSE_PORT =
      of(
          "embedded.clickhouse.port",
          PORT,
          "8123",
          "Preferred port of the ClickHouse that `up` starts.");
  public static final Setting<Optional<Path>> EMBEDDED_CLICKHOUSE_ENGINE =
      optional(
          "embedded.clickhouse.engine",
          PATH,
          "Folder with the engine of that ClickHouse, `libchdb.so`. Without it `up` installs the"
              + " engine with npm, once.");

  public static final Setting<Clock> CLOCK =
      of(
          "clock",
          Kind.CLOCK,
          "",
          "Internal, for simulated days: the clock of all processes. Without it, the system's.");

  /** Every setting, in the order of the documentation. */
  public static final List<Setting<?>> ALL =
      List.of(
          SOURCE_URL,
          ACCOUNT_ID,
          API_TOKEN,
          API_TOKEN_FILE,
          INGEST_INTERVAL,
          INGEST_REQUEST_LIMIT,
          INGEST_REQUEST_SHARE,
          INGEST_CONCURRENCY,
          PRIVACY_ERRORS,
          PRIVACY_IDS_KEY,
          PRIVACY_IDS_KEY_FILE,
          LOG_FORMAT,
          METRICS_HOST,
          METRICS_PORT,
          PREVIEW_HOST,
          PREVIEW_PORT,
          LISTEN_PASSWORD,
          LISTEN_PASSWORD_FILE,
          DATA_DIR,
          KAFKA_BOOTSTRAP_SERVERS,
          REGISTRY_URL,
          CLICKHOUSE_URL,
          CLICKHOUSE_CLUSTER,
          CLICKHOUSE_FALLBACK_URLS,
          CLICKHOUSE_USER,
          CLICKHOUSE_PASSWORD,
          CLICKHOUSE_PASSWORD_FILE,
          CLICKHOUSE_READER_USER,
          CLICKHOUSE_READER_PASSWORD,
          CLICKHOUSE_READER_PASSWORD_FILE,
          RETENTION_FACTS,
          RETENTION_ROLLUPS,
          PLAN_RUNNING_LIMIT,
          SLO_OBJECTIVE,
          TOPICS_PARTITIONS,
          TOPICS_REPLICATION,
          STREAM_THREADS,
          STREAM_STATE_DIR,
          WRITER_LINGER,
          EMBEDDED_KAFKA_PORT,
          EMBEDDED_REGISTRY_PORT,
          EMBEDDED_CLICKHOUSE_PORT,
          EMBEDDED_CLICKHOUSE_ENGINE,
          CLOCK);

  /** Those that name a file with a secret in it. */
  static final List<Setting<Optional<Path>>> SECRET_FILES =
      List.of(
          API_TOKEN_FILE,
          PRIVACY_IDS_KEY_FILE,
          LISTEN_PASSWORD_FILE,
          CLICKHOUSE_PASSWORD_FILE,
          CLICKHOUSE_READER_PASSWORD_FILE);

  /** {@code FLOWMETER_} and the name in capitals, dots as underscores. */
  public String variable() {
    return variableOf(name);
  }

  static String variableOf(String name) {
    return "FLOWMETER_" + name.toUpperCase(Locale.ROOT).replace('.', '_');
  }

  private static <T> Setting<T> of(String name, Kind<T> kind, String preset, String description) {
    return new Setting<>(name, preset, kind.expected(), false, "", description, kind.parse());
  }

  private static <T> Setting<Optional<T>> optional(String name, Kind<T> kind, String description) {
    return new Setting<>(
        name,
        "",
        kind.expected(),
        false,
        "",
        description,
        text -> text.isEmpty() ? Optional.empty() : Optional.of(kind.parse().apply(text)));
  }

  private Setting<T> hidden() {
    return new Setting<>(name, preset, expected, true, otherVariable, description, parse);
  }

  private Setting<T> alsoReads(String variable) {
    return new Setting<>(name, preset, expected, secret, variable, description, parse);
  }
}
