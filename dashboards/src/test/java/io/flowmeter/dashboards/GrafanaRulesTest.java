package io.flowmeter.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.flowmeter.dashboards.pages.DashboardBuilder;
import io.flowmeter.dashboards.pages.Pages;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What Grafana's front end does with a dashboard and never complains about: each rule was seen in
 * Grafana 12.2 with version 4.20 of the data source's plugin.
 */
class GrafanaRulesTest {

  /** A page of 1440 pixels without the menu, over 24 columns. */
  private static final double COLUMN_PIXELS = (1440 - 300) / 24.0;

  /** About a letter of a panel's title in the default theme. */
  private static final double LETTER_PIXELS = 7.6;

  /** What stands beside a title: margins, and the mark of the description. */
  private static final int BESIDE_TITLE_PIXELS = 80;

  private static final Pattern VARIABLE = Pattern.compile("[?&](?:var-(\\w+)=|\\$\\{(\\w+):)");
  private static final Pattern PASSED = Pattern.compile("\\$\\{(\\w+):queryparam}");
  private static final Pattern TARGET = Pattern.compile("/d/([\\w-]+)\\?.*");

  /** A panel, named for the test report. */
  record Named(DashboardBuilder dashboard, JsonNode panel) {
    @Override
    public String toString() {
      return dashboard.uid() + ": " + panel.path("title").asText();
    }
  }

  static List<DashboardBuilder> pages() {
    return Pages.all();
  }

  static List<Named> panels() {
    return pages().stream()
        .flatMap(
            dashboard ->
                each(dashboard.json().path("panels")).stream().map(p -> new Named(dashboard, p)))
        .filter(named -> !named.panel().path("type").asText().equals("row"))
        .toList();
  }

  static List<Named> tables() {
    return ofType("table");
  }

  static List<Named> stats() {
    return ofType("stat");
  }

  static List<Named> heatmaps() {
    return ofType("heatmap");
  }

  private static List<Named> ofType(String type) {
    return panels().stream()
        .filter(named -> named.panel().path("type").asText().equals(type))
        .toList();
  }

  /**
   * The formatter of unit "short" takes a text of digits for a number: a link gets "1.80 Tri".
   * Later overrides win, so that this one must come first ({@code getDisplayProcessor} and {@code
   * applyFieldOverrides} in grafana-data).
   */
  @ParameterizedTest
  @MethodSource("tables")
  void textsOfDigitsStayTexts(Named named) {
    JsonNode first = named.panel().at("/fieldConfig/overrides/0");

    assertThat(first.at("/matcher/id").asText()).isEqualTo("byType");
    assertThat(first.at("/matcher/options").asText()).isEqualTo("string");
    assertThat(first.at("/properties/0/id").asText()).isEqualTo("unit");
    assertThat(first.at("/properties/0/value").asText()).isEqualTo("string");
  }

  /** A column is 150 pixels wide at least unless its panel says less: others are out of sight. */
  @ParameterizedTest
  @MethodSource("tables")
  void columnsMayBeNarrow(Named named) {
    assertThat(named.panel().at("/fieldConfig/defaults/custom/minWidth").asInt()).isEqualTo(70);
    assertThat(named.panel().at("/fieldConfig/defaults/custom/filterable").asBoolean()).isFalse();
  }

  @ParameterizedTest
  @MethodSource("tables")
  void everyColumnHasAHeadingInPlainWords(Named named) {
    for (JsonNode override : named.panel().at("/fieldConfig/overrides")) {
      if (override.at("/matcher/id").asText().equals("byName")) {
        assertThat(property(override, "displayName").asText())
            .as(override.at("/matcher/options").asText())
            .isNotEmpty()
            .doesNotContain("_");
      }
    }
  }

  /** A title that does not fit is cut off. */
  @ParameterizedTest
  @MethodSource("panels")
  void aTitleFitsItsPanel(Named named) {
    String title = named.panel().path("title").asText();
    double pixels = named.panel().at("/gridPos/w").asInt() * COLUMN_PIXELS;

    assertThat(title.split(" ")).hasSizeLessThanOrEqualTo(6);
    assertThat(title.length() * LETTER_PIXELS + BESIDE_TITLE_PIXELS).as(title).isLessThan(pixels);
  }

