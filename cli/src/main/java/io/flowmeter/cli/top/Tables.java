package io.flowmeter.cli.top;

import static io.flowmeter.cli.top.Table.Column.number;
import static io.flowmeter.cli.top.Table.Column.text;

import io.flowmeter.cli.top.Cell.Tone;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;

/** The figures as tables. */
final class Tables {
  /** Below this share of successes a workflow stands out. */
  private static final double POOR = 0.95;

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("MM-dd HH:mm").withZone(ZoneOffset.UTC);

  private Tables() {}

  /** A row for each workflow; the account stands in it where there are several. */
  static Table workflows(Figures figures, View view) {
    boolean accounts =
        figures.workflows().stream().map(Figures.Workflow::account).distinct().count() > 1;
    List<Table.Column> columns = new ArrayList<>();
    if (accounts) {
      columns.add(text("ACCOUNT", 4, 1));
    }
    columns.addAll(
        List.of(
            text("WORKFLOW", 0, 2),
            number("QUEUED", 1),
            number("RUNNING", 1),
            number("WAITING", 6),
            number("PAUSED", 7),
            number("ENDED/MIN", 2),
            number("SUCCESS", 0),
            number("RETRIES", 3),
            number("P95", 2),
            number("LOST", 2),
            number("SPIKES", 1)));
    Comparator<Figures.Workflow> order = view.order().comparator();
    List<List<Cell>> rows =
        figures.workflows().stream()
            .sorted(view.reversed() ? order.reversed() : order)
            .map(workflow -> workflow(workflow, accounts))
            .toList();
    return new Table(columns, rows);
  }

  private static List<Cell> workflow(Figures.Workflow workflow, boolean accounts) {
    List<Cell> cells = new ArrayList<>();
    if (accounts) {
      cells.add(Cell.text(workflow.account()));
    }
    Cell name = Cell.text(workflow.name());
    cells.addAll(
        List.of(
            workflow.openSpikes() > 0 ? name.toned(Tone.BAD) : name,
            Cell.count(workflow.queued()),
            Cell.count(workflow.running()),
            Cell.count(workflow.waiting()),
            Cell.count(workflow.paused()),
            Cell.perMinute(workflow.endedAMinute()),
            success(workflow.successShare()),
            Cell.share(workflow.retryRate()),
            Cell.duration(workflow.p95Ms()),
            Cell.duration(workflow.lostMs()),
            spikes(workflow)));
    return cells;
  }

  private static Cell success(OptionalDouble share) {
    Cell cell = Cell.share(share);
    return share.isPresent() && share.getAsDouble() < POOR ? cell.toned(Tone.BAD) : cell;
  }

  private static Cell spikes(Figures.Workflow workflow) {
    return workflow.openSpikes() > 0 ? new Cell("open", Tone.BAD) : Cell.count(workflow.spikes());
  }

  static Table steps(Figures figures) {
    List<Table.Column> columns =
        List.of(
            text("WORKFLOW", 1, 2),
            text("STEP", 0, 3),
            number("RUNS", 4),
            number("FAILED", 0),
            number("EXHAUSTED", 5),
            number("RETRIES", 2),
            number("P95", 3),
            number("LOST", 1));
    List<List<Cell>> rows =
        figures.steps().stream()
            .map(
                step ->
                    List.of(
                        Cell.text(step.workflow()),
                        Cell.text(step.name()),
                        Cell.count(step.runs()),
                        Cell.count(step.failures()),
                        Cell.count(step.exhausted()),
                        Cell.share(step.retryRate()),
                        Cell.duration(step.p95Ms()),
                        Cell.duration(step.lostMs())))
            .toList();
    return new Table(columns, rows);
  }

  /** Times of the day of the last sweep are told to the second, others with their date. */
  static Table errors(Figures figures) {
    List<Table.Column> columns =
        List.of(
            number("AT", 0),
            text("WORKFLOW", 1, 2),
            text("INSTANCE", 3, 2),
            text("STEP", 2, 2),
            text("ERROR", 0, 5));
    LocalDate today =
        figures
            .seenAt()
            .or(() -> figures.errors().stream().map(Figures.Failure::at).findFirst())
            .map(Tables::date)
            .orElse(LocalDate.EPOCH);
    List<List<Cell>> rows =
        figures.errors().stream()
            .map(
                failure ->
                    List.of(
                        new Cell(at(failure.at(), today), Tone.DIM),
                        Cell.text(failure.workflow()),
                        Cell.text(failure.instance()),
                        Cell.text(failure.step()),
                        Cell.text(error(failure))))
            .toList();
    return new Table(columns, rows);
  }

  static String time(Instant time) {
    return TIME.format(time);
  }

  private static String at(Instant time, LocalDate today) {
    return date(time).equals(today) ? TIME.format(time) : DAY.format(time);
  }

  private static LocalDate date(Instant time) {
    return LocalDate.ofInstant(time, ZoneOffset.UTC);
  }

  private static String error(Figures.Failure failure) {
    if (failure.error().isEmpty() && failure.message().isEmpty()) {
      return failure.status();
    }
    return failure.message().isEmpty()
        ? failure.error()
        : failure.error() + ": " + failure.message();
  }
}
