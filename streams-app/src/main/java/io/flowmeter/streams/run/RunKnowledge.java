package io.flowmeter.streams.run;

import io.flowmeter.schemas.ShallowCopy;
import io.flowmeter.schemas.observation.DetailPart;
import io.flowmeter.schemas.observation.InstanceRow;
import io.flowmeter.schemas.observation.Step;
import io.flowmeter.schemas.state.DetailOrder;
import io.flowmeter.schemas.state.DetailSeen;
import io.flowmeter.schemas.state.EndSeen;
import io.flowmeter.schemas.state.RowSeen;
import io.flowmeter.schemas.state.RunState;
import io.flowmeter.schemas.state.StatusSample;
import io.flowmeter.schemas.state.StepSeen;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.IntPredicate;

/**
 * All that observations told of one run. It is a join: learning the same observations in any order,
 * any number of times, gives the same knowledge. The latest row, the latest detail and the latest
 * telling of each step win; ends and sightings are sets.
 */
public final class RunKnowledge {
  /** From so many sightings on, only the ends of stretches of the same status are kept. */
  static final int MANY_SAMPLES = 500;

  /**
   * How long after its end came in a run's transitions may be numbered anew. A live status seen
   * before the end that comes later is counted, not told.
   */
  static final Duration GRACE = Duration.ofMinutes(30);

  /** More changes than this between polls are not told: the latest status then still counts. */
  static final int MOST_SAMPLES = 4_000;

  private static final Comparator<DetailOrder> ORDER =
      Comparator.comparing(DetailOrder::getAt).thenComparing(DetailOrder::getTie);
  private static final int TIE_BITS = 0xffff;
  private static final Comparator<StatusSample> BY_TIME =
      Comparator.comparing(StatusSample::getAt)
          .thenComparing(sample -> Status.isTerminal(sample.getStatus()))
          .thenComparing(StatusSample::getStatus);

  private final RunState state;
  private final NavigableMap<Integer, List<StepSeen>> steps;
  private final NavigableMap<Integer, List<StepSeen>> touched = new TreeMap<>();
  private Instant arrived = Instant.EPOCH;
  private int late;

  /**
   * @param steps by index; a step of many attempts as several stretches, in order of their offset
   */
  public RunKnowledge(RunState state, NavigableMap<Integer, List<StepSeen>> steps) {
    this.state = state;
    this.steps = steps;
  }

  /** Nothing is known yet. */
  public static RunKnowledge none() {
    return new RunKnowledge(
        RunState.newBuilder().setObservedAt(Instant.EPOCH).build(), new TreeMap<>());
  }

  /** The instance's next life, if one is known. */
  public OptionalLong nextRun() {
    return state.getNextRun() == null ? OptionalLong.empty() : OptionalLong.of(state.getNextRun());
  }

  /** Learns which life of the instance is the next. */
  public void learnNextRun(long run) {
    state.setNextRun(run);
  }

  public RunState state() {
    return state;
  }

  /** What is known of each step, by index. */
  public NavigableMap<Integer, List<StepSeen>> steps() {
    return steps;
  }

  /**
   * Steps that were learnt anew or forgotten, by index, as they were before; nothing if they were
   * not known.
   */
  public NavigableMap<Integer, List<StepSeen>> touchedSteps() {
    return touched;
  }

  /** The status last seen; empty where none was seen yet. */
  public String status() {
    return state.getLatest() == null ? "" : state.getLatest().getStatus();
  }

  /** The latest detail's run-level values. */
  public Optional<DetailPart> header() {
    return Optional.ofNullable(state.getDetail()).map(DetailSeen::getHeader);
  }

  /** The latest list row. */
  public Optional<InstanceRow> row() {
    return Optional.ofNullable(state.getRow()).map(RowSeen::getRow);
  }

  /** Sets when what is learnt next came in, by the clock of the process that told it. */
  public void arriving(Instant at) {
    arrived = at;
  }

  /** How many sightings came too late to be learnt, see {@link #GRACE}. */
  public int late() {
    return late;
  }

  /** Learns a row of the list of instances. */
  public void learn(InstanceRow seen, Instant at) {
    sighted(new StatusSample(at, seen.getStatus(), seen.getNotBefore()));
    InstanceRow row = kept(seen);
    RowSeen known = state.getRow();
    if (known == null
        || at.isAfter(known.getAt())
        || (at.equals(known.getAt()) && row.compareTo(known.getRow()) > 0)) {
      state.setRow(new RowSeen(at, row));
    }
    observed(at);
  }

  /**
   * Learns that the instance was gone; of several times, between which it came back, the last
   * counts.
   */
  public void learnVanished(Instant vanished, Instant at) {
    Instant known = state.getVanishedAt();
    if (known == null || vanished.isAfter(known)) {
      state.setVanishedAt(vanished);
    }
    observed(at);
  }

  /** Learns a detail, all parts of it. */
  public void learn(List<DetailPart> chunks, Instant at) {
    DetailPart first = chunks.get(0);
    DetailOrder order = new DetailOrder(at, first.getDetailId().hashCode() & TIE_BITS);
    sighted(new StatusSample(at, first.getStatus(), first.getNotBefore()));
    if (Status.isTerminal(first.getStatus()) && first.getEnd() != null) {
      ended(new EndSeen(first.getEnd(), first.getStatus(), at));
    }
    observed(at);
    if (isBefore(order, state.getWhole())) {
      return;
    }
    learnSteps(chunks, order);
    if (first.getWhole()) {
      evictSteps(index -> true, order);
      state.setWhole(order);
    }
    DetailSeen known = state.getDetail();
    if (known == null || ORDER.compare(order, known.getOrder()) >= 0) {
      state.setDetail(new DetailSeen(order, kept(first)));
    }
    DetailSeen latest = state.getDetail();
    int count = latest.getHeader().getStepCount();
    evictSteps(index -> index >= count, latest.getOrder());
  }