  @ParameterizedTest
  @MethodSource("stats")
  void aStatIsWideEnoughForItsTitle(Named named) {
    assertThat(named.panel().at("/gridPos/w").asInt()).isGreaterThanOrEqualTo(4);
    assertThat(named.panel().path("title").asText()).hasSizeLessThanOrEqualTo(22);
  }

  /**
   * A time series without rows has no fields, which the panel cannot draw: a TypeError in its
   * place. A table without rows keeps them.
   */
  @ParameterizedTest
  @MethodSource("heatmaps")
  void aHeatMapAsksForATable(Named named) {
    assertThat(named.panel().at("/targets/0/format").asInt()).isEqualTo(1);
  }

  @ParameterizedTest
  @MethodSource("pages")
  void noTitleIsThereTwice(DashboardBuilder dashboard) {
    assertThat(each(dashboard.json().path("panels")))
        .extracting(panel -> panel.path("title").asText())
        .doesNotHaveDuplicates();
  }

  /** The plugin asks nothing for a variable of a query type that it does not know. */
  @ParameterizedTest
  @MethodSource("pages")
  void variablesAreAskedForInSql(DashboardBuilder dashboard) {
    for (JsonNode variable : dashboard.json().at("/templating/list")) {
      if (variable.path("type").asText().equals("query")) {
        assertThat(variable.at("/query/queryType").asText()).isEqualTo("sql");
      }
    }
  }

  /**
   * Grafana's own links with {@code includeVars} pass {@code $__all} to a page that shows one
   * workflow, whose queries fail. So each link names what it passes, and both pages choose it in
   * the same way.
   */
  @Test
  void aLinkPassesOnlyWhatBothPagesChooseInTheSameWay() {
    Map<String, Map<String, Boolean>> several = new HashMap<>();
    for (DashboardBuilder dashboard : pages()) {
      several.put(dashboard.uid(), variables(dashboard));
    }
    for (DashboardBuilder dashboard : pages()) {
      for (JsonNode link : dashboard.json().path("links")) {
        assertThat(link.path("type").asText()).isEqualTo("link");
        assertThat(link.path("includeVars").asBoolean()).isFalse();
        assertThat(link.path("keepTime").asBoolean()).isTrue();
      }
      List<String> urls = urls(dashboard.json());
      assertThat(urls).hasSizeGreaterThan(4);
      for (String url : urls) {
        Matcher target = TARGET.matcher(url);
        assertThat(target.matches()).as(url).isTrue();
        Map<String, Boolean> there = several.get(target.group(1));
        assertThat(there).as(url).isNotNull();
        VARIABLE
            .matcher(url)
            .results()
            .map(found -> found.group(1) == null ? found.group(2) : found.group(1))
            .filter(name -> !name.startsWith("__"))
            .forEach(name -> assertThat(there).as(url).containsKey(name));
        PASSED
            .matcher(url)
            .results()
            .map(found -> found.group(1))
            .forEach(
                name ->
                    assertThat(there.get(name))
                        .as("%s in %s", name, url)
                        .isEqualTo(variables(dashboard).get(name)));
      }
    }
  }

  private static Map<String, Boolean> variables(DashboardBuilder dashboard) {
    Map<String, Boolean> several = new HashMap<>();
    for (JsonNode variable : dashboard.json().at("/templating/list")) {
      several.put(variable.path("name").asText(), variable.path("multi").asBoolean());
    }
    return several;
  }

  /** Of the page's own links and of those of its values. */
  private static List<String> urls(ObjectNode page) {
    List<String> urls = new ArrayList<>();
    for (JsonNode link : page.findValues("links")) {
      link.forEach(each -> urls.add(each.path("url").asText()));
    }
    for (JsonNode overrides : page.findValues("overrides")) {
      for (JsonNode override : overrides) {
        property(override, "links").forEach(each -> urls.add(each.path("url").asText()));
      }
    }
    return urls;
  }

  private static JsonNode property(JsonNode override, String id) {
    for (JsonNode property : override.path("properties")) {
      if (property.path("id").asText().equals(id)) {
        return property.path("value");
      }
    }
    return MissingNode.getInstance();
  }

  private static List<JsonNode> each(JsonNode array) {
    List<JsonNode> all = new ArrayList<>();
    array.forEach(all::add);
    return all;
  }
}
