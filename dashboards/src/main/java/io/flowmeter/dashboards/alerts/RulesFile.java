package io.flowmeter.dashboards.alerts;

import static java.util.stream.Collectors.toList;

import io.flowmeter.dashboards.alerts.AlertRule.Silence;
import io.flowmeter.dashboards.pages.DashboardBuilder;
import io.flowmeter.dashboards.pages.Pages;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The rules as Grafana's file provisioning reads them. A query (A) is a table of one number and
 * texts, which Grafana takes for one number a row, labelled by the texts; B takes its value as it
 * is, and C compares it.
 *
 * @see <a
 *     href="https://grafana.com/docs/grafana/latest/alerting/set-up/provision-alerting-resources/file-provisioning/">the
 *     file's format</a>
 */
final class RulesFile {

  private static final String HEAD =
      """
      # Alert rules for Grafana 11.6 or newer, made from the queries and definitions of io.flowmeter.dashboards.alerts: change those.
      # Grafana fills in the environment variable:
      #   FLOWMETER_RUNBOOKS  where docs/runbooks can be read, without a slash at its end
      # It does so in annotations only in its newest versions: for others put it in yourself, as dashboards/README.md shows.
      apiVersion: 1

      groups:
      """;

  private static final String GROUP =
      """
        - orgId: 1
          name: %(group)
          folder: Flowmeter
          interval: %(every)
          rules:
      """;

  private static final String RULE =
      """
            - uid: %(uid)
              title: %(title)
              condition: C
              for: %(for)
              noDataState: %(noData)
              execErrState: %(error)
              annotations:
                summary: %(summary)
                description: %(description)
                runbook_url: "${FLOWMETER_RUNBOOKS}/%(name).md"
                dashboard_url: "{{ externalURL }}%(look)"
                __dashboardUid__: %(dashboard)
                __panelId__: "%(panel)"
              labels:
                service: flowmeter
                severity: %(severity)
                area: %(area)
              data:
                - refId: A
                  datasourceUid: flowmeter
                  queryType: table
                  relativeTimeRange:
                    from: 600
                    to: 0
                  model:
                    refId: A
                    datasource:
                      type: grafana-clickhouse-datasource
                      uid: flowmeter
                    editorType: sql
                    format: 1
                    queryType: table
                    pluginVersion: 4.20.0
                    intervalMs: 1000
                    maxDataPoints: 43200
                    rawSql: |-
      %(sql)
                - refId: B
                  datasourceUid: __expr__
                  relativeTimeRange:
                    from: 600
                    to: 0
                  model:
                    refId: B
                    datasource:
                      type: __expr__
                      uid: __expr__
                    type: reduce
                    expression: A
                    reducer: last
                    intervalMs: 1000
                    maxDataPoints: 43200
                - refId: C
                  datasourceUid: __expr__
                  relativeTimeRange:
                    from: 600
                    to: 0
                  model:
                    refId: C
                    datasource:
                      type: __expr__
                      uid: __expr__
                    type: threshold
                    expression: B
                    conditions:
                      - evaluator:
                          type: gt
                          params:
                            - %(above)
                    intervalMs: 1000
                    maxDataPoints: 43200
      """;

  private static final List<DashboardBuilder> PAGES = Pages.all();

  private RulesFile() {}

  /** The file's text: a group of rules for each pace at which they are asked. */
  static String of(List<AlertRule> rules) {
    Map<Duration, List<AlertRule>> groups =
        rules.stream().collect(Collectors.groupingBy(AlertRule::every, TreeMap::new, toList()));
    StringBuilder file = new StringBuilder(HEAD);
    groups.forEach(
        (every, each) -> {
          file.append(group(every));
          each.forEach(rule -> file.append(rule(rule)));
        });
    return file.toString();
  }

  private static String group(Duration every) {
    return GROUP
        .replace("%(group)", quoted("Flowmeter, every " + duration(every)))
        .replace("%(every)", duration(every));
  }

  private static String rule(AlertRule rule) {
    boolean tellsSilence = rule.silence() == Silence.TROUBLE;
    return RULE.replace("%(uid)", rule.uid())
        .replace("%(panel)", Integer.toString(panelId(rule)))
        .replace("%(dashboard)", rule.look().dashboard())
        .replace("%(look)", rule.look().path())
        .replace("%(title)", quoted(rule.title()))
        .replace("%(for)", duration(rule.lasts()))
        .replace("%(noData)", tellsSilence ? "Alerting" : "OK")
        // A server that is away is one alert, not one of each rule.
        .replace("%(error)", tellsSilence ? "Alerting" : "KeepLast")
        .replace("%(summary)", quoted(rule.summary()))
        .replace("%(description)", quoted(rule.description()))
        .replace("%(name)", rule.name())
        .replace("%(severity)", rule.severity().name().toLowerCase(Locale.ROOT))
        .replace("%(area)", rule.area().name().toLowerCase(Locale.ROOT))
        .replace("%(above)", Double.toString(rule.above()))
        .replace("%(sql)", rule.sql().indent(16).stripTrailing());
  }

  private static int panelId(AlertRule rule) {
    return PAGES.stream()
        .filter(dashboard -> dashboard.uid().equals(rule.look().dashboard()))
        .findFirst()
        .orElseThrow()
        .panelId(rule.look().panel());
  }

  private static String duration(Duration duration) {
    return duration.toSeconds() + "s";
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
