package io.flowmeter.ingest.observe;

import io.flowmeter.ingest.source.ApiResponse;
import io.flowmeter.ingest.source.InstanceDetail;
import io.flowmeter.ingest.source.ListedInstance;
import io.flowmeter.ingest.source.ObservedSteps;
import io.flowmeter.schemas.observation.CurrentStep;
import io.flowmeter.schemas.observation.DetailPart;
import io.flowmeter.schemas.observation.InstanceRow;
import io.flowmeter.schemas.observation.Observation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Tells what is new. Sightings of an instance are to be handed in one after the other, in the order
 * in which they were asked for. What is told of an instance is stamped in strictly rising order,
 * whatever the clocks say, for whoever reads it takes the latest stamp for the latest news.
 */
public final class ChangeDetection {
  private ChangeDetection() {}

  /**
   * Whether a row is reason enough to ask for the detail: it changed, contradicts what was told, or
   * speaks of an end whose steps were not told.
   */
  public static boolean wantsDetail(TrackedInstance memory, ApiResponse<ListedInstance> row) {
    if (memory.isNew() || memory.vanished()) {
      return true;
    }
    boolean agrees = row.value().status().equals(memory.status());
    if (memory.ended() && !memory.endTold()) {
      return true;
    }
    return isNews(memory, row) ? !(agrees && EndMatcher.tellsTheToldEnd(memory, row)) : !agrees;
  }

  /** The row is not the one last told. */
  public static boolean isNews(TrackedInstance memory, ApiResponse<ListedInstance> row) {
    return RecordFingerprint.of(ObservationFactory.row(row.value())).fingerprint()
        != memory.rowFingerprint();
  }

  /**
   * A row whose detail was not asked for, or could not be had. It speaks of the newest known life,
   * or of a first one named by its creation. Where it may speak of a life not known yet, for it
   * left a terminal status or started anew, nothing is told: that waits for a detail.
   */
  public static Change row(
      InstanceKey key, TrackedInstance memory, ApiResponse<ListedInstance> row) {
    boolean leftItsEnd = !row.value().status().equals(memory.status());
    if (memory.ended() && (leftItsEnd || RunMatcher.startedAnew(memory, row.value()))) {
      return Change.none(memory);
    }
    return rowOfSameLife(key, memory, row);
  }

  /**
   * What a row of a run tells that was opened again. The detail of an end that it tells is owed
   * from then on, whoever asks for it.
   */
  public static Change reopened(
      InstanceKey key, TrackedInstance memory, ApiResponse<ListedInstance> row) {
    Change change = rowOfSameLife(key, memory, row);
    return new Change(change.observations(), change.memory().owing(), change.lasting());
  }

  /**
   * What a detail tells of a run whose steps are left out: that it ended, and when, as its row
   * would. None may come, for counts and what is remembered agree.
   *
   * @param change what the detail would tell by itself
   */
  public static Change endAlone(InstanceKey key, Change change, InstanceDetail seen) {
    List<Observation> told =
        change.observations().stream()
            .limit(1)
            .map(
                whole ->
                    ObservationFactory.row(
                        key,
                        whole.getRun(),
                        whole.getObservedAt(),
                        ObservationFactory.row(seen),
                        Optional.ofNullable(whole.getDetail().getNotBefore())))
            .toList();
    return new Change(told, change.memory(), true);
  }

  /** A row that must speak of the newest known life, even where that left a terminal status. */
  public static Change rowOfSameLife(
      InstanceKey key, TrackedInstance memory, ApiResponse<ListedInstance> row) {
    ListedInstance seen = row.value();
    if (memory.isNew() && seen.createdOn().isEmpty()) {
      return Change.none(memory);
    }
    TrackedInstance named =
        memory.isNew() ? memory.named(memory.lives().begun(seen.createdOn().get())) : memory;
    List<Observation> told = new ArrayList<>();
    TrackedInstance after = tellRow(key, named, row, told);
    return new Change(told, after, !told.isEmpty() || memory.missingSince().isPresent());
  }

