package io.flowmeter.dashboards.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.sql.ReadyQuery;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A page for each rule, and what the pages name exists. */
class RunbooksTest {

  static final List<AlertRule> RULES = AlertRules.ALL;

  private static final Path DOCS = Path.of(System.getProperty("flowmeter.home"), "docs");
  private static final Pattern READY_QUERY =
      Pattern.compile("flowmeter sql (?:--show )?([a-z][a-z_]+)");
  private static final Pattern METRIC = Pattern.compile("`(flowmeter_[a-z_]+)`");
  private static final Pattern LINK = Pattern.compile("]\\(([^)#]+)\\)");

  static List<Path> pages() throws IOException {
    try (Stream<Path> files = Files.list(DOCS.resolve("runbooks"))) {
      return files.sorted().toList();
    }
  }

  @ParameterizedTest
  @FieldSource("RULES")
  void everyRuleHasAPage(AlertRule rule) throws IOException {
    String page = Files.readString(DOCS.resolve("runbooks").resolve(rule.name() + ".md"));

    assertThat(page).startsWith("# " + rule.title() + "\n");
    assertThat(page.lines().filter(line -> line.startsWith("## ")))
        .containsExactly(
            "## What it means",
            "## Look first",
            "## Usual causes",
            "## What to do",
            "## When it is false");
  }

  @Test
  void everyPageIsOfARule() throws IOException {
    List<String> names = new ArrayList<>(RULES.stream().map(rule -> rule.name() + ".md").toList());
    names.add("README.md");

    assertThat(pages().stream().map(page -> page.getFileName().toString()))
        .containsExactlyInAnyOrderElementsOf(names);
  }

  @Test
  void theListIsInTheOrderOfTheRules() throws IOException {
    String list = Files.readString(DOCS.resolve("runbooks/README.md"));
    StringBuilder order = new StringBuilder();
    for (AlertRule rule : RULES) {
      order.append(".*\\Q| [%s](%s.md) | \\E".formatted(rule.title(), rule.name()));
      order.append(".*\\Q | %s |\\E".formatted(rule.severity().name().toLowerCase(Locale.ROOT)));
    }
    assertThat(list).containsPattern(Pattern.compile(order.toString(), Pattern.DOTALL));
  }

  @ParameterizedTest
  @MethodSource("pages")
  void whatAPageNamesExists(Path page) throws IOException {
    String text = Files.readString(page);

    assertThat(all(READY_QUERY, text))
        .isSubsetOf(ReadyQuery.all().stream().map(ReadyQuery::name).toList());
    assertThat(all(METRIC, text))
        .isSubsetOf(all(METRIC, Files.readString(DOCS.resolve("metrics.md"))));
    assertThat(all(LINK, text))
        .allSatisfy(link -> assertThat(page.resolveSibling(link)).isRegularFile());
  }

  private static List<String> all(Pattern pattern, String text) {
    return pattern.matcher(text).results().map((MatchResult found) -> found.group(1)).toList();
  }
}
