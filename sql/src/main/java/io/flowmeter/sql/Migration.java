package io.flowmeter.sql;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A step of the schema's life: a script of statements, each of which can be repeated.
 *
 * @param name the file's name without {@code .sql}, such as {@code V001__facts}; names sort in the
 *     order of application
 * @param script the file, placeholders not yet filled
 */
record Migration(String name, SqlScript script) {

  /**
   * All of them, in the order of application. {@code V…} changes what is stored: applied once, and
   * never edited after a release. {@code R…} says what stands on top of it: applied after all of
   * {@code V…}, and again whenever its text or a setting in it changes.
   */
  static final List<Migration> ALL =
      Stream.of(
              "V001__facts",
              "V002__minutes",
              "V003__hours_and_days",
              "V004__statuses",
              "V005__workflows",
              "V006__error_spikes",
              "V007__pipeline_health",
              "R001__functions",
              "R002__relations",
              "R003__retention",
              "R004__version_regressions",
              "R005__service_levels")
          .map(name -> new Migration(name, script(name)))
          .toList();

  private static SqlScript script(String name) {
    return new SqlScript(Metric.fill(SqlScript.resource("migrations/" + name + ".sql").text()));
  }

  boolean repeatable() {
    return name.startsWith("R");
  }

  /** What has to be the same for this migration to count as applied. */
  String checksum(Map<String, String> values) {
    return repeatable() ? script.with(values).checksum() : script.checksum();
  }

  List<String> statements(MigrationSettings settings) {
    List<String> statements = script.with(settings.placeholders()).statements();
    return settings
        .cluster()
        .map(Cluster::new)
        .map(cluster -> statements.stream().flatMap(each -> cluster.render(each).stream()).toList())
        .orElse(statements);
  }
}
