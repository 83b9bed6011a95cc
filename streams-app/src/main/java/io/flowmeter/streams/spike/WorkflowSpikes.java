package io.flowmeter.streams.spike;

import io.flowmeter.clock.Clock;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.fact.ErrorSpike;
import io.flowmeter.schemas.state.GatheredEnd;
import io.flowmeter.schemas.state.SpikeState;
import io.flowmeter.schemas.state.SweepTally;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Relation {@code error_spikes}: looks for spikes whenever a sweep's end came in from all
 * partitions, as of the sweep's Date. A sweep that is repeated tells nothing new: its runs were
 * sent on once.
 */
public final class WorkflowSpikes
    extends ContextualProcessor<String, SweepTally, String, ErrorSpike> {
  private static final Logger LOG = LoggerFactory.getLogger(WorkflowSpikes.class);

  /** Partitions that are further apart are looked at later. */
  private static final int MOST_GATHERED = 60;

  private final String storeName;
  private final SpikeRules rules;
  private final Clock clock;
  private KeyValueStore<String, SpikeState> spikes;

  public WorkflowSpikes(String storeName, SpikeRules rules, Clock clock) {
    this.storeName = storeName;
    this.rules = rules;
    this.clock = clock;
  }

  @Override
  public void init(ProcessorContext<String, ErrorSpike> context) {
    super.init(context);
    spikes = context.getStateStore(storeName);
  }

  @Override
  public void process(Record<String, SweepTally> record) {
    SweepTally tally = record.value();
    SpikeDetector detector =
        Optional.ofNullable(spikes.get(record.key()))
            .map(known -> new SpikeDetector(known, rules))
            .orElseGet(() -> SpikeDetector.fresh(rules));
    SpikeState state = detector.state();
    tally.getEnded().forEach(detector::ended);
    if (isWhole(state, tally)) {
      Optional<Instant> openBefore =
          Optional.ofNullable(state.getOpen()).map(open -> open.getRow().getOpenedAt());
      for (ErrorSpike row : detector.stepTo(tally.getAt())) {
        event(tally, row, openBefore);
        publish(record, row, state);
      }
    }
    spikes.put(record.key(), detector.state());
  }

  private void publish(Record<String, SweepTally> record, ErrorSpike row, SpikeState state) {
    SweepTally tally = record.value();
    state.setRevision(Math.max(clock.millis(), state.getRevision() + 1));
    row.setAccountId(tally.getAccountId());
    row.setWorkflow(tally.getWorkflow());
    row.setRevision(state.getRevision());
    String key = record.key() + '\0' + row.getOpenedAt().toEpochMilli();
    long timestamp = Topics.ERROR_SPIKES.timestamp(record.timestamp(), clock.instant());
    context().forward(record.withKey(key).withValue(row).withTimestamp(timestamp));
  }

  /** One line when a spike opens, and one when it closes. */
  private static void event(SweepTally tally, ErrorSpike row, Optional<Instant> openBefore) {
    boolean closed = row.getClosedAt() != null;
    if (!closed && openBefore.filter(row.getOpenedAt()::equals).isPresent()) {
      return;
    }
    LOG.atInfo()
        .addKeyValue("event", closed ? "spike_closed" : "spike_opened")
        .addKeyValue("account", tally.getAccountId())
        .addKeyValue("workflow", tally.getWorkflow())
        .addKeyValue("opened_at", row.getOpenedAt())
        .addKeyValue("errored", row.getErrored())
        .addKeyValue("finished", row.getFinished())
        .log(
            "error spike of {} since {} {}: {} of {} runs errored",
            tally.getWorkflow(),
            row.getOpenedAt(),
            closed ? "is over" : "opened",
            row.getErrored(),
            row.getFinished());
  }

  /** Whether this one was the last partition's. Sweeps that began before it are not waited for. */
  private static boolean isWhole(SpikeState state, SweepTally tally) {
    List<GatheredEnd> gathering = new ArrayList<>(state.getGathering());
    GatheredEnd sweep =
        gathering.stream()
            .filter(known -> known.getSweep() == tally.getSweep())
            .findFirst()
            .orElse(null);
    if (sweep == null) {
      sweep = new GatheredEnd(tally.getSweep(), tally.getAt(), List.of());
      gathering.add(sweep);
      gathering.sort(Comparator.comparing(GatheredEnd::getAt));
    }
    if (!sweep.getPartitions().contains(tally.getPartition())) {
      List<Integer> partitions = new ArrayList<>(sweep.getPartitions());
      partitions.add(tally.getPartition());
      sweep.setPartitions(partitions);
    }
    boolean whole = sweep.getPartitions().size() == tally.getPartitions();
    if (whole) {
      gathering.removeIf(known -> !known.getAt().isAfter(tally.getAt()));
    }
    int surplus = Math.max(0, gathering.size() - MOST_GATHERED);
    state.setGathering(gathering.subList(surplus, gathering.size()));
    return whole;
  }
}
