package io.flowmeter.cli.migrate;

import io.flowmeter.cli.backend.Backends;
import io.flowmeter.cli.backend.KafkaUnavailableException;
import io.flowmeter.cli.backend.UnusableBackendException;
import io.flowmeter.cli.settings.Setting;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.schemas.KafkaProvisioner;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.SchemaRegistryException;
import io.flowmeter.schemas.Topic;
import io.flowmeter.schemas.Topics;
import io.flowmeter.sql.MigrationSettings;
import io.flowmeter.sql.Migrator;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;

/** Brings Kafka, the registry and ClickHouse to what this build needs. */
public final class BackendMigration {
  private static final int PATIENCE_S = 20;

  /** Relations that stand on the tables of others. */
  private static final List<String> VIEWS = List.of("error_groups");

  private BackendMigration() {}

  /** Topics, then compatibility and schemas in order. Returns what was done, a line each. */
  public static List<String> topicsAndSchemas(Backends backends) {
    try (SchemaRegistry registry = backends.registry()) {
      return topicsAndSchemas(backends, registry);
    }
  }

  /** The same with a registry client that is there already. */
  public static List<String> topicsAndSchemas(Backends backends, SchemaRegistry registry) {
    Settings settings = backends.settings();
    KafkaProvisioner.Settings catalogue =
        new KafkaProvisioner.Settings(
            settings.get(Setting.TOPICS_PARTITIONS),
            settings.get(Setting.TOPICS_REPLICATION).map(Integer::shortValue));
    try (Admin admin = backends.admin()) {
      // Both must answer before anything is made, so that all that was made is told.
      registry.compatibility(Topics.OBSERVATIONS.subject());
      return KafkaProvisioner.apply(admin, registry, catalogue);
    } catch (IllegalStateException e) {
      throw new UnusableBackendException(e.getMessage(), e);
    }
  }

  /** The migrations of ClickHouse. Returns what was done, a line each. */
  public static List<String> tables(Backends backends) {
    return Migrator.apply(backends.writer(), schema(backends.settings())).stream()
        .map(done -> "applied %s in %d ms".formatted(done.name(), done.took().toMillis()))
        .toList();
  }

  /** What the settings choose about the tables. */
  public static MigrationSettings schema(Settings settings) {
    return MigrationSettings.defaults()
        .withRetention(
            settings.get(Setting.RETENTION_FACTS), settings.get(Setting.RETENTION_ROLLUPS))
        .withServiceLevels(
            settings.get(Setting.PLAN_RUNNING_LIMIT), settings.get(Setting.SLO_OBJECTIVE))
        .withCluster(settings.get(Setting.CLICKHOUSE_CLUSTER));
  }

  /** Topics that are missing in Kafka. */
  public static List<String> missingTopics(Admin admin) {
    Set<String> existing = names(admin);
    List<String> expected = new ArrayList<>(Topics.ALL.stream().map(Topic::name).toList());
    expected.add(Topics.DEAD_LETTERS);
    return expected.stream().filter(name -> !existing.contains(name)).toList();
  }

  /**
   * The subjects that do not have this build's schema, or are not as compatible as they should be.
   *
   * @throws SchemaRegistryException where the registry cannot be asked
   */
  public static List<String> missingSchemas(SchemaRegistry registry) {
    List<String> wrong = new ArrayList<>();
    for (Topic<?> topic : Topics.ALL) {
      String mode = registry.compatibility(topic.subject());
      if (!isRegistered(registry, topic)) {
        wrong.add(topic.subject());
      } else if (!mode.equals(SchemaRegistry.FULL_TRANSITIVE)) {
        wrong.add(
            "%s (it is %s, not %s)"
                .formatted(
                    topic.subject(),
                    mode.isEmpty() ? "of the registry's default" : mode,
                    SchemaRegistry.FULL_TRANSITIVE));
      }
    }
    return wrong;
  }

  private static boolean isRegistered(SchemaRegistry registry, Topic<?> topic) {
    try {
      // Looked up both ways: what this build writes can be read then while the registry is away.
      registry.byId(registry.idOf(topic.subject(), topic.schema()));
      return true;
    } catch (SchemaRegistryException e) {
      return false;
    }
  }

  /** Relations that are missing in ClickHouse. */
  public static List<String> missingRelations(Connection connection) throws SQLException {
    Set<String> existing = new HashSet<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SHOW TABLES FROM flowmeter")) {
      while (rows.next()) {
        existing.add(rows.getString(1));
      }
    }
    return Stream.concat(Topics.OF_RELATIONS.stream().map(Topic::relation), VIEWS.stream())
        .filter(name -> !existing.contains(name))
        .toList();
  }

  private static Set<String> names(Admin admin) {
    try {
      return admin.listTopics().names().get(PATIENCE_S, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new UnusableBackendException(
          "Kafka could not list its topics: " + e.getCause().getMessage(), e.getCause());
    } catch (TimeoutException e) {
      throw new KafkaUnavailableException(
          "Kafka did not answer within " + PATIENCE_S + " s: is the address right, does it run?",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnusableBackendException("interrupted while Kafka listed its topics", e);
    }
  }
}
