package io.flowmeter.dashboards.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.flowmeter.dashboards.alerts.AlertRule.Silence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The files in provisioning/alerting, as Grafana reads them. */
class RulesFileTest {

  static final List<AlertRule> RULES = AlertRules.ALL;

  private static final Path HOME = Path.of(System.getProperty("flowmeter.home"));
  private static final Path FOLDER = HOME.resolve("dashboards/provisioning/alerting");
  private static final Pattern LABEL = Pattern.compile("\\$labels\\.(\\w+)");

  /** What a label of the alert fills in the address of a dashboard. */
  private static final Pattern PARAMETER =
      Pattern.compile(
          "\\{\\{ with \\$labels\\.(\\w+) }}&var-(\\w+)=\\{\\{ urlquery \\. }}\\{\\{ end }}");

  /**
   * To write it anew: {@code mvn -pl dashboards -am test -Dtest=RulesFileTest
   * -Dsurefire.failIfNoSpecifiedTests=false -Dgolden.update=true}.
   */
  @Test
  void theProvisionedRulesAreThese() throws IOException {
    Path file = FOLDER.resolve("rules.yaml");
    String expected = RulesFile.of(RULES);
    if (Boolean.getBoolean("golden.update")) {
      Files.createDirectories(FOLDER);
      Files.writeString(file, expected);
    }

    assertThat(Files.readString(file)).isEqualTo(expected);
  }

  @Test
  void everyRuleIsProvisionedOnceInAGroupOfItsPace() throws IOException {
    assertThat(provisioned()).hasSameSizeAs(RULES);
    for (JsonNode group : read("rules.yaml").path("groups")) {
      Duration every = duration(group.path("interval"));
      for (JsonNode rule : group.path("rules")) {
        assertThat(RULES)
            .anyMatch(
                each -> each.uid().equals(rule.path("uid").asText()) && each.every().equals(every));
      }
    }
  }

  @ParameterizedTest
  @FieldSource("RULES")
  void aRuleSaysAllThatSomebodyNeedsWhoIsWoken(AlertRule rule) throws IOException {
    JsonNode provisioned = provisioned(rule);

    assertThat(provisioned.path("uid").asText()).hasSizeLessThanOrEqualTo(40);
    assertThat(provisioned.path("title").asText()).isEqualTo(rule.title());
    JsonNode annotations = provisioned.path("annotations");
    assertThat(annotations.path("summary").asText()).hasSizeBetween(20, 150);
    assertThat(annotations.path("description").asText()).endsWith(".");
    assertThat(annotations.path("runbook_url").asText())
        .isEqualTo("${FLOWMETER_RUNBOOKS}/" + rule.name() + ".md");
    JsonNode labels = provisioned.path("labels");
    assertThat(labels.path("service").asText()).isEqualTo("flowmeter");
    assertThat(labels.path("severity").asText()).isIn("critical", "warning");
    assertThat(labels.path("area").asText()).isIn("workflows", "deploys", "flowmeter");
    assertThat(duration(provisioned.path("for"))).isEqualTo(rule.lasts());
  }

  @ParameterizedTest
  @FieldSource("RULES")
  void noRowsAreCalmUnlessTheyAreTheTrouble(AlertRule rule) throws IOException {
    JsonNode provisioned = provisioned(rule);
    boolean trouble = rule.silence() == Silence.TROUBLE;

    assertThat(provisioned.path("noDataState").asText()).isEqualTo(trouble ? "Alerting" : "OK");
    assertThat(provisioned.path("execErrState").asText())
        .isEqualTo(trouble ? "Alerting" : "KeepLast");
  }

  @ParameterizedTest
  @FieldSource("RULES")
  void aRuleAsksTakesTheValueAndComparesIt(AlertRule rule) throws IOException {
    JsonNode provisioned = provisioned(rule);
    JsonNode query = provisioned.path("data").path(0);
    JsonNode value = provisioned.path("data").path(1).path("model");
    JsonNode condition = provisioned.path("data").path(2).path("model");

    assertThat(query.path("datasourceUid").asText()).isEqualTo("flowmeter");
    assertThat(query.path("model").path("rawSql").asText())
        .isEqualTo(rule.sql())
        .doesNotContain("$");
    assertThat(query.path("model").path("format").asInt()).isEqualTo(1);
    assertThat(query.path("model").path("editorType").asText()).isEqualTo("sql");
    assertThat(value.path("type").asText()).isEqualTo("reduce");
    assertThat(value.path("expression").asText()).isEqualTo("A");
    assertThat(condition.path("type").asText()).isEqualTo("threshold");
    assertThat(condition.path("expression").asText()).isEqualTo("B");
    assertThat(condition.at("/conditions/0/evaluator/type").asText()).isEqualTo("gt");
    assertThat(condition.at("/conditions/0/evaluator/params/0").asDouble()).isEqualTo(rule.above());
    assertThat(provisioned.path("condition").asText()).isEqualTo("C");
  }

