package io.flowmeter.dashboards.alerts;

import io.flowmeter.dashboards.alerts.AlertRule.Area;
import io.flowmeter.dashboards.alerts.AlertRule.Look;
import io.flowmeter.dashboards.alerts.AlertRule.Severity;
import io.flowmeter.dashboards.alerts.AlertRule.Silence;
import java.time.Duration;
import java.util.List;

/** All alert rules, critical ones first. */
public final class AlertRules {

  private static final Duration EVERY_MINUTE = Duration.ofMinutes(1);

  /** What looks at a week of steps, or for errors in all that is kept. */
  private static final Duration EVERY_5_MINUTES = Duration.ofMinutes(5);

  private static final Duration AT_ONCE = Duration.ZERO;

  /** In the order of docs/runbooks. */
  public static final List<AlertRule> ALL =
      List.of(
          new AlertRule(
              "error_spike",
              "Error spike",
              0,
              EVERY_MINUTE,
              AT_ONCE,
              Severity.CRITICAL,
              Area.WORKFLOWS,
              Look.at("flowmeter-workflow", "Error spikes", "workflow"),
              Silence.CALM,
              "{{ $labels.workflow }}: an error spike is open",
              "{{ printf \"%.0f\" $values.B.Value }} % of the runs of {{ $labels.workflow }} errored since it started. The"
                  + " workflow's own recent past makes that improbable."),
          new AlertRule(
              "error_budget_burns_fast",
              "Fast error budget burn",
              14.4,
              EVERY_MINUTE,
              Duration.ofMinutes(2),
              Severity.CRITICAL,
              Area.WORKFLOWS,
              Look.at("flowmeter-workflow", "Error budget burn rate", "workflow"),
              Silence.CALM,
              "{{ $labels.workflow }}: the error budget burns {{ printf \"%.1f\" $values.B.Value }} times too fast",
              "In the last hour and in the last 5 min, runs of {{ $labels.workflow }} failed so often that 2 % of 30"
                  + " days' error budget is gone within an hour."),
          new AlertRule(
              "collector_silent",
              "No data from collector",
              5,
              EVERY_MINUTE,
              Duration.ofMinutes(2),
              Severity.CRITICAL,
              Area.FLOWMETER,
              Look.at("flowmeter-health", "Collector heartbeat"),
              Silence.TROUBLE,
              "{{ with $labels.account_id }}Account {{ . }}: {{ end }}no data from the collector",
              "{{ with $values.B }}For {{ printf \"%.0f\" .Value }} min it has sent the API no request, or every request"
                  + " failed.{{ else }}No minute of the last 7 days is known.{{ end }} Until it works again, the other"
                  + " alerts see nothing new."),
          new AlertRule(
              "error_budget_burns_slow",
              "Slow error budget burn",
              6,
              EVERY_MINUTE,
              Duration.ofMinutes(5),
              Severity.WARNING,
              Area.WORKFLOWS,
              Look.at("flowmeter-workflow", "Error budget burn rate", "workflow"),
              Silence.CALM,
              "{{ $labels.workflow }}: the error budget burns {{ printf \"%.1f\" $values.B.Value }} times too fast",
              "In the last 6 h and in the last 30 min, runs of {{ $labels.workflow }} failed so often that 30"
                  + " days' error budget is gone within 5 days."),
          new AlertRule(
              "stuck_instances",
              "Stuck instances",
              0,
              EVERY_5_MINUTES,
              Duration.ofMinutes(5),
              Severity.WARNING,
              Area.WORKFLOWS,
              Look.at("flowmeter-workflow", "Stuck runs", "workflow"),
              Silence.CALM,
              "{{ $labels.workflow }}: {{ printf \"%.0f\" $values.B.Value }} stuck in {{ $labels.step }}",
              "Each is in this step for more than 3 × its p99 of the last week."),
          new AlertRule(
              "backlog_not_draining",
              "Queue backlog growing",
              0,
              EVERY_MINUTE,
              Duration.ofMinutes(10),
              Severity.WARNING,
              Area.WORKFLOWS,
              Look.at("flowmeter-workflow", "Queue drain time", "workflow"),
              Silence.CALM,
              "{{ $labels.workflow }}: {{ printf \"%.0f\" $values.B.Value }} runs are queued, and starts do not exceed arrivals",
              "In the 15 min before the last sweep, no more runs of {{ $labels.workflow }} started than arrived. More runs"
                  + " are queued than started in that time."),
          new AlertRule(
              "exhausted_retries",
              "Retries exhausted",
              10,
              EVERY_MINUTE,
              Duration.ofMinutes(5),
              Severity.WARNING,
              Area.WORKFLOWS,
              Look.at("flowmeter-step", "Retries exhausted", "workflow", "step"),
              Silence.CALM,
              "{{ $labels.workflow }}: {{ $labels.step }} exhausted its retries in {{ printf \"%.0f\" $values.B.Value }} %"
                  + " of its runs",
              "In the last 30 min, at least 5 runs of the step failed with their last retry: more than 10 %."),
          new AlertRule(
              "new_error_group",
              "New error since deploy",
              2,
              EVERY_5_MINUTES,
              AT_ONCE,
              Severity.WARNING,
              Area.DEPLOYS,
              Look.at("flowmeter-errors", "New errors since deploy", "workflow"),
              Silence.CALM,
              "{{ $labels.workflow }}: version {{ $labels.version_id }} fails in a new way",
              "{{ printf \"%.0f\" $values.B.Value }} runs of it failed in {{ with $labels.step }}step {{ . }}{{ else }}no"
                  + " step{{ end }} with an error that no other version had."),
          new AlertRule(
              "near_limit",
              "Concurrency limit near",
              80,
              EVERY_MINUTE,
              Duration.ofMinutes(5),
              Severity.WARNING,
              Area.WORKFLOWS,
              Look.at("flowmeter-overview", "Concurrency saturation"),
              Silence.CALM,
              "Account {{ $labels.account_id }}: {{ printf \"%.0f\" $values.B.Value }} % of the running instances that the plan"
                  + " allows",
              "At 100 % new instances wait in the queue until others end."),
          new AlertRule(
              "pipeline_delayed",
              "Pipeline delayed",
              10,
              EVERY_MINUTE,
              Duration.ofMinutes(5),
              Severity.WARNING,
              Area.FLOWMETER,
              Look.at("flowmeter-health", "Data freshness"),
              Silence.CALM,
              "Account {{ $labels.account_id }}: the data is {{ printf \"%.0f\" $values.B.Value }} min old",
              "The collector polls the API, but the topology or the writer is behind. All other alerts are late by as"
                  + " much."),
          new AlertRule(
              "drift",
              "Status count drift",
              2,
              EVERY_MINUTE,
              AT_ONCE,
              Severity.WARNING,
              Area.FLOWMETER,
              Look.at("flowmeter-health", "Sweep status by workflow", "workflow"),
              Silence.CALM,
              "{{ $labels.workflow }}: the count of {{ $labels.status }} differs from the API's",
              "It did in {{ printf \"%.0f\" $values.B.Value }} consecutive sweeps. Each of them saw the API's count unchanged."));

  private AlertRules() {}
}
