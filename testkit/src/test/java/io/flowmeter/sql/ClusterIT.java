package io.flowmeter.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowmeter.testkit.ClickHouseServer;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What migrations are rendered to for a cluster: parsed by a real server, not run on one. */
class ClusterIT {

  @RegisterExtension static final ClickHouseServer server = new ClickHouseServer();

  private static final Cluster EAST = new Cluster("east");

  @Test
  void aTableIsReplicatedOnEveryShardWithADistributedOneInFront() {
    assertThat(
            EAST.render(
                """
                -- Why.
                CREATE TABLE IF NOT EXISTS step_minutes_rows
                (
                    minute DateTime('UTC')
                )
                ENGINE = ReplacingMergeTree(revision, deleted)
                ORDER BY (minute)"""))
        .containsExactly(
            """
            -- Why.
            CREATE TABLE IF NOT EXISTS step_minutes_rows_local ON CLUSTER 'east'
            (
                minute DateTime('UTC')
            )
            ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/flowmeter/step_minutes_rows_local', '{replica}', revision, deleted)
            ORDER BY (minute)""",
            "CREATE OR REPLACE TABLE step_minutes_rows ON CLUSTER 'east' AS step_minutes_rows_local"
                + " ENGINE = Distributed('east', 'flowmeter', 'step_minutes_rows_local',"
                + " cityHash64(account_id, workflow, minute))");
  }

  @Test
  void whatStandsInFrontIsMadeAnewWhenColumnsChange() {
    assertThat(EAST.render("ALTER TABLE instances_rows MODIFY TTL x"))
        .containsExactly("ALTER TABLE instances_rows_local ON CLUSTER 'east' MODIFY TTL x");
    assertThat(EAST.render("ALTER TABLE instances_rows ADD COLUMN a String"))
        .hasSize(2)
        .last()
        .asString()
        .startsWith("CREATE OR REPLACE TABLE instances_rows ON CLUSTER 'east'");
  }

  @Test
  void aViewThatSumsIsDroppedOnEveryNodeToBeReplaced() {
    assertThat(EAST.render("DROP VIEW IF EXISTS step_hours_summed SYNC"))
        .containsExactly("DROP VIEW IF EXISTS step_hours_summed ON CLUSTER 'east' SYNC");
  }

  @Test
  void rowsAreShardedByPartsOfTheirKeyOnlySoThatRevisionsMeet() throws SQLException {
    server.startAfresh();
    for (String table :
        server.texts(
            "SELECT name FROM system.tables WHERE database = 'flowmeter' AND name LIKE '%_rows'")) {
      String key =
          server
              .texts(
                  "SELECT sorting_key FROM system.tables WHERE database = 'flowmeter' AND name = '%s'"
                      .formatted(table))
              .get(0);
      String front = EAST.render("ALTER TABLE " + table + " ADD COLUMN a String").get(1);
      String sharding = front.replaceFirst(".*cityHash64\\((.*)\\)\\)$", "$1");
      assertThat(List.of(key.split(", "))).as(table).contains(sharding.split(", "));
    }
  }

  @Test
  void everyRenderedStatementIsParsedByARealServer() throws SQLException {
    MigrationSettings settings = MigrationSettings.defaults().withCluster(Optional.of("east"));
    List<String> statements = new ArrayList<>();
    for (Migration migration : Migration.ALL) {
      statements.addAll(migration.statements(settings));
    }
    statements.add(EAST.database("flowmeter"));
    statements.add(EAST.everywhere(Migrator.HISTORY, "schema_migrations"));

    server.startAfresh();
    for (String statement : statements) {
      assertThat(statement).contains(" ON CLUSTER 'east'");
      assertThat(server.texts("EXPLAIN AST " + statement)).as(statement).isNotEmpty();
    }
  }

  @Test
  void whatIsOfNoKnownKindIsRefused() {
    assertThatThrownBy(() -> EAST.render("DROP TABLE instances_rows"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("came: DROP TABLE");
    assertThatThrownBy(() -> new Cluster("east'; --")).isInstanceOf(IllegalArgumentException.class);
  }
}