  /** A label that the query does not give would show as {@code [no value]}. */
  @ParameterizedTest
  @FieldSource("RULES")
  void whatIsSaidNamesOnlyColumnsOfTheQuery(AlertRule rule) {
    String said = rule.summary() + rule.description();
    String columns = rule.sql().substring(rule.sql().lastIndexOf("\nSELECT"));
    Matcher label = LABEL.matcher(said);
    while (label.find()) {
      assertThat(columns).containsPattern("\\b" + label.group(1) + "\\b");
    }
    assertThat(said).contains("$values.B");
  }

  @Test
  void everyDashboardThatARuleNamesExists() throws IOException {
    List<String> dashboards = new ArrayList<>();
    try (Stream<Path> files = Files.list(HOME.resolve("dashboards/grafana"))) {
      for (Path file : files.toList()) {
        dashboards.add(new ObjectMapper().readTree(file.toFile()).path("uid").asText());
      }
    }
    for (JsonNode rule : provisioned()) {
      assertThat(dashboards).contains(rule.path("annotations").path("__dashboardUid__").asText());
    }
  }

  /**
   * Grafana rejects a rule with one of the two annotations, and loads no dashboard after that
   * ({@code AlertRule.SetDashboardAndPanelFromAnnotations} in its ngalert models).
   */
  @ParameterizedTest
  @FieldSource("RULES")
  void aRuleNamesThePanelThatShowsIt(AlertRule rule) throws IOException {
    JsonNode id = provisioned(rule).at("/annotations/__panelId__");
    Path file = HOME.resolve("dashboards/grafana").resolve(rule.look().dashboard() + ".json");
    List<String> titles = new ArrayList<>();
    for (JsonNode panel : new ObjectMapper().readTree(file.toFile()).path("panels")) {
      if (panel.path("id").asText().equals(id.asText())) {
        titles.add(panel.path("title").asText());
      }
    }

    assertThat(id.isTextual()).isTrue();
    assertThat(titles).containsExactly(rule.look().panel());
  }

  /** Else whoever is woken looks at the first workflow of the list, or of another account. */
  @ParameterizedTest
  @FieldSource("RULES")
  void anAlertLeadsToItsDashboardWithWhatItNames(AlertRule rule) throws IOException {
    String url = provisioned(rule).at("/annotations/dashboard_url").asText();
    String columns = rule.sql().substring(rule.sql().lastIndexOf("\nSELECT"));
    List<String> filled = new ArrayList<>();
    Matcher parameter = PARAMETER.matcher(url);
    while (parameter.find()) {
      assertThat(columns).containsPattern("\\b" + parameter.group(1) + "\\b");
      filled.add(parameter.group(2));
    }

    assertThat(url).startsWith("{{ externalURL }}d/" + rule.look().dashboard() + "?from=");
    assertThat(variables(rule.look().dashboard())).containsAll(filled);
    assertThat(filled).contains("account");
    assertThat(filled.contains("workflow")).isEqualTo(columns.contains("workflow"));
  }

  private static List<String> variables(String dashboard) throws IOException {
    Path file = HOME.resolve("dashboards/grafana").resolve(dashboard + ".json");
    List<String> names = new ArrayList<>();
    new ObjectMapper()
        .readTree(file.toFile())
        .at("/templating/list")
        .forEach(variable -> names.add(variable.path("name").asText()));
    return names;
  }

  @Test
  void everyAlertGoesToTheContactPointOfTheEnvironment() throws IOException {
    JsonNode contact = read("contact-points.yaml").at("/contactPoints/0");
    JsonNode policy = read("policies.yaml").at("/policies/0");

    assertThat(contact.at("/receivers/0/type").asText()).isEqualTo("webhook");
    assertThat(contact.at("/receivers/0/settings/url").asText())
        .isEqualTo("$FLOWMETER_ALERT_WEBHOOK");
    assertThat(policy.path("receiver").asText()).isEqualTo(contact.path("name").asText());
  }

  private static Duration duration(JsonNode text) {
    return Duration.parse("PT" + text.asText().toUpperCase(Locale.ROOT));
  }

  private static List<JsonNode> provisioned() throws IOException {
    List<JsonNode> rules = new ArrayList<>();
    for (JsonNode group : read("rules.yaml").path("groups")) {
      group.path("rules").forEach(rules::add);
    }
    return rules;
  }

  private static JsonNode provisioned(AlertRule rule) throws IOException {
    for (JsonNode each : provisioned()) {
      if (each.path("uid").asText().equals(rule.uid())) {
        return each;
      }
    }
    throw new AssertionError("rules.yaml has no " + rule.uid());
  }

  private static JsonNode read(String file) throws IOException {
    Yaml yaml = new Yaml(new SafeConstructor(new LoaderOptions()));
    Object content = yaml.load(Files.readString(FOLDER.resolve(file)));
    return new ObjectMapper().valueToTree(content);
  }
}
