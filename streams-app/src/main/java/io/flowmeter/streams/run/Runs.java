package io.flowmeter.streams.run;

import io.flowmeter.clock.Clock;
import io.flowmeter.schemas.observation.DetailPart;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.schemas.state.RunState;
import io.flowmeter.streams.time.Rounds;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;

/**
 * Learns from observations and says what changed: for the run they speak of, and for the life
 * before it, which a newer life supersedes.
 */
public final class Runs implements Processor<String, Observation, String, RunChanged> {
  private static final Duration FORGET_EVERY = Duration.ofHours(6);

  /** The names of the three stores. */
  public record StoreNames(String runs, String steps, String parts) {}

  private final StoreNames names;
  private final Duration keepEnded;
  private final Clock clock;
  private ProcessorContext<String, RunChanged> context;
  private RunStores stores;

  /**
   * @param keepEnded how long an ended run can still change: the API's longest retention and some
   *     days
   */
  public Runs(StoreNames names, Duration keepEnded, Clock clock) {
    this.names = names;
    this.keepEnded = keepEnded;
    this.clock = clock;
  }

  @Override
  public void init(ProcessorContext<String, RunChanged> processorContext) {
    context = processorContext;
    stores =
        new RunStores(
            context.getStateStore(names.runs()),
            context.getStateStore(names.steps()),
            context.getStateStore(names.parts()));
    Rounds.every(FORGET_EVERY, clock, context, this::forgetEnded);
  }

  @Override
  public void process(Record<String, Observation> record) {
    Observation observation = record.value();
    RunKey run =
        new RunKey(
            observation.getAccountId(),
            observation.getWorkflow(),
            observation.getInstanceId(),
            observation.getRun());
    List<Observation> detail = List.of();
    if (observation.getDetail() != null) {
      Optional<List<Observation>> gathered = stores.gather(run, observation);
      if (gathered.isEmpty()) {
        return;
      }
      detail = gathered.get();
    }

    OptionalLong next = stores.next(run);
    Optional<RunKnowledge> known = stores.load(run);
    Optional<RunFacts> before = known.map(k -> RunDerivation.derive(run, k, next));
    RunKnowledge learnt = known.orElseGet(RunKnowledge::none);
    learnt.arriving(Instant.ofEpochMilli(record.timestamp()));
    RunFacts after = learn(run, learnt, next, observation, detail);

    tell(record, run, learnt, before, after);
    if (known.isEmpty()) {
      stores.previous(run).ifPresent(previous -> supersede(record, previous, next, run.run()));
    }
  }

  private static RunFacts learn(
      RunKey run,
      RunKnowledge known,
      OptionalLong next,
      Observation observation,
      List<Observation> detail) {
    try {
      learn(known, observation, detail);
      return RunDerivation.derive(run, known, next);
    } catch (RuntimeException e) {
      throw new UnprocessableException(
          "nothing can be learnt from what was observed of "
              + run
              + " at "
              + observation.getObservedAt()
              + ": "
              + e.getMessage(),
          e);
    }
  }

  private static void learn(RunKnowledge known, Observation observation, List<Observation> detail) {
    Instant at = observation.getObservedAt();
    if (observation.getRow() != null) {
      known.learn(observation.getRow(), at);
    } else if (observation.getVanished() != null) {
      known.learnVanished(observation.getVanished().getAt(), at);
    } else if (!detail.isEmpty()) {
      List<DetailPart> parts = new ArrayList<>(detail.size());
      detail.forEach(part -> parts.add(part.getDetail()));
      known.learn(parts, detail.get(0).getObservedAt());
    } else {
      throw new IllegalArgumentException(
          "expected an observation with a row, a detail, a vanishing or a sweep's end, came one of"
              + " instance "
              + observation.getInstanceId()
              + " with none of them: written by a newer Flowmeter? Update, then replay it");
    }
  }

  /** The run was its instance's newest, or had another next life, until this one came. */
  private void supersede(
      Record<String, Observation> record, RunKey previous, OptionalLong nextBefore, long next) {
    RunKnowledge known = stores.load(previous).orElseThrow();
    tell(
        record,
        previous,
        known,
        Optional.of(RunDerivation.derive(previous, known, nextBefore)),
        RunDerivation.derive(previous, known, OptionalLong.of(next)));
  }

  private void tell(
      Record<String, Observation> record,
      RunKey run,
      RunKnowledge known,
      Optional<RunFacts> before,
      RunFacts after) {
    boolean changed = !before.equals(Optional.of(after));
    RunState state = known.state();
    if (changed) {
      state.setRevision(Math.max(clock.millis(), state.getRevision() + 1));
    }
    stores.save(run, known);
    if (changed || known.late() > 0) {
      context.forward(
          record.withValue(new RunChanged(run, before, after, state.getRevision(), known.late())));
    }
  }

  /** Ended runs cannot change any more once the API has forgotten them. Their facts stay. */
  private void forgetEnded() {
    Instant before = clock.instant().minus(keepEnded);
    try (KeyValueIterator<Bytes, RunState> all = stores.all()) {
      while (all.hasNext()) {
        KeyValue<Bytes, RunState> run = all.next();
        if (run.value.getObservedAt().isBefore(before) && isOver(RunKey.of(run.key))) {
          stores.forget(RunKey.of(run.key));
        }
      }
    }
  }

  private boolean isOver(RunKey run) {
    RunKnowledge known = stores.load(run).orElseThrow();
    RunFacts facts = RunDerivation.derive(run, known, stores.next(run));
    return !facts.instance().getEndKind().isEmpty();
  }
}
