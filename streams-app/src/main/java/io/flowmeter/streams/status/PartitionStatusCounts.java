package io.flowmeter.streams.status;

import io.flowmeter.schemas.fact.Instance;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.schemas.observation.SweepEnded;
import io.flowmeter.schemas.state.StatusTally;
import io.flowmeter.schemas.state.SweepTally;
import io.flowmeter.streams.run.RunChanged;
import io.flowmeter.streams.run.RunFacts;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Counts, for each workflow, the instances of this partition by the status of their newest run: by
 * adding and subtracting as runs change. When a sweep's end comes by, the tally goes on to where
 * the partitions are summed.
 */
public final class PartitionStatusCounts {
  private PartitionStatusCounts() {}

  /** Keeps the tally. Stands before {@link Sweeps} in the same task and shares its store. */
  public static final class Tallying implements Processor<String, RunChanged, Void, Void> {
    private final String storeName;
    private KeyValueStore<String, StatusTally> tallies;

    public Tallying(String storeName) {
      this.storeName = storeName;
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
      tallies = context.getStateStore(storeName);
    }

    @Override
    public void process(Record<String, RunChanged> record) {
      RunChanged change = record.value();
      Optional<String> before = change.before().flatMap(PartitionStatusCounts::counted);
      Optional<String> after = counted(change.after());
      if (before.equals(after)) {
        return;
      }
      String key = key(change.run().accountId(), change.run().workflow());
      StatusTally tally = tallies.get(key);
      Map<String, Long> counts = new HashMap<>(tally == null ? Map.of() : tally.getCounts());
      before.ifPresent(status -> counts.merge(status, -1L, PartitionStatusCounts::sum));
      after.ifPresent(status -> counts.merge(status, 1L, PartitionStatusCounts::sum));
      tallies.put(key, new StatusTally(counts));
    }
  }

  /** Sends the tally on when a sweep has ended. */
  public static final class Sweeps implements Processor<String, Observation, String, SweepTally> {
    private final String storeName;
    private ProcessorContext<String, SweepTally> context;
    private KeyValueStore<String, StatusTally> tallies;

    public Sweeps(String storeName) {
      this.storeName = storeName;
    }

    @Override
    public void init(ProcessorContext<String, SweepTally> processorContext) {
      context = processorContext;
      tallies = context.getStateStore(storeName);
    }

    @Override
    public void process(Record<String, Observation> record) {
      Observation observation = record.value();
      SweepEnded sweep = observation.getSweepEnded();
      String key = key(observation.getAccountId(), observation.getWorkflow());
      StatusTally tally = tallies.get(key);
      context.forward(
          record
              .withKey(key)
              .withValue(
                  SweepTally.newBuilder()
                      .setAccountId(observation.getAccountId())
                      .setWorkflow(observation.getWorkflow())
                      .setSweep(sweep.getSweep())
                      .setComplete(sweep.getComplete())
                      .setPartition(sweep.getPartition())
                      .setPartitions(sweep.getPartitions())
                      .setAt(observation.getObservedAt())
                      .setCounts(tally == null ? Map.of() : tally.getCounts())
                      .setReportedBefore(sweep.getReportedBefore())
                      .setReportedAfter(sweep.getReportedAfter())
                      .build()));
    }
  }

  private static String key(String accountId, String workflow) {
    return accountId + '\0' + workflow;
  }

  /** The status under which the run counts: if it is its instance's newest and not gone. */
  private static Optional<String> counted(RunFacts facts) {
    Instance run = facts.instance();
    return run.getIsNewest() && !run.getEndKind().equals("vanished")
        ? Optional.of(run.getStatus())
        : Optional.empty();
  }

  private static Long sum(Long one, Long other) {
    long sum = one + other;
    return sum == 0 ? null : Long.valueOf(sum);
  }
}
