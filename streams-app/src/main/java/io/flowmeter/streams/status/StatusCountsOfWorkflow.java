package io.flowmeter.streams.status;

import io.flowmeter.schemas.rollup.StatusCount;
import io.flowmeter.schemas.rollup.StatusCountNow;
import io.flowmeter.schemas.state.SweepState;
import io.flowmeter.schemas.state.SweepTally;
import io.flowmeter.schemas.state.ToldCount;
import io.flowmeter.streams.rollup.Minutes;
import io.flowmeter.streams.run.Status;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Relations {@code status_counts} and {@code status_counts_now}: sums the partitions' tallies of a
 * sweep once all of them are in, and holds them against what the API reported. {@code
 * status_counts_now} is told with every sweep, {@code status_counts} when something changed.
 */
public final class StatusCountsOfWorkflow
    implements Processor<String, SweepTally, String, SpecificRecord> {
  private final String storeName;
  private ProcessorContext<String, SpecificRecord> context;
  private KeyValueStore<String, SweepState> sweeps;

  public StatusCountsOfWorkflow(String storeName) {
    this.storeName = storeName;
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
        Optional.ofNullable(sweeps.get(record.key())).orElseGet(StatusCountsOfWorkflow::none);
    if (state.getToldAt() != null && !tally.getAt().isAfter(state.getToldAt())) {
      return; // a repeat of what was told
    }
    SweepTally gathering = state.getSweep();
    if (gathering == null || gathering.getSweep() != tally.getSweep()) {
      if (gathering != null && gathering.getAt().isAfter(tally.getAt())) {
        return; // a later sweep is being gathered already
      }
      state.setSweep(SweepTally.newBuilder(tally).setCounts(Map.of()).build());
      state.setGathered(List.of());
    }
    if (state.getGathered().contains(tally.getPartition())) {
      return;
    }
    gather(state, tally);
    if (state.getGathered().size() == tally.getPartitions()) {
      tell(state, record);
    }
    sweeps.put(record.key(), state);
  }

  private static SweepState none() {
    return SweepState.newBuilder().build();
  }

  private static void gather(SweepState state, SweepTally tally) {
    List<Integer> gathered = new ArrayList<>(state.getGathered());
    gathered.add(tally.getPartition());
    state.setGathered(gathered);
    Map<String, Long> counts = new HashMap<>(state.getSweep().getCounts());
    tally.getCounts().forEach((status, count) -> counts.merge(status, count, Long::sum));
    state.getSweep().setCounts(counts);
  }

  private void tell(SweepState state, Record<String, SweepTally> record) {
    SweepTally sweep = state.getSweep();
    Map<String, ToldCount> told = counts(sweep, state.getTold());
    Instant at = sweep.getAt();
    long revision = Math.max(context.currentSystemTimeMs(), state.getRevision() + 1);
    boolean changed = !sameCounts(told, state.getTold());
    told.forEach(
        (status, count) -> {
          String key = record.key() + '\0' + status;
          context.forward(record.withKey(key).withValue(now(sweep, status, count, revision)));
          if (changed) {
            StatusCount row =
                StatusCount.newBuilder()
                    .setAccountId(sweep.getAccountId())
                    .setWorkflow(sweep.getWorkflow())
                    .setStatus(status)
                    .setMinute(Minutes.of(at))
                    .setCount(count.getCount())
                    .setReported(count.getReported())
                    .setDrift(count.getDrift())
                    .setRevision(revision)
                    .build();
            context.forward(record.withKey(key).withValue(row));
          }
        });
    state.setTold(told);
    state.setToldAt(at);
    state.setRevision(revision);
    state.setSweep(null);
    state.setGathered(List.of());
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
    Map<String, ToldCount> told = new TreeMap<>();
    for (String status : statuses) {
      long count = sweep.getCounts().getOrDefault(status, 0L);
      Long reported = reports ? reportedAfter.getOrDefault(status, 0L) : null;
      Long drift = settled && !Status.isTerminal(status) ? Long.valueOf(count - reported) : null;
      int sweepsBefore =
          Optional.ofNullable(before.get(status)).map(ToldCount::getDriftSweeps).orElse(0);
      int driftSweeps = drift == null ? sweepsBefore : drift == 0 ? 0 : sweepsBefore + 1;
      told.put(status, new ToldCount(count, reported, drift, driftSweeps));
    }
    return told;
  }

  private static boolean sameCounts(Map<String, ToldCount> one, Map<String, ToldCount> other) {
    return one.keySet().equals(other.keySet())
        && one.entrySet().stream()
            .allMatch(
                entry -> {
                  ToldCount a = entry.getValue();
                  ToldCount b = other.get(entry.getKey());
                  return a.getCount() == b.getCount()
                      && java.util.Objects.equals(a.getReported(), b.getReported())
                      && java.util.Objects.equals(a.getDrift(), b.getDrift());
                });
  }
}
