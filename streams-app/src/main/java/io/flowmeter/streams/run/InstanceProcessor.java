package io.flowmeter.streams.run;

import io.flowmeter.clock.Clock;
import io.flowmeter.schemas.observation.DetailPart;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.schemas.state.RunState;
import io.flowmeter.streams.run.RunDerivation.Derived;
import io.flowmeter.streams.run.StoredRun.Place;
import io.flowmeter.streams.state.Contributions;
import io.flowmeter.streams.time.WallClockScheduler;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Learns from observations and says what changed: for the run they speak of, and for the life
 * before it, which a newer life supersedes.
 */
public final class InstanceProcessor implements Processor<String, Observation, String, RunChanged> {
  private static final Duration FORGET_EVERY = Duration.ofMinutes(1);

  /** So many runs are looked at at a time, which takes some hundredths of a second. */
  private static final int FORGET_LOOKS_AT = 20_000;

  /** The names of the stores. */
  public record StoreNames(
      String live, String ended, String instances, String dictionary, String parts) {}

  private final StoreNames names;
  private final Duration keepEnded;
  private final Clock clock;
  private final Function<RunFacts, Contributions> contributions;
  private final WallClockScheduler scheduler;
  private ProcessorContext<String, RunChanged> context;
  private DetailAssembler assembler;
  private RunStores stores;
  private Bytes forgottenTo;

  /**
   * @param keepEnded how long an ended run is known after it was last observed
   * @param contributions what facts put into rollups
   */
  public InstanceProcessor(
      StoreNames names,
      Duration keepEnded,
      Clock clock,
      Function<RunFacts, Contributions> contributions) {
    this.names = names;
    this.keepEnded = keepEnded;
    this.clock = clock;
    this.contributions = contributions;
    this.scheduler = new WallClockScheduler(clock);
  }

  @Override
  public void init(ProcessorContext<String, RunChanged> processorContext) {
    context = processorContext;
    assembler = new DetailAssembler(context.getStateStore(names.parts()));
    stores =
        new RunStores(
            context.getStateStore(names.live()),
            context.getStateStore(names.ended()),
            context.getStateStore(names.dictionary()),
            context.getStateStore(names.instances()));
    scheduler.every(FORGET_EVERY, context, this::evictEnded);
  }

  @Override
  public void close() {
    scheduler.stop();
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
      Optional<List<Observation>> gathered = assembler.gather(run, observation);
      if (gathered.isEmpty()) {
        return;
      }
      detail = gathered.get();
    }

    StoredRun stored = stores.load(run).orElseGet(StoredRun::none);
    RunKnowledge known = stored.known();
    Optional<Derived> before =
        stored.isNew()
            ? Optional.empty()
            : Optional.of(RunDerivation.derive(run, known, Optional.empty()));
    NavigableSet<Long> lives = stored.isNew() ? stores.runIndex(run) : new TreeSet<>();
    Optional.ofNullable(lives.higher(run.run())).ifPresent(known::learnNextRun);
    known.arriving(Instant.ofEpochMilli(record.timestamp()));
    RunFacts after = learn(run, known, before, observation, detail);

    if (!detail.isEmpty()) {
      assembler.learnt(run, observation);
    }
    publish(record, run, stored, before.map(Derived::facts), after);
    Optional.ofNullable(lives.lower(run.run()))
        .ifPresent(previous -> supersede(record, run.of(previous), run.run()));
  }

  private static RunFacts learn(
      RunKey run,
      RunKnowledge known,
      Optional<Derived> before,
      Observation observation,
      List<Observation> detail) {
    try {
      learn(known, observation, detail);
      return RunDerivation.derive(run, known, before).facts();
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
      List<DetailPart> chunks = new ArrayList<>(detail.size());
      detail.forEach(part -> chunks.add(part.getDetail()));
      known.learn(chunks, detail.get(0).getObservedAt());
    } else {
      throw new IllegalArgumentException(
          "expected an observation with a row, a detail, a vanishing or a sweep's end, came one of"
              + " instance "
              + observation.getInstanceId()
              + " with none of them: written by a newer Flowmeter? Update, then replay it");
    }
  }

  /** The run was its instance's newest, or had another next life, until this one came. */
  private void supersede(Record<String, Observation> record, RunKey previous, long next) {
    StoredRun stored = stores.load(previous).orElseThrow();
    Optional<Derived> before =
        Optional.of(RunDerivation.derive(previous, stored.known(), Optional.empty()));
    stored.known().learnNextRun(next);
    RunFacts after = RunDerivation.derive(previous, stored.known(), before).facts();
    publish(record, previous, stored, before.map(Derived::facts), after);
  }

  private void publish(
      Record<String, Observation> record,
      RunKey run,
      StoredRun stored,
      Optional<RunFacts> before,
      RunFacts after) {
    RunKnowledge known = stored.known();
    boolean changed = !before.equals(Optional.of(after));
    RunState state = known.state();
    if (changed) {
      state.setRevision(Math.max(clock.millis(), state.getRevision() + 1));
    }
    boolean ended = !after.instance().getEndKind().isEmpty();
    boolean staysLive = !ended && stored.place() == Place.LIVE;
    Contributions gave = stored.contributed().orElse(Contributions.NONE);
    Contributions gives = gave;
    if (staysLive && changed) {
      gave = contributions.apply(before.get().withoutStepsOf(after));
      gives = contributions.apply(after.withoutStepsOf(before.get()));
    } else if (changed) {
      gave = stored.contributed().orElseGet(() -> contributions.apply(before.get()));
      gives = contributions.apply(after);
    }
    stores.save(run, stored, ended ? Optional.of(gives) : Optional.empty());
    if (changed || known.late() > 0) {
      context.forward(
          record.withValue(
              new RunChanged(run, before, after, gave, gives, state.getRevision(), known.late())));
    }
  }

  /**
   * Ended runs cannot change any more once nobody tells of them again. Their facts stay. Where
   * records of long ago are read, as in a rebuild or after a long stop, more can be told of a run
   * that ended then: it is forgotten when the records that come are as much later.
   */
  private void evictEnded() {
    long now = Math.min(clock.millis(), context.currentStreamTimeMs());
    Instant before = Instant.ofEpochMilli(now).minus(keepEnded);
    if (forgottenTo == null) {
      assembler.evict(before);
    }
    forgottenTo = stores.evictEnded(before, forgottenTo, FORGET_LOOKS_AT).orElse(null);
  }
}
