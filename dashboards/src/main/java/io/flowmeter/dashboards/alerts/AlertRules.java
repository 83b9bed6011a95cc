package io.flowmeter.dashboards.alerts;

import io.flowmeter.dashboards.alerts.AlertRule.Area;
import io.flowmeter.dashboards.alerts.AlertRule.Look;
import io.flowmeter.dashboards.alerts.AlertRule.Severity;
import io.flowmeter.dashboards.alerts.AlertRule.Silence;
import java.time.Duration;
import java.util.List;

/** All alert rules, those that wake somebody first. */
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
              "Workflow fails much more often than usual",
              0,
              EVERY_MINUTE,
              AT_ONCE,
              Severity.CRITICAL,
              Area.WORKFLOWS,
              Look.at("flowmeter-workflow", "Error spikes", "workflow"),
              Silence.CALM,
              "{{ $labels.workflow }}: an error spike is open",
              "{{ printf \"%.0f\" $values.B.Value }} of 100 runs of {{ $labels.workflow }} errored since it began, which"
                  + " its own recent past makes improbable."),
          new AlertRule(
              "error_budget_burns_fast",
              "Error budget burns fast",
              14.4,
              EVERY_MINUTE,
              Duration.ofMinutes(2),
              Severity.CRITICAL,
              Area.WORKFLOWS,
              Look.at("flowmeter-workflow", "Error budget burn rate", "workflow"),
              Silence.CALM,
              "{{ $labels.workflow }}: the error budget burns {{ printf \"%.1f\" $values.B.Value }} times too fast",
              "In the last hour and in the last 5 minutes runs of {{ $labels.workflow }} failed so often that 2 % of 30"
                  + " days' error budget is gone within an hour."),
          new AlertRule(
              "collector_silent",
              "Collector tells nothing",
              5,
              EVERY_MINUTE,
              Duration.ofMinutes(2),
              Severity.CRITICAL,
              Area.FLOWMETER,
              Look.at("flowmeter-health", "Collector heartbeat"),
              Silence.TROUBLE,
              "{{ with $labels.account_id }}Account {{ . }}: {{ end }}nothing comes from the collector",
              "{{ with $values.B }}For {{ printf \"%.0f\" .Value }} minutes it has asked the API nothing, or all that it"
                  + " asked was in vain.{{ else }}No minute of the last 7 days is known.{{ end }} All other alerts are"
                  + " blind meanwhile."),
          new AlertRule(
              "error_budget_burns_slow",
              "Error budget burns slowly",
              6,
              EVERY_MINUTE,
              Duration.ofMinutes(5),
              Severity.WARNING,
              Area.WORKFLOWS,
              Look.at("flowmeter-workflow", "Error budget burn rate", "workflow"),
              Silence.CALM,
              "{{ $labels.workflow }}: the error budget burns {{ printf \"%.1f\" $values.B.Value }} times too fast",
              "In the last 6 hours and in the last 30 minutes runs of {{ $labels.workflow }} failed so often that 30"
                  + " days' error budget is gone within 5 days."),
          new AlertRule(
              "stuck_instances",
              "Instances are stuck in a step",
              0,
              EVERY_5_MINUTES,
              Duration.ofMinutes(5),
              Severity.WARNING,
              Area.WORKFLOWS,
              Look.at("flowmeter-workflow", "Stuck runs", "workflow"),
              Silence.CALM,
              "{{ $labels.workflow }}: {{ printf \"%.0f\" $values.B.Value }} stuck in {{ $labels.step }}",
              "They are in this step for more than 3 times as long as 99 of 100 of its runs in the last week took."),
          new AlertRule(
              "backlog_not_draining",
              "Queue grows and does not drain",
              0,
              EVERY_MINUTE,
              Duration.ofMinutes(10),
              Severity.WARNING,
              Area.WORKFLOWS,
              Look.at("flowmeter-workflow", "Queue drain time", "workflow"),
              Silence.CALM,
              "{{ $labels.workflow }}: {{ printf \"%.0f\" $values.B.Value }} runs are queued, and no more begin than come",
              "In the 15 minutes before the last sweep no more runs of {{ $labels.workflow }} began than came, and fewer"
                  + " began than are still queued."),
          new AlertRule(
              "exhausted_retries",
              "Step uses up its retries",
              10,
              EVERY_MINUTE,
              Duration.ofMinutes(5),
              Severity.WARNING,
              Area.WORKFLOWS,
              Look.at("flowmeter-step", "Retries exhausted", "workflow", "step"),
              Silence.CALM,
              "{{ $labels.workflow }}: {{ $labels.step }} used up its retries in {{ printf \"%.0f\" $values.B.Value }} of 100"
                  + " runs",
              "In the last 30 minutes at least 5 runs of the step failed with their last retry, and more than 10 of"
                  + " 100."),
          new AlertRule(
              "new_error_group",
              "New error since a deploy",
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
              "Running instances are near the plan's limit",
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
              "told_late",
              "Flowmeter tells late",
              10,
              EVERY_MINUTE,
              Duration.ofMinutes(5),
              Severity.WARNING,
              Area.FLOWMETER,
              Look.at("flowmeter-health", "Data freshness"),
              Silence.CALM,
              "Account {{ $labels.account_id }}: what is told is {{ printf \"%.0f\" $values.B.Value }} minutes old",
              "The collector sees the API, but what follows from it comes so much later. All other alerts come late by as"
                  + " much."),
          new AlertRule(
              "drift",
              "Flowmeter counts other than the API",
              2,
              EVERY_MINUTE,
              AT_ONCE,
              Severity.WARNING,
              Area.FLOWMETER,
              Look.at("flowmeter-health", "Sweep status by workflow", "workflow"),
              Silence.CALM,
              "{{ $labels.workflow }}: the count of {{ $labels.status }} differs from the API's",
              "It did in {{ printf \"%.0f\" $values.B.Value }} sweeps running, each of which saw the API's count unchanged."));

  private AlertRules() {}
}
