package io.flowmeter.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MetricTest {

  private static final Path HOME = Path.of(System.getProperty("flowmeter.home"));
  private static final Path PAGE = HOME.resolve("docs/definitions.md");
  private static final String BEGIN = "<!-- ratios: begin -->\n";
  private static final String END = "<!-- ratios: end -->";

  /** Where SQL is written: texts with metrics are filled in where they are loaded. */
  private static final List<String> SQL =
      List.of(
          "sql/src/main/resources",
          "dashboards/src/main",
          "cli/src/main/resources",
          "preview/src/main",
          "dev/src/main");

  /** A sum divided by another, of columns that metrics divide. */
  private static final Pattern QUOTIENT =
      Pattern.compile(
          "(?:sum|sumIf)\\([^/\\n]*\\b(?:completed|errored|terminated|retries|attempts|failed|timed_out|exhausted"
              + "|recovered|first_attempt_ok|fetched|sampled|lost_ms|attempt_ms_sum)\\b[^/\\n]*\\)\\s*/"
              + "\\s*(?:nullIf\\(|sum)");

  @Test
  void aMetricIsASumDividedByAnother() {
    assertThat(Metric.RETRY_RATE.sql("runs_between"))
        .isEqualTo("sum(retries) / nullIf(sum(attempts), 0)");
  }

  @Test
  void aTextNamesMetricsOverARelationAnAliasAndACondition() {
    assertThat(Metric.fill("SELECT <<retry_rate of runs_between>> AS r"))
        .isEqualTo("SELECT sum(retries) / nullIf(sum(attempts), 0) AS r");
    assertThat(Metric.fill("<<error_rate of runs_between m>>"))
        .isEqualTo("sum(m.errored) / nullIf(sum(m.completed + m.errored + m.terminated), 0)");
    assertThat(Metric.fill("<<retry_rate of runs_between if minute >= now()>>"))
        .isEqualTo("sumIf(retries, minute >= now()) / nullIf(sumIf(attempts, minute >= now()), 0)");
    assertThat(Metric.fill("<<retry_rate of runs_between r if NOT is_new>>"))
        .isEqualTo("sumIf(r.retries, NOT is_new) / nullIf(sumIf(r.attempts, NOT is_new), 0)");
  }

  @Test
  void whatIsNoMetricIsRefusedWithThoseThatAre() {
    assertThatThrownBy(() -> Metric.fill("<<retry_rat of runs_between>>"))
        .hasMessageContaining("retry_rate")
        .hasMessageEndingWith("but got retry_rat");
    assertThatThrownBy(() -> Metric.fill("<<retried_share of runs_between>>"))
        .hasMessage("Expected retried_share over one of step_runs, but got runs_between");
    assertThatThrownBy(() -> Metric.fill("<<retry_rate>>"))
        .hasMessageContaining("but got <<retry_rate>>");
  }

  @Test
  void everyDefinitionIsOneSentence() {
    for (Metric metric : Metric.values()) {
      assertThat(metric.definition()).as(metric.key()).endsWith(".").hasSizeLessThan(110);
    }
  }

  /** To accept a change, run with {@code -Dgolden.update=true} and commit the page. */
  @Test
  void thePageOfDefinitionsHasEveryMetric() throws IOException {
    String page = Files.readString(PAGE);
    int begin = page.indexOf(BEGIN) + BEGIN.length();
    String expected = page.substring(0, begin) + table() + page.substring(page.indexOf(END));
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(PAGE, expected);
    }
    assertThat(Files.readString(PAGE)).isEqualTo(expected);
  }

  private static String table() {
    return "| ratio | definition | numerator ÷ denominator | relations |\n|---|---|---|---|\n"
        + Stream.of(Metric.values())
            .map(
                metric ->
                    "| %s | %s | %s ÷ %s | `%s` |\n"
                        .formatted(
                            metric.title(),
                            metric.definition(),
                            metric.numerator(),
                            metric.denominator(),
                            String.join("`, `", metric.relations())))
            .collect(Collectors.joining());
  }

  /** What is defined twice is sooner or later defined in two ways. */
  @Test
  void noQueryDefinesAMetricOfItsOwn() throws IOException {
    for (String folder : SQL) {
      try (Stream<Path> files = Files.walk(HOME.resolve(folder))) {
        for (Path file : files.filter(MetricTest::hasSql).toList()) {
          assertThat(
                  QUOTIENT
                      .matcher(Files.readString(file))
                      .results()
                      .map(MatchResult::group)
                      // A share of a running total is of no metric.
                      .filter(quotient -> !quotient.contains(" OVER ")))
              .as(file.toString())
              .isEmpty();
        }
      }
    }
  }

  private static boolean hasSql(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".sql") || name.endsWith(".java");
  }
}
