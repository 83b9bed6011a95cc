package io.flowmeter.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Renders the migrations, which are written for one server, for a ClickHouse cluster. Each table
 * {@code x_rows} becomes a replicated {@code x_rows_local} on every node, with a distributed {@code
 * x_rows} in front, so that views, queries and the writer stay as they are. All revisions of a key
 * have to meet on one shard, for replacing and {@code FINAL} work within one: rows are sharded by
 * parts of their key only.
 *
 * <p>What comes out was parsed by a real server, but not run on a cluster.
 *
 * @param name as the servers' configuration names it
 */
record Cluster(String name) {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]+");
  private static final Pattern CREATE_TABLE =
      Pattern.compile("^CREATE TABLE IF NOT EXISTS (\\w+_rows)$", Pattern.MULTILINE);
  private static final Pattern ENGINE =
      Pattern.compile("^ENGINE = (\\w*MergeTree)\\((.*)\\)$", Pattern.MULTILINE);
  private static final Pattern ALTER_TABLE =
      Pattern.compile("^ALTER TABLE (\\w+_rows)\\b", Pattern.MULTILINE);
  private static final Pattern DROP_VIEW =
      Pattern.compile("^DROP VIEW IF EXISTS (\\w+) SYNC$", Pattern.MULTILINE);
  private static final Pattern CREATE_OR_REPLACE =
      Pattern.compile("^CREATE OR REPLACE (VIEW|FUNCTION) (\\w+) AS\\b", Pattern.MULTILINE);

  private static final Pattern CREATE_MATERIALIZED_VIEW =
      Pattern.compile(
          "^CREATE MATERIALIZED VIEW IF NOT EXISTS (\\w+) REFRESH\\b", Pattern.MULTILINE);

  Cluster {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "expected a cluster's name of letters, digits, '_', '.' and '-', came " + name);
    }
  }

  /**
   * The statements that do on all nodes what one of a migration does on a single server.
   *
   * @throws IllegalArgumentException where the statement is of no kind that migrations have
   */
  List<String> render(String statement) {
    Matcher table = CREATE_TABLE.matcher(statement);
    if (table.find()) {
      String local =
          table.replaceFirst("CREATE TABLE IF NOT EXISTS " + table.group(1) + "_local" + on());
      return List.of(replicated(local, table.group(1) + "_local"), distributed(table.group(1)));
    }
    Matcher alter = ALTER_TABLE.matcher(statement);
    if (alter.find()) {
      List<String> statements = new ArrayList<>();
      statements.add(alter.replaceFirst("ALTER TABLE $1_local" + on()));
      if (changesColumns(statement)) {
        statements.add(distributed(alter.group(1)));
      }
      return statements;
    }
    Matcher dropView = DROP_VIEW.matcher(statement);
    if (dropView.find()) {
      return List.of(dropView.replaceFirst("DROP VIEW IF EXISTS $1" + on() + " SYNC"));
    }
    Matcher summed = CREATE_MATERIALIZED_VIEW.matcher(statement);
    if (summed.find()) {
      // Every node sums what all of them hold: the rows are the same, and upserts.
      return List.of(
          summed.replaceFirst(
              "CREATE MATERIALIZED VIEW IF NOT EXISTS $1"
                  + Matcher.quoteReplacement(on())
                  + " REFRESH"));
    }
    Matcher replaced = CREATE_OR_REPLACE.matcher(statement);
    if (replaced.find()) {
      return List.of(replaced.replaceFirst("CREATE OR REPLACE $1 $2" + on() + " AS"));
    }
    throw new IllegalArgumentException(
        "expected CREATE TABLE, ALTER TABLE, DROP VIEW, CREATE MATERIALIZED VIEW, or CREATE OR REPLACE"
            + " VIEW or FUNCTION, came: "
            + statement);
  }

  /** The database, on all nodes. */
  String database(String database) {
    return "CREATE DATABASE IF NOT EXISTS " + database + on();
  }

  /** A table of which every node of every shard keeps a copy. */
  String everywhere(String createTable, String table) {
    Matcher engine =
        ENGINE.matcher(createTable.replace(" " + table + "\n", " " + table + on() + "\n"));
    return engine.replaceFirst(
        Matcher.quoteReplacement(
            "ENGINE = Replicated%s('/clickhouse/tables/flowmeter/%s', '{shard}-{replica}', %s)"
                .formatted(group(engine, 1), table, group(engine, 2))));
  }

  private String replicated(String createTable, String table) {
    Matcher engine = ENGINE.matcher(createTable);
    return engine.replaceFirst(
        Matcher.quoteReplacement(
            "ENGINE = Replicated%s('/clickhouse/tables/{shard}/flowmeter/%s', '{replica}', %s)"
                .formatted(group(engine, 1), table, group(engine, 2))));
  }

  /** It holds nothing, so that it can be made anew whenever the columns behind it change. */
  private String distributed(String table) {
    return "CREATE OR REPLACE TABLE %s%s AS %s_local ENGINE = Distributed('%s', '%s', '%s_local', %s)"
        .formatted(
            table, on(), table, name, ClickHouseEndpoint.DATABASE, table, shardingKey(table));
  }

  /** Facts go by instance, so that what belongs together can be joined on its shard. */
  private static String shardingKey(String table) {
    return switch (table) {
      case "instances_rows", "transitions_rows", "step_runs_rows", "step_attempts_rows" ->
          "cityHash64(account_id, workflow, instance_id)";
      case "workflow_minutes_rows", "step_minutes_rows" ->
          "cityHash64(account_id, workflow, minute)";
      case "sums_rows" -> "cityHash64(sums)";
      case "collector_minutes_rows" -> "cityHash64(account_id, minute)";
      case "stream_minutes_rows" -> "cityHash64(minute)";
      default -> "cityHash64(account_id, workflow)";
    };
  }

  private static boolean changesColumns(String alter) {
    String text = alter.toUpperCase(Locale.ROOT);
    return text.contains(" ADD COLUMN")
        || text.contains(" DROP COLUMN")
        || text.contains(" RENAME COLUMN")
        || text.contains(" EPHEMERAL")
        || text.contains(" DEFAULT ");
  }

  private static String group(Matcher engine, int group) {
    engine.reset();
    if (!engine.find()) {
      throw new IllegalArgumentException("expected an ENGINE = …MergeTree(…) on a line of its own");
    }
    return engine.group(group);
  }

  private String on() {
    return " ON CLUSTER '" + name + "'";
  }
}
