package io.flowmeter.cli.doctor;

import static io.flowmeter.cli.doctor.Finding.absent;
import static io.flowmeter.cli.doctor.Finding.fine;
import static io.flowmeter.cli.doctor.Finding.wrong;

import io.flowmeter.cli.data.Remembered;
import io.flowmeter.cli.data.Running;
import io.flowmeter.cli.data.UpDirectory;
import io.flowmeter.cli.migrate.Migration;
import io.flowmeter.cli.parts.Parts;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.source.ChosenSource;
import io.flowmeter.cli.source.SourceAddress;
import io.flowmeter.ingest.source.FaultException;
import io.flowmeter.ingest.source.SourceNotFoundException;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.SchemaRegistryException;
import io.flowmeter.schemas.Topics;
import io.flowmeter.sql.ClickHouseEndpoint;
import io.flowmeter.streams.StreamSettings;
import io.flowmeter.streams.rebuild.RebuildException;
import io.flowmeter.streams.rebuild.StrangeState;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.utils.AppInfoParser;

/** Looks at every part, changes nothing. */
public final class Examination {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /**
   * Of the last week, by workflow: steps whose names are folded, and step runs of no step's name.
   */
  private static final String STEP_NAMES =
      """
      SELECT workflow, uniqExactIf(step, position(step, '{}') > 0) AS folded,
             sumIf(runs, step = '(other)') AS other
      FROM step_hours
      WHERE hour >= now('UTC') - INTERVAL 7 DAY AND (position(step, '{}') > 0 OR step = '(other)')
      GROUP BY account_id, workflow
      ORDER BY other DESC, folded DESC, workflow
      LIMIT 20""";

  private final Parts parts;

  public Examination(Parts parts) {
    this.parts = parts;
  }

  /** Java, and what the build needs. */
  public List<Finding> versions() {
    List<Finding> found = new ArrayList<>();
    found.add(
        fine(
            "Java",
            "%s, %s at %s"
                .formatted(
                    Runtime.version(),
                    System.getProperty("java.vendor"),
                    System.getProperty("java.home"))));
    found.add(fine("Kafka client", AppInfoParser.getVersion()));
    for (String tool : List.of("node", "npm")) {
      found.add(
          versionOf(tool)
              .map(version -> fine(tool, version))
              .orElseGet(
                  () ->
                      absent(tool, "not on the PATH; needed to build, and for the local runtime")));
    }
    return found;
  }

  /** The data directory: whose it is, whether up runs in it. */
  public Finding dataDirectory() {
    Path directory = parts.settings().get(Setting.DATA_DIR);
    String subject = "data directory";
    Optional<Remembered> remembered;
    try {
      remembered = UpDirectory.remembered(directory);
    } catch (RuntimeException e) {
      return wrong(subject, e.getMessage());
    }
    if (remembered.isEmpty()) {
      return absent(subject, directory + " is not there yet; flowmeter up makes it");
    }
    String running =
        Running.in(directory)
            .map(up -> "up runs in it as process " + up.pid())
            .orElse("up is not running in it");
    return fine(
        subject,
        "%s, source %s, account %s; %s"
            .formatted(directory, remembered.get().source(), remembered.get().account(), running));
  }