  private void learnSteps(List<DetailPart> chunks, DetailOrder order) {
    Map<Integer, List<StepSeen>> told = new HashMap<>();
    for (DetailPart chunk : chunks) {
      for (Step step : chunk.getSteps()) {
        told.computeIfAbsent(step.getStepIndex(), index -> new ArrayList<>(1))
            .add(new StepSeen(order, kept(step)));
      }
    }
    DetailSeen latest = state.getDetail();
    for (Map.Entry<Integer, List<StepSeen>> step : told.entrySet()) {
      List<StepSeen> known = steps.get(step.getKey());
      boolean gone =
          latest != null
              && ORDER.compare(order, latest.getOrder()) < 0
              && step.getKey() >= latest.getHeader().getStepCount();
      if (gone || (known != null && ORDER.compare(order, known.get(0).getOrder()) < 0)) {
        continue;
      }
      step.getValue().sort(Comparator.comparing(seen -> seen.getStep().getAttemptOffset()));
      steps.put(step.getKey(), step.getValue());
      touched.putIfAbsent(step.getKey(), known == null ? List.of() : known);
    }
  }

  /** What facts are derived from; all else of a row is left out. */
  private static InstanceRow kept(InstanceRow row) {
    InstanceRow kept = ShallowCopy.of(row);
    kept.setStatus("");
    kept.setCreatedOn(null);
    kept.setModifiedOn(null);
    kept.setWorkflowId(null);
    kept.setNotBefore(null);
    return kept;
  }

  /** What facts are derived from; all else of a detail is left out, and its steps. */
  private static DetailPart kept(DetailPart detail) {
    DetailPart kept = ShallowCopy.of(detail);
    kept.setDetailId("");
    kept.setPart(0);
    kept.setParts(0);
    kept.setSuccess(null);
    kept.setOutputBytes(null);
    kept.setParamsBytes(null);
    kept.setRollbackOutcome(null);
    kept.setRollbackError(null);
    kept.setNotBefore(null);
    kept.setSteps(List.of());
    return kept;
  }

  /** What facts are derived from; all else of a step is left out. */
  private static Step kept(Step step) {
    Step kept = ShallowCopy.of(step);
    kept.setRetryDelay(null);
    kept.setEventType(null);
    kept.setTriggerSource(null);
    kept.setOutputBytes(null);
    return kept;
  }

  private void evictSteps(IntPredicate which, DetailOrder before) {
    steps
        .entrySet()
        .removeIf(
            step -> {
              boolean forget =
                  which.test(step.getKey())
                      && ORDER.compare(step.getValue().get(0).getOrder(), before) < 0;
              if (forget) {
                touched.putIfAbsent(step.getKey(), step.getValue());
              }
              return forget;
            });
  }

  private void sighted(StatusSample sample) {
    if (isLate(sample)) {
      late++;
      return;
    }
    StatusSample latest = state.getLatest();
    if (latest == null || BY_TIME.compare(sample, latest) > 0) {
      state.setLatest(sample);
    }
    if (!Status.isTerminal(status())) {
      state.setEndLearntAt(null);
    } else if (state.getEndLearntAt() == null) {
      state.setEndLearntAt(arrived);
    }
    List<StatusSample> samples = state.getSamples();
    if (samples.contains(sample) || samples.size() >= MOST_SAMPLES) {
      return;
    }
    List<StatusSample> more = new ArrayList<>(samples);
    more.add(sample);
    more.sort(BY_TIME.thenComparing(StatusSample::compareTo));
    state.setSamples(more.size() > MANY_SAMPLES ? intervals(more) : more);
  }

  private boolean isLate(StatusSample sample) {
    Instant endLearntAt = state.getEndLearntAt();
    return endLearntAt != null
        && arrived.isAfter(endLearntAt.plus(GRACE))
        && !Status.isTerminal(sample.getStatus())
        && BY_TIME.compare(sample, state.getLatest()) < 0
        && !state.getSamples().contains(sample);
  }

  /**
   * The first and the last of each stretch of sightings of one status: the others tell no
   * transition.
   */
  private static List<StatusSample> intervals(List<StatusSample> samples) {
    List<StatusSample> kept = new ArrayList<>();
    for (int i = 0; i < samples.size(); i++) {
      String status = samples.get(i).getStatus();
      boolean inside =
          i > 0
              && i < samples.size() - 1
              && samples.get(i - 1).getStatus().equals(status)
              && samples.get(i + 1).getStatus().equals(status);
      if (!inside) {
        kept.add(samples.get(i));
      }
    }
    return kept;
  }

  private void ended(EndSeen end) {
    List<EndSeen> ends = new ArrayList<>(state.getEnds());
    for (EndSeen known : ends) {
      if (known.getAt().equals(end.getAt()) && known.getStatus().equals(end.getStatus())) {
        if (end.getSeenAt().isBefore(known.getSeenAt())) {
          known.setSeenAt(end.getSeenAt());
        }
        return;
      }
    }
    ends.add(end);
    ends.sort(Comparator.comparing(EndSeen::getAt).thenComparing(EndSeen::getStatus));
    state.setEnds(ends);
  }

  private void observed(Instant at) {
    if (at.isAfter(state.getObservedAt())) {
      state.setObservedAt(at);
    }
  }

  private static boolean isBefore(DetailOrder order, DetailOrder other) {
    return other != null && ORDER.compare(order, other) < 0;
  }
}
