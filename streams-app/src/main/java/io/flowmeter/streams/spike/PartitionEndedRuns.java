package io.flowmeter.streams.spike;

import io.flowmeter.schemas.ShallowCopy;
import io.flowmeter.schemas.fact.Instance;
import io.flowmeter.schemas.state.EndedMinute;
import io.flowmeter.schemas.state.EndedUntold;
import io.flowmeter.schemas.state.SweepTally;
import io.flowmeter.streams.rollup.Minutes;
import io.flowmeter.streams.run.RunChanged;
import io.flowmeter.streams.run.RunFacts;
import io.flowmeter.streams.run.Status;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Gathers, for each workflow, which runs of this partition ended when and how, and sends that on
 * with the sweep's end: as differences, so that a run is counted once however often it was seen.
 */
public final class PartitionEndedRuns {
  /** What ended longer ago is gathered by the hour: it is learnt from, but not looked at. */
  private static final Duration BY_MINUTE = Duration.ofHours(6);

  /** What ended longer ago says nothing any more. */
  private static final Duration BY_HOUR = Duration.ofDays(7);

  private PartitionEndedRuns() {}

  /** Stands before {@link Sweeps} in the same task and shares its store. */
  public static final class Gathering implements Processor<String, RunChanged, Void, Void> {
    private final String storeName;
    private KeyValueStore<String, EndedUntold> pending;

    public Gathering(String storeName) {
      this.storeName = storeName;
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
      pending = context.getStateStore(storeName);
    }

    @Override
    public void process(Record<String, RunChanged> record) {
      RunChanged change = record.value();
      Instant now = change.after().instance().getObservedAt();
      Optional<EndedMinute> before = change.before().flatMap(facts -> ended(facts, now));
      Optional<EndedMinute> after = ended(change.after(), now);
      if (before.equals(after)) {
        return;
      }
      String key = change.run().accountId() + '\0' + change.run().workflow();
      EndedUntold known = pending.get(key);
      EndedRuns runs = new EndedRuns(known == null ? List.of() : known.getMinutes());
      before.ifPresent(run -> runs.add(negative(run)));
      after.ifPresent(runs::add);
      pending.put(key, new EndedUntold(runs.minutes()));
    }
  }

  /** Puts what was gathered into the sweep's tally. */
  public static final class Sweeps
      extends ContextualProcessor<String, SweepTally, String, SweepTally> {
    private final String storeName;
    private KeyValueStore<String, EndedUntold> pending;

    public Sweeps(String storeName) {
      this.storeName = storeName;
    }

    @Override
    public void init(ProcessorContext<String, SweepTally> context) {
      super.init(context);
      pending = context.getStateStore(storeName);
    }

    @Override
    public void process(Record<String, SweepTally> record) {
      EndedUntold gathered = pending.delete(record.key());
      if (gathered != null) {
        record.value().setEnded(gathered.getMinutes());
      }
      context().forward(record);
    }
  }

  /** The run as one that ended by itself; empty for one that lives or was terminated. */
  private static Optional<EndedMinute> ended(RunFacts facts, Instant now) {
    Instance run = facts.instance();
    boolean errored = run.getStatus().equals(Status.ERRORED);
    if (!run.getEndKind().equals("api")
        || run.getEndedAt() == null
        || !(errored || run.getStatus().equals(Status.COMPLETE))
        || run.getEndedAt().isBefore(now.minus(BY_HOUR))) {
      return Optional.empty();
    }
    boolean longAgo = run.getEndedAt().isBefore(now.minus(BY_MINUTE));
    return Optional.of(
        new EndedMinute(
            longAgo ? run.getEndedAt().truncatedTo(ChronoUnit.HOURS) : Minutes.of(run.getEndedAt()),
            run.getVersionId(),
            1L,
            errored ? 1L : 0L,
            errored ? groups(run) : Map.of()));
  }

  /** What it failed with, where that is told. */
  private static Map<String, Long> groups(Instance run) {
    return run.getErrorGroup() == null ? Map.of() : Map.of(run.getErrorGroup(), 1L);
  }

  private static EndedMinute negative(EndedMinute run) {
    EndedMinute negative = ShallowCopy.of(run);
    negative.setFinished(-run.getFinished());
    negative.setErrored(-run.getErrored());
    negative.setGroups(
        run.getGroups().entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, group -> -group.getValue())));
    return negative;
  }
}