  /** What is polled: one request, out of the same budget that polling has. */
  public Finding source() {
    String subject = "source";
    try {
      Path directory = parts.settings().get(Setting.DATA_DIR);
      ChosenSource chosen =
          ChosenSource.choose(parts.settings(), UpDirectory.remembered(directory), directory);
      if (chosen instanceof ChosenSource.Polled polled) {
        return fine(subject, SourceAddress.of(polled, parts.settings()).ask(parts.settings()));
      }
      return absent(subject, "none is set; flowmeter up polls the built-in simulator");
    } catch (SourceNotFoundException | FaultException | RuntimeException e) {
      return wrong(subject, reason(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return wrong(subject, "interrupted");
    }
  }

  /** Kafka and its topics. */
  public List<Finding> kafka() {
    if (parts.bootstrapServers().isEmpty()) {
      return List.of(notConfigured("Kafka", Setting.KAFKA_BOOTSTRAP_SERVERS));
    }
    String where = parts.bootstrapServers().get();
    try (Admin admin = parts.admin(PATIENCE)) {
      var cluster = admin.describeCluster();
      int brokers = cluster.nodes().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS).size();
      String id = cluster.clusterId().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      Finding here = fine("Kafka", "%s: cluster %s, %d broker(s)".formatted(where, id, brokers));
      List<String> missing = Migration.missingTopics(admin);
      return List.of(
          here,
          missing.isEmpty()
              ? fine("topics", "all %d are there".formatted(Topics.ALL.size() + 1))
              : wrong(
                  "topics", "missing: " + String.join(", ", missing) + ". Run flowmeter migrate"),
          generation());
    } catch (ExecutionException | TimeoutException | RuntimeException e) {
      return List.of(
          wrong(
              "Kafka",
              "%s: asked for the cluster, came %s. Check kafka.bootstrap.servers, kafka.security.protocol and kafka.sasl.*, and that the brokers' advertised addresses can be reached from here"
                  .formatted(where, reason(e))));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of(wrong("Kafka", "interrupted"));
    }
  }

  private Finding generation() {
    try {
      StreamSettings streams = parts.streamSettings(parts.kafka());
      return StrangeState.of(streams)
          .map(strange -> wrong("state", strange))
          .orElseGet(() -> fine("state", "generation " + streams.generation()));
    } catch (RebuildException e) {
      return wrong("state", e.getMessage());
    }
  }

  /** The registry, its subjects and their compatibility. */
  public List<Finding> registry() {
    if (parts.registryUrl().isEmpty()) {
      return List.of(notConfigured("Schema Registry", Setting.REGISTRY_URL));
    }
    URI url = parts.registryUrl().get();
    try (SchemaRegistry registry = parts.registry()) {
      // Asks for credentials and the right path at once; an unknown subject answers as well.
      registry.compatibility(Topics.OBSERVATIONS.subject());
      Finding here = fine("Schema Registry", url + registryVersion(url));
      List<String> wrong = Migration.missingSchemas(registry);
      return List.of(
          here,
          wrong.isEmpty()
              ? fine(
                  "schemas",
                  "all %d subjects are registered and %s"
                      .formatted(Topics.ALL.size(), SchemaRegistry.FULL_TRANSITIVE))
              : wrong(
                  "schemas",
                  "missing or wrong: " + String.join(", ", wrong) + ". Run flowmeter migrate"));
    } catch (SchemaRegistryException e) {
      return List.of(
          wrong(
              "Schema Registry",
              reason(e)
                  + " Set registry.url (Apicurio's ends in /apis/ccompat/v7) and registry.basic.auth.*"));
    }
  }

  /** ClickHouse, its users and its relations. */
  public List<Finding> clickHouse() {
    if (parts.clickHouseUrl().isEmpty()) {
      return List.of(notConfigured("ClickHouse", Setting.CLICKHOUSE_URL));
    }
    List<Finding> found = new ArrayList<>();
    ClickHouseEndpoint writer = parts.writer();
    try (Connection connection = writer.connect()) {
      found.add(
          fine(
              "ClickHouse",
              "%s: version %s, as %s"
                  .formatted(writer.url(), one(connection, "SELECT version()"), writer.user())));
      List<String> missing = Migration.missingRelations(connection);
      found.add(
          missing.isEmpty()
              ? fine(
                  "relations",
                  "all %d are there; migrations: %s"
                      .formatted(
                          Topics.OF_RELATIONS.size(),
                          one(
                              connection,
                              "SELECT arrayStringConcat(arraySort(groupArray(name)), ', ') FROM schema_migrations FINAL")))
              : wrong(
                  "relations",
                  "missing: " + String.join(", ", missing) + ". Run flowmeter migrate"));
      if (missing.isEmpty()) {
        found.add(stepNames(connection));
      }
    } catch (SQLException e) {
      found.add(wrong("ClickHouse", refused(writer, e)));
      return found;
    }
    ClickHouseEndpoint reader = parts.reader();
    try (Connection connection = reader.connect()) {
      found.add(fine("reader", one(connection, "SELECT currentUser()") + " may log in"));
    } catch (SQLException e) {
      found.add(wrong("reader", refused(reader, e)));
    }
    return found;
  }

  /** Workflows of which so many steps were seen that names were folded. */
  private static Finding stepNames(Connection connection) throws SQLException {
    String subject = "step names";
    List<String> folded = new ArrayList<>();
    List<String> other = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(STEP_NAMES)) {
      while (row.next()) {
        String workflow = row.getString("workflow");
        if (row.getLong("folded") > 0) {
          folded.add("%s (%,d steps)".formatted(workflow, row.getLong("folded")));
        }
        if (row.getLong("other") > 0) {
          other.add("%s (%,d step runs)".formatted(workflow, row.getLong("other")));
        }
      }
    }
    String foldedText =
        folded.isEmpty()
            ? "none had to be folded in the last week"
            : "ids are folded to {} since there are more than 200: " + String.join(", ", folded);
    return other.isEmpty()
        ? fine(subject, foldedText)
        : wrong(
            subject,
            "more than 1,000 even without ids, so that new ones are (other): %s. Keep what differs from run to run out of the names of steps%s"
                .formatted(
                    String.join(", ", other), folded.isEmpty() ? "" : ". Also, " + foldedText));
  }

  private Finding notConfigured(String subject, Setting<?> setting) {
    return absent(
        subject,
        "%s is not set and up is not running; flowmeter up starts one".formatted(setting.name()));
  }

  private static String refused(ClickHouseEndpoint endpoint, SQLException e) {
    return "%s: came %s. Check clickhouse.url, the user and the password; without the database, run flowmeter migrate"
        .formatted(endpoint, reason(e));
  }

  private static String one(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? row.getString(1) : "";
    }
  }

  private static String reason(Throwable e) {
    Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
    if (cause instanceof TimeoutException) {
      return "nothing within " + PATIENCE.toSeconds() + " s";
    }
    // The driver's own message tells of attempts; why they failed stands below it.
    while (e instanceof SQLException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null ? cause.toString() : cause.getMessage().strip();
  }

  /** Registries tell their version under different addresses, or not at all. */
  private static String registryVersion(URI url) {
    boolean apicurio = url.getPath().contains("/apis/ccompat");
    URI asked = url.resolve(apicurio ? "/apis/registry/v2/system/info" : "/v1/metadata/version");
    try {
      var answer =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(asked).timeout(PATIENCE).build(), BodyHandlers.ofString());
      return answer.statusCode() == 200
          ? answer.body().replaceFirst("(?s).*\"version\"\\s*:\\s*\"([^\"]+)\".*", ": version $1")
          : "";
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  private static Optional<String> versionOf(String tool) {
    try {
      Process process = new ProcessBuilder(tool, "--version").redirectErrorStream(true).start();
      process.getOutputStream().close();
      if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        return Optional.of("does not tell its version");
      }
      return Optional.of(
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip());
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
