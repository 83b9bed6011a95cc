package io.flowmeter.streams.run;

import io.flowmeter.clock.Clock;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.fact.Instance;
import io.flowmeter.schemas.fact.StepAttempt;
import io.flowmeter.schemas.fact.StepRun;
import io.flowmeter.schemas.fact.Transition;
import io.flowmeter.streams.run.RunFacts.StepFacts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;

/**
 * The rows of {@code instances}, {@code transitions}, {@code step_runs} and {@code step_attempts}
 * that a change of a run makes new, other or gone. They are of the time of the observation, unless
 * that is so long ago that Kafka would delete them before they are written.
 */
public final class FactRows
    extends ContextualProcessor<String, RunChanged, String, SpecificRecord> {

  private final Clock clock;

  public FactRows(Clock clock) {
    this.clock = clock;
  }

  @Override
  public void process(Record<String, RunChanged> record) {
    // All topics of facts are kept alike.
    long timestamp = Topics.INSTANCES.timestamp(record.timestamp(), clock.instant());
    for (SpecificRecord row : of(record.value())) {
      context().forward(new Record<>(record.key(), row, timestamp, record.headers()));
    }
  }

  /** Rows to upsert, each with the change's revision; what is gone is marked deleted. */
  static List<SpecificRecord> of(RunChanged change) {
    Upserts upserts = new Upserts(change.revision());
    RunFacts after = change.after();
    Optional<RunFacts> before = change.before();
    Optional<RunFacts> stepsBefore = before.map(facts -> facts.withoutStepsOf(after));
    RunFacts stepsAfter = before.map(after::withoutStepsOf).orElse(after);
    upserts.add(
        facts(before, f -> List.of(f.instance())), List.of(after.instance()), Instance::getRun);
    upserts.add(facts(before, RunFacts::transitions), after.transitions(), Transition::getSeq);
    upserts.add(
        facts(stepsBefore, FactRows::stepRuns), stepRuns(stepsAfter), StepRun::getStepIndex);
    upserts.add(
        facts(stepsBefore, FactRows::attempts),
        attempts(stepsAfter),
        row -> List.of(row.getStepIndex(), row.getAttempt()));
    return upserts.rows;
  }

  private static <T> List<T> facts(Optional<RunFacts> facts, Function<RunFacts, List<T>> which) {
    return facts.map(which).orElse(List.of());
  }

  private static List<StepRun> stepRuns(RunFacts facts) {
    return facts.steps().stream().map(StepFacts::stepRun).toList();
  }

  private static List<StepAttempt> attempts(RunFacts facts) {
    return facts.steps().stream().flatMap(step -> step.attempts().stream()).toList();
  }

  private record Upserts(long revision, List<SpecificRecord> rows) {
    Upserts(long revision) {
      this(revision, new ArrayList<>());
    }

    <T extends SpecificRecord> void add(List<T> before, List<T> after, Function<T, Object> key) {
      if (before.isEmpty()) {
        after.forEach(row -> rows.add(revised(row, false)));
        return;
      }
      Map<Object, T> gone = new LinkedHashMap<>();
      before.forEach(row -> gone.put(key.apply(row), row));
      for (T row : after) {
        T published = gone.remove(key.apply(row));
        if (!row.equals(published)) {
          rows.add(revised(row, false));
        }
      }
      gone.values().forEach(row -> rows.add(revised(row, true)));
    }

    /** In place: the row was derived for this change, and nobody else looks at its revision. */
    private <T extends SpecificRecord> T revised(T row, boolean deleted) {
      row.put(row.getSchema().getField("revision").pos(), revision);
      row.put(row.getSchema().getField("deleted").pos(), deleted);
      return row;
    }
  }
}
