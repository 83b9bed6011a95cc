package io.flowmeter.dashboards.alerts;

import io.flowmeter.sql.Metric;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * A rule that Grafana asks again and again. Its query answers with one row for each thing that may
 * be in trouble: text columns, which become the alert's labels, and the number {@code value}.
 * Labels name the thing and nothing that changes while it lasts, else it would be another alert
 * each time.
 *
 * @param name of the query's file, of the runbook, and at the end of the rule's uid
 * @param title as people read it; also the runbook's heading
 * @param above fires where the value is greater
 * @param every how often it is asked, whole minutes
 * @param lasts for how long it must be so; zero where the query already looks back
 * @param severity whom it wakes
 * @param area what it is about, for routing
 * @param look the dashboard to look at first, and what of it
 * @param silence what it means that the query has no rows
 * @param summary one line, with the labels' and the value's places as Grafana's templates have them
 * @param description what was found, in one or two sentences
 */
public record AlertRule(
    String name,
    String title,
    double above,
    Duration every,
    Duration lasts,
    Severity severity,
    Area area,
    Look look,
    Silence silence,
    String summary,
    String description) {

  /** Whom an alert wakes. */
  public enum Severity {
    /** Somebody, at night. */
    CRITICAL,
    /** Nobody: it is for the next morning. */
    WARNING
  }

  /** What an alert is about. */
  public enum Area {
    /** The workflows themselves: their owner. */
    WORKFLOWS,
    /** A new version: whoever deployed it. */
    DEPLOYS,
    /** Flowmeter: whoever runs it. */
    FLOWMETER
  }

  /**
   * A dashboard, narrowed down to what the alert is about.
   *
   * @param dashboard its uid
   * @param panel the title of the panel that shows it
   * @param variables those of its variables that labels of the alert fill, beside the account
   */
  public record Look(String dashboard, String panel, List<String> variables) {

    static Look at(String dashboard, String panel, String... variables) {
      return new Look(dashboard, panel, List.of(variables));
    }

    /**
     * Its address of the last six hours, as Grafana's templates fill it in: after the server's own,
     * which ends in a slash.
     */
    String path() {
      StringBuilder path = new StringBuilder("d/" + dashboard + "?from=now-6h&to=now");
      path.append(parameter("account", "account_id"));
      variables.forEach(variable -> path.append(parameter(variable, variable)));
      return path.toString();
    }

    private static String parameter(String variable, String label) {
      return "{{ with $labels." + label + " }}&var-" + variable + "={{ urlquery . }}{{ end }}";
    }
  }

  /** What no rows mean. */
  public enum Silence {
    /** Nothing is in trouble. */
    CALM,
    /** It is the trouble. */
    TROUBLE
  }

  /** Unique in Grafana, at most 40 characters. */
  public String uid() {
    return "flowmeter-" + name.replace('_', '-');
  }

  /** One statement without a semicolon, its leading comment lines included. */
  public String sql() {
    String file = name + ".sql";
    try (InputStream in = AlertRule.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException(
            "The alert's query " + file + " is missing from this build of Flowmeter");
      }
      String text = Metric.fill(new String(in.readAllBytes(), StandardCharsets.UTF_8).strip());
      if (!text.endsWith(";")) {
        throw new IllegalStateException("The alert's query " + file + " must end with a semicolon");
      }
      return text.substring(0, text.length() - 1);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the alert's query " + file, e);
    }
  }
}