  private static TrackedInstance tellRow(
      InstanceKey key,
      TrackedInstance memory,
      ApiResponse<ListedInstance> row,
      List<Observation> told) {
    InstanceRow travels = ObservationFactory.row(row.value());
    long fingerprint = RecordFingerprint.of(travels).fingerprint();
    boolean news = fingerprint != memory.rowFingerprint();
    if (!news && !row.value().status().equals(memory.status())) {
      // A detail has told more since; the row lags behind.
      return memory;
    }
    Instant at = memory.after(row.answered());
    TrackedInstance seen =
        memory.inStatus(row.value().status(), row.asked(), at).started(row.value().startedOn());
    if (!news) {
      return seen;
    }
    long run = seen.lives().newest().orElseThrow();
    told.add(ObservationFactory.row(key, run, at, travels, seen.notBefore()));
    TrackedInstance after = seen.toldRow(fingerprint, EndMatcher.end(row.value()), at);
    // No detail will tell that its end moved.
    return after.sampledOut() && after.ended() ? after.endedAt(at) : after;
  }

  /** A detail of a run that stands for itself alone. */
  public static Change detail(
      InstanceKey key,
      TrackedInstance memory,
      Optional<ApiResponse<ListedInstance>> row,
      ApiResponse<InstanceDetail> detail) {
    return detail(key, memory, row, detail, 1);
  }

  /**
   * A detail, and the row that made it worth a request, asked for before it. The detail says which
   * life both speak of; the row is told only where it must speak of the same.
   *
   * @param weight how many ended runs the run stands for, where it ended and that was not decided
   *     before
   */
  public static Change detail(
      InstanceKey key,
      TrackedInstance memory,
      Optional<ApiResponse<ListedInstance>> row,
      ApiResponse<InstanceDetail> detail,
      long weight) {
    InstanceDetail seen = detail.value();
    Optional<Instant> createdOn = row.flatMap(listed -> listed.value().createdOn());
    Optional<InstanceRuns.Assigned> assigned = memory.lives().assign(createdOn, seen.queued());
    if (assigned.isEmpty()) {
      return Change.none(memory.lookedAt(detail.asked()));
    }
    InstanceRuns lives = assigned.get().lives();
    long run = assigned.get().run();
    if (row.filter(listed -> RunMatcher.speaksOfFirst(memory, listed, run, seen)).isPresent()) {
      return superseded(key, memory, row.get(), detail);
    }
    if (row.filter(listed -> RunMatcher.goesOnFromKnown(memory, listed.value(), run, seen))
        .isPresent()) {
      Change known = rowOfSameLife(key, memory, row.get());
      return following(known, detail(key, known.memory(), Optional.empty(), detail, weight));
    }
    if (run != lives.newest().orElseThrow()) {
      return late(key, memory.named(lives).lookedAt(detail.asked()), run, detail);
    }
    boolean sameLife =
        !memory.isNew()
            && run == memory.lives().newest().orElseThrow()
            && !RunMatcher.isOfAnotherThanWasLeftOut(memory, seen);
    TrackedInstance before =
        (sameLife ? memory.named(lives) : memory.reborn(lives)).lookedAt(detail.asked());
    List<Observation> told = new ArrayList<>();
    if (row.isPresent() && RunMatcher.rowSpeaksOf(run, sameLife, before, row.get(), detail)) {
      before = tellRow(key, before, row.get(), told);
    }
    before = before.weighed(Status.ended(seen.status()) ? weight : 1);
    TrackedInstance after = tellDetail(key, before, run, detail, told);
    boolean lasting =
        !told.isEmpty()
            || memory.missingSince().isPresent()
            || !lives.equals(memory.lives())
            || memory.owed() != after.owed();
    return new Change(told, after, lasting);
  }

  /** The row is told of the first life, the detail of the one that replaced it. */
  private static Change superseded(
      InstanceKey key,
      TrackedInstance memory,
      ApiResponse<ListedInstance> row,
      ApiResponse<InstanceDetail> detail) {
    Change first = row(key, memory, row);
    return following(first, detail(key, first.memory(), Optional.empty(), detail));
  }

  private static Change following(Change first, Change next) {
    return new Change(
        Stream.concat(first.observations().stream(), next.observations().stream()).toList(),
        next.memory(),
        true);
  }

