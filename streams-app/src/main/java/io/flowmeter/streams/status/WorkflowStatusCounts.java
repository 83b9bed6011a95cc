package io.flowmeter.streams.status;

import io.flowmeter.clock.Clock;
import io.flowmeter.schemas.ShallowCopy;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.rollup.StatusCount;
import io.flowmeter.schemas.rollup.StatusCountNow;
import io.flowmeter.schemas.state.GatheredSweep;
import io.flowmeter.schemas.state.SweepState;
import io.flowmeter.schemas.state.SweepTally;
import io.flowmeter.schemas.state.ToldCount;
import io.flowmeter.streams.rollup.Minutes;
import io.flowmeter.streams.run.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Relations {@code status_counts} and {@code status_counts_now}: sums the partitions' tallies of a
 * sweep once all of them are in, and holds them against what the API reported. Only what a sweep
 * changed is written. If nothing changed, one row of {@code status_counts_now} is written again
 * with the sweep's time, at most every {@link #TIME_EVERY}: the relation takes the latest time of a
 * workflow's rows for all of them.
 */
public final class WorkflowStatusCounts
    implements Processor<String, SweepTally, String, SpecificRecord> {
  /** How often the time of sweeps that changed nothing is written, by the API's clock. */
  static final Duration TIME_EVERY = Duration.ofSeconds(10);

  private static final int MOST_GATHERED = 60;
  private static final int MOST_MINUTES = 1_500;

  private final String storeName;
  private final Clock clock;
  private ProcessorContext<String, SpecificRecord> context;
  private KeyValueStore<String, SweepState> sweeps;

  public WorkflowStatusCounts(String storeName, Clock clock) {
    this.storeName = storeName;
    this.clock = clock;
  }

  @Override
  public void init(ProcessorContext<String, SpecificRecord> processorContext) {
    context = processorContext;
    sweeps = context.getStateStore(storeName);
  }

  @Override
  public void process(Record<String, SweepTally> record) {
    SweepTally tally = record.value();
    SweepState state =
        Optional.ofNullable(sweeps.get(record.key())).orElseGet(WorkflowStatusCounts::none);
    if (state.getToldAt() != null && !tally.getAt().isAfter(state.getToldAt())) {
      return; // a repeat of what was told, or overtaken by it
    }
    GatheredSweep sweep = gather(state, tally);
    if (sweep.getPartitions().size() == tally.getPartitions()) {
      publish(state, sweep.getSum(), record);
    }
    sweeps.put(record.key(), state);
  }

  private static SweepState none() {
    return SweepState.newBuilder().build();
  }

  /** Adds the tally to its sweep; a partition that repeats is counted once. */
  private static GatheredSweep gather(SweepState state, SweepTally tally) {
    List<GatheredSweep> gathering = new ArrayList<>(state.getGathering());
    GatheredSweep sweep =
        gathering.stream()
            .filter(known -> known.getSum().getSweep() == tally.getSweep())
            .findFirst()
            .orElse(null);
    if (sweep == null) {
      SweepTally empty = ShallowCopy.of(tally);
      empty.setCounts(Map.of());
      empty.setEnded(List.of());
      sweep = new GatheredSweep(empty, List.of());
      gathering.add(sweep);
      gathering.sort(Comparator.comparing(known -> known.getSum().getAt()));
    }
    if (!sweep.getPartitions().contains(tally.getPartition())) {
      List<Integer> partitions = new ArrayList<>(sweep.getPartitions());
      partitions.add(tally.getPartition());
      sweep.setPartitions(partitions);
      Map<String, Long> counts = new HashMap<>(sweep.getSum().getCounts());
      tally.getCounts().forEach((status, count) -> counts.merge(status, count, Long::sum));
      sweep.getSum().setCounts(counts);
    }
    state.setGathering(withoutSurplus(gathering));
    return sweep;
  }

  /**
   * Partitions that are far apart, as after a stop, have many sweeps under way. Beyond {@link
   * #MOST_GATHERED} only the last of each minute is needed: that is what {@code status_counts}
   * keeps.
   */
  private static List<GatheredSweep> withoutSurplus(List<GatheredSweep> gathering) {
    List<GatheredSweep> kept = new ArrayList<>();
    for (int i = 0; i < gathering.size(); i++) {
      boolean recent = i >= gathering.size() - MOST_GATHERED;
      boolean lastOfMinute =
          i == gathering.size() - 1
              || !minute(gathering.get(i)).equals(minute(gathering.get(i + 1)));
      if (recent || lastOfMinute) {
        kept.add(gathering.get(i));
      }
    }
    return kept.subList(Math.max(0, kept.size() - MOST_MINUTES), kept.size());
  }

  private static Instant minute(GatheredSweep sweep) {
    return Minutes.of(sweep.getSum().getAt());
  }

  private void publish(SweepState state, SweepTally sweep, Record<String, SweepTally> record) {
    Map<String, ToldCount> before = state.getTold();
    Map<String, ToldCount> published = counts(sweep, before);
    long revision = Math.max(clock.millis(), state.getRevision() + 1);
    Set<String> changed = new TreeSet<>(published.keySet());
    changed.removeIf(status -> published.get(status).equals(before.get(status)));
    Set<String> written = changed.isEmpty() ? timed(state, sweep, published) : changed;
    for (String status : written) {
      context.forward(
          record
              .withKey(record.key() + '\0' + status)
              .withValue(now(sweep, status, published.get(status), revision)));
    }
    if (!shown(published).equals(shown(before))) {
      // A sweep of long ago, of which Kafka would delete the rows before they are written.
      long timestamp = Topics.STATUS_COUNTS.timestamp(record.timestamp(), clock.instant());
      published.forEach(
          (status, count) ->
              context.forward(
                  record
                      .withKey(record.key() + '\0' + status)
                      .withValue(ofMinute(sweep, status, count, revision))
                      .withTimestamp(timestamp)));
    }
    if (!written.isEmpty()) {
      state.setTold(published);
      state.setToldAt(sweep.getAt());
      state.setRevision(revision);
    }
    state.setGathering(
        state.getGathering().stream()
            .filter(other -> other.getSum().getAt().isAfter(sweep.getAt()))
            .toList());
  }

  /** The row that carries the time of a sweep that changed nothing; none if one did lately. */
  private static Set<String> timed(
      SweepState state, SweepTally sweep, Map<String, ToldCount> published) {
    boolean due =
        state.getToldAt() == null || !sweep.getAt().isBefore(state.getToldAt().plus(TIME_EVERY));
    return due ? published.keySet().stream().limit(1).collect(Collectors.toSet()) : Set.of();
  }

  private static StatusCount ofMinute(
      SweepTally sweep, String status, ToldCount count, long revision) {
    return StatusCount.newBuilder()
        .setAccountId(sweep.getAccountId())
        .setWorkflow(sweep.getWorkflow())
        .setStatus(status)
        .setMinute(Minutes.of(sweep.getAt()))
        .setCount(count.getCount())
        .setReported(count.getReported())
        .setDrift(count.getDrift())
        .setRevision(revision)
        .build();
  }

  private static StatusCountNow now(
      SweepTally sweep, String status, ToldCount count, long revision) {
    return StatusCountNow.newBuilder()
        .setAccountId(sweep.getAccountId())
        .setWorkflow(sweep.getWorkflow())
        .setStatus(status)
        .setCount(count.getCount())
        .setReported(count.getReported())
        .setDrift(count.getDrift())
        .setDriftSweeps(count.getDriftSweeps())
        .setAsOf(sweep.getAt())
        .setRevision(revision)
        .build();
  }

  /** Every status that is counted, reported or was told before. */
  private static Map<String, ToldCount> counts(SweepTally sweep, Map<String, ToldCount> before) {
    TreeSet<String> statuses = new TreeSet<>(before.keySet());
    statuses.addAll(sweep.getCounts().keySet());
    statuses.addAll(sweep.getReportedAfter().keySet());
    Map<String, Long> reportedAfter = sweep.getReportedAfter();
    boolean reports = !reportedAfter.isEmpty();
    boolean settled =
        reports && sweep.getComplete() && sweep.getReportedBefore().equals(reportedAfter);
    Map<String, ToldCount> published = new TreeMap<>();
    for (String status : statuses) {
      long count = sweep.getCounts().getOrDefault(status, 0L);
      Long reported = reports ? reportedAfter.getOrDefault(status, 0L) : null;
      Long drift = settled && !Status.isTerminal(status) ? Long.valueOf(count - reported) : null;
      int sweepsBefore =
          Optional.ofNullable(before.get(status)).map(ToldCount::getDriftSweeps).orElse(0);
      int driftSweeps = drift == null ? sweepsBefore : drift == 0 ? 0 : sweepsBefore + 1;
      published.put(status, new ToldCount(count, reported, drift, driftSweeps));
    }
    return published;
  }

  /** What {@code status_counts} shows of them. */
  private static Map<String, List<Optional<Long>>> shown(Map<String, ToldCount> published) {
    Map<String, List<Optional<Long>>> shown = new HashMap<>();
    published.forEach(
        (status, count) ->
            shown.put(
                status,
                List.of(
                    Optional.of(count.getCount()),
                    Optional.ofNullable(count.getReported()),
                    Optional.ofNullable(count.getDrift()))));
    return shown;
  }
}
