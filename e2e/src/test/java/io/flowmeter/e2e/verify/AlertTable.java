package io.flowmeter.e2e.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.dashboards.alerts.AlertRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The table of docs/runbooks that says when each alert fires on the simulated day. */
record AlertTable(List<Line> lines) {

  private static final Pattern LINE =
      Pattern.compile(
          "\\| \\[[^]]+]\\((\\w+)\\.md\\) \\| (?:`([^`]+)`|–) \\| (?:(\\d+):(\\d\\d) to (\\d+):(\\d\\d)|silent) \\|");

  /** They fire where a busy machine keeps the poller from its requests for half a second. */
  private static final Set<String> OF_THE_MACHINE = Set.of("collector_silent", "pipeline_delayed");

  /**
   * A rule.
   *
   * @param fires for which workflow, and when; empty if it is silent
   */
  private record Line(String rule, Optional<Fires> fires) {}

  /**
   * @param from since the day's begin
   */
  private record Fires(String workflow, Duration from, Duration to) {}

  static AlertTable read() throws IOException {
    Path page = Path.of(System.getProperty("flowmeter.home"), "docs", "runbooks", "README.md");
    List<Line> lines =
        LINE.matcher(Files.readString(page)).results().map(AlertTable::line).toList();
    assertThat(lines)
        .extracting(Line::rule)
        .containsExactlyElementsOf(AlertRules.ALL.stream().map(rule -> rule.name()).toList());
    return new AlertTable(lines);
  }

  private static Line line(MatchResult found) {
    if (found.group(2) == null) {
      return new Line(found.group(1), Optional.empty());
    }
    return new Line(
        found.group(1), Optional.of(new Fires(found.group(2), time(found, 3), time(found, 5))));
  }

  private static Duration time(MatchResult found, int group) {
    return Duration.ofHours(Long.parseLong(found.group(group)))
        .plusMinutes(Long.parseLong(found.group(group + 1)));
  }

  /**
   * Each rule fires within its time, and for no other workflow.
   *
   * @param isSpikeKnown whether runs came in early enough for a spike in the outage
   */
  void compare(List<AlertsOnADay.Firing> firings, Instant begin, boolean isSpikeKnown) {
    for (Line line : lines) {
      List<AlertsOnADay.Firing> all =
          firings.stream().filter(firing -> firing.rule().equals(line.rule())).toList();
      if (line.fires().isEmpty()) {
        assertThat(OF_THE_MACHINE.contains(line.rule()) ? List.of() : all)
            .as("%s is silent", line.rule())
            .isEmpty();
        continue;
      }
      Fires due = line.fires().get();
      assertThat(all)
          .as(line.rule())
          .allMatch(firing -> firing.labels().split(" · ", -1)[0].equals(due.workflow()));
      if (isSpikeKnown || !line.rule().equals("error_spike")) {
        assertThat(all)
            .as("%s fires between %s and %s", line.rule(), due.from(), due.to())
            .anyMatch(
                firing ->
                    firing.from().isBefore(begin.plus(due.to()))
                        && firing.to().map(to -> to.isAfter(begin.plus(due.from()))).orElse(true));
      }
    }
  }
}