  private static TrackedInstance tellDetail(
      InstanceKey key,
      TrackedInstance memory,
      long run,
      ApiResponse<InstanceDetail> detail,
      List<Observation> told) {
    InstanceDetail seen = detail.value();
    Instant at = memory.after(detail.answered());
    TrackedInstance now = memory.inStatus(seen.status(), detail.asked(), at).started(seen.start());
    DetailPart header = ObservationFactory.header(seen);
    List<Long> fingerprints = RecordFingerprint.fingerprints(seen.steps());
    long fingerprint =
        RecordFingerprint.fingerprint(RecordFingerprint.of(header).fingerprint(), fingerprints);
    boolean ended = Status.ended(seen.status());
    boolean toldBefore = fingerprint == memory.detailFingerprint();
    if (toldBefore && seen.status().equals(memory.status())) {
      return ended && EndMatcher.isOfTheToldEnd(memory, detail) ? now.toldEndBefore() : now;
    }
    if (toldBefore && ended && EndMatcher.mayBeBehind(memory, detail)
        || memory.ended() && ended && EndMatcher.isOfEarlierEnd(memory, detail)) {
      // A row told that it was opened again.
      return memory;
    }
    long weight = ended ? now.weight().orElse(1) : 1;
    List<Long> known = ended ? List.of() : now.stepsTold();
    ObservedSteps changed =
        seen.steps().only(i -> i >= known.size() || !known.get(i).equals(fingerprints.get(i)));
    Optional<CurrentStep> current = ended ? Optional.empty() : CurrentSteps.of(seen.steps());
    String detailId = detailId(at, fingerprint);
    told.addAll(
        DetailSplitter.split(
            () -> {
              DetailPart part = ObservationFactory.header(seen);
              part.setDetailId(detailId);
              part.setNotBefore(now.notBefore().orElse(null));
              part.setWeight(weight);
              part.setCurrent(current.orElse(null));
              return ObservationFactory.detail(key, run, at, part);
            },
            changed));
    return ended
        ? now.toldEnd(fingerprint, at, seen.end())
        : now.toldSteps(fingerprint, fingerprints, at);
  }

  /** A detail of a life that is not the newest: told whole, for it will not be seen again. */
  private static Change late(
      InstanceKey key, TrackedInstance memory, long run, ApiResponse<InstanceDetail> detail) {
    Instant at = memory.after(detail.answered());
    long fingerprint =
        RecordFingerprint.of(ObservationFactory.header(detail.value())).fingerprint();
    String detailId = detailId(at, fingerprint);
    List<Observation> told =
        DetailSplitter.split(
            () -> {
              DetailPart part = ObservationFactory.header(detail.value());
              part.setDetailId(detailId);
              part.setWhole(true);
              return ObservationFactory.detail(key, run, at, part);
            },
            detail.value().steps());
    return new Change(told, memory.told(at), true);
  }

  private static String detailId(Instant observedAt, long fingerprint) {
    return Long.toString(observedAt.toEpochMilli(), Character.MAX_RADIX)
        + "-"
        + Long.toHexString(fingerprint);
  }

  /**
   * An instance that is gone: a live run vanishes; of an ended one, whose detail is still owed,
   * there is no more to wait for.
   *
   * @param seen when that was found, by the source's clock
   * @param since when it, or its workflow, was first not there; where more was told of it after
   *     that, it vanished then
   */
  public static Change gone(InstanceKey key, TrackedInstance memory, Instant seen, Instant since) {
    if (!memory.live() && !memory.owed()) {
      return Change.none(memory);
    }
    Instant at = memory.after(seen);
    Instant vanished = memory.changedAt().filter(since::isBefore).orElse(since);
    long run = memory.lives().newest().orElseThrow();
    List<Observation> told =
        memory.live() ? List.of(ObservationFactory.vanished(key, run, at, vanished)) : List.of();
    return new Change(told, memory.missing(at, true), true);
  }

  /**
   * It ended, as a row told; its detail is not fetched, though that was decided otherwise before.
   */
  public static Change leftOut(TrackedInstance memory) {
    return new Change(List.of(), memory.leftOut(), true);
  }

  /**
   * An instance that was not found, in one sweep or in one before, too. Twice makes a live run
   * vanish, at the first time; of an ended one, whose detail is still owed, it says that there is
   * no more to wait for.
   *
   * @param seen the source's clock
   */
  public static Change missing(InstanceKey key, TrackedInstance memory, Instant seen) {
    if (!memory.live() && !memory.owed()) {
      return Change.none(memory);
    }
    return memory.missingSince().isEmpty()
        ? new Change(List.of(), memory.missing(memory.after(seen), false), true)
        : gone(key, memory, seen, memory.missingSince().get());
  }
}
