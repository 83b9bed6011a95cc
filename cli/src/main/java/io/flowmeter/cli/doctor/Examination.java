package io.flowmeter.cli.doctor;

import static io.flowmeter.cli.doctor.Finding.absent;
import static io.flowmeter.cli.doctor.Finding.fine;
import static io.flowmeter.cli.doctor.Finding.wrong;

import io.flowmeter.cli.data.Remembered;
import io.flowmeter.cli.data.Running;
import io.flowmeter.cli.data.UpDirectory;
import io.flowmeter.cli.migrate.Migration;
import io.flowmeter.cli.parts.Parts;
import io.flowmeter.cli.parts.UnusablePartException;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
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
import java.net.URI;
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

/** Looks at every part, changes nothing. */
public final class Examination {
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

  private static final String SOURCE = "source";

  private final Parts parts;

  public Examination(Parts parts) {
    this.parts = parts;
  }

  /** Java, and what the build needs. */
  public List<Finding> versions() {
    return Versions.found();
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

  /** Where stores are kept. */
  public Finding stateDirectory() {
    return StateDirectory.of(
        parts
            .settings()
            .get(Setting.STREAM_STATE_DIR)
            .orElseGet(() -> parts.settings().get(Setting.DATA_DIR).resolve("streams")));
  }

  /** What is polled: two requests, out of the same budget that polling has. */
  public List<Finding> source() {
    Settings settings = parts.settings();
    try {
      Path directory = settings.get(Setting.DATA_DIR);
      ChosenSource chosen =
          ChosenSource.choose(settings, UpDirectory.remembered(directory), directory);
      if (chosen instanceof ChosenSource.Polled polled) {
        List<SourceAddress> all = SourceAddress.all(polled, settings);
        List<Finding> found = new ArrayList<>();
        for (SourceAddress address : all) {
          String account = address.account().orElse(chosen.account());
          found.addAll(
              source(address, account, all.size() == 1 ? "" : "account " + account + ": "));
        }
        return found;
      }
      return List.of(absent(SOURCE, "none is set; flowmeter up polls the built-in simulator"));
    } catch (RuntimeException e) {
      return List.of(wrong(SOURCE, Reason.of(e)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of(wrong(SOURCE, "interrupted"));
    }
  }

  /**
   * Of one account, whatever is found of others.
   *
   * @param whose what trouble begins with, so that it is known whose it is
   */
  private List<Finding> source(SourceAddress address, String account, String whose)
      throws InterruptedException {
    Settings settings = parts.settings();
    try {
      SourceAddress.Asked asked = address.ask(settings);
      return List.of(fine(SOURCE, asked.told()), Clocks.of("the API", asked.ahead()));
    } catch (FaultException e) {
      Finding trouble = SourceTrouble.of(e.fault(), account, settings.get(Setting.CLOCK).instant());
      return List.of(wrong(SOURCE, whose + trouble.what(), trouble.todo()));
    } catch (SourceNotFoundException | RuntimeException e) {
      return List.of(wrong(SOURCE, whose + Reason.of(e)));
    }
  }

  /** Kafka and its topics. */
  public List<Finding> kafka() {
    if (parts.bootstrapServers().isEmpty()) {
      return List.of(notConfigured("Kafka", Setting.KAFKA_BOOTSTRAP_SERVERS));
    }
    String where = parts.bootstrapServers().get();
    Admin admin = null;
    try {
      admin = parts.admin(Reason.PATIENCE);
      var cluster = admin.describeCluster();
      int brokers = cluster.nodes().get(Reason.PATIENCE.toMillis(), TimeUnit.MILLISECONDS).size();
      String id = cluster.clusterId().get(Reason.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      Finding here = fine("Kafka", "%s: cluster %s, %d broker(s)".formatted(where, id, brokers));
      List<String> missing = Migration.missingTopics(admin);
      List<Finding> found = new ArrayList<>();
      found.add(here);
      found.add(
          missing.isEmpty()
              ? fine("topics", "all %d are there".formatted(Topics.ALL.size() + 1))
              : wrong("topics", "missing: " + String.join(", ", missing), "Run flowmeter migrate"));
      if (missing.isEmpty()) {
        found.addAll(TopicSettings.of(admin, parts.settings()));
        found.addAll(pipeline(admin));
      }
      found.add(generation());
      return found;
    } catch (UnusablePartException e) {
      return List.of(wrong("Kafka", e.getMessage()));
    } catch (ExecutionException | TimeoutException | RuntimeException e) {
      return List.of(
          wrong(
              "Kafka",
              "%s: asked for the cluster, came %s".formatted(where, Reason.of(e)),
              "Check kafka.bootstrap.servers, kafka.security.protocol and kafka.sasl.*, and that the brokers' advertised addresses can be reached from here"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of(wrong("Kafka", "interrupted"));
    } finally {
      if (admin != null) {
        // What was not answered until now would be waited for for a minute.
        admin.close(Duration.ZERO);
      }
    }
  }

  /** Who works, how far behind they are, and what they could not process. */
  private List<Finding> pipeline(Admin admin)
      throws ExecutionException, TimeoutException, InterruptedException {
    List<Finding> found = new ArrayList<>();
    try {
      found.addAll(
          GroupsAtWork.of(
              admin,
              Settings.accounts(parts.settings().get(Setting.ACCOUNT_ID).orElse("")),
              parts.streamSettings(parts.kafka()).applicationId()));
    } catch (RebuildException e) {
      found.add(wrong("topology", e.getMessage()));
    }
    found.add(DeadLettersWaiting.of(admin, parts.kafka()));
    return found;
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
      Finding here = fine("Schema Registry", url + Versions.ofRegistry(url));
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
              Reason.of(e)
                  + " Set registry.url (Apicurio's ends in /apis/ccompat/v7) and registry.basic.auth.*"));
    } catch (RuntimeException e) {
      return List.of(
          wrong(
              "Schema Registry",
              Reason.withCause(e),
              "Check registry.url and the registry.* settings"));
    }
  }

  /** ClickHouse, its users and its relations. */
  public List<Finding> clickHouse() {
    if (parts.clickHouseUrl().isEmpty()) {
      return List.of(notConfigured("ClickHouse", Setting.CLICKHOUSE_URL));
    }
    List<Finding> found = new ArrayList<>();
    ClickHouseEndpoint writer;
    ClickHouseEndpoint reader;
    try {
      writer = parts.writer();
      reader = parts.reader();
    } catch (RuntimeException e) {
      return List.of(wrong("ClickHouse", Reason.of(e), "Check the clickhouse.* settings"));
    }
    try (Connection connection = writer.connect()) {
      found.add(
          fine(
              "ClickHouse",
              "%s: version %s, as %s"
                  .formatted(writer.url(), one(connection, "SELECT version()"), writer.user())));
      found.add(new Clocks(parts.settings().get(Setting.CLOCK)).ofClickHouse(connection));
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
        found.addAll(new ServerState(connection, writer.user()).findings());
      }
    } catch (SQLException e) {
      found.add(wrong("ClickHouse", refused(writer, e)));
      return found;
    }
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
        .formatted(endpoint, Reason.of(e));
  }

  private static String one(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? row.getString(1) : "";
    }
  }
}
