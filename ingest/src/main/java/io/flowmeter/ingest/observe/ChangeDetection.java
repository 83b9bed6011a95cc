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
  public static boolean wantsDetail(TrackedInstance tracked, ApiResponse<ListedInstance> row) {
    if (tracked.isNew() || tracked.vanished()) {
      return true;
    }
    boolean agrees = row.value().status().equals(tracked.status());
    if (tracked.ended() && !tracked.endPublished()) {
      return true;
    }
    return isChange(tracked, row)
        ? !(agrees && EndMatcher.reportsPublishedEnd(tracked, row))
        : !agrees;
  }

  /** The row is not the one last told. */
  public static boolean isChange(TrackedInstance tracked, ApiResponse<ListedInstance> row) {
    return RecordFingerprint.of(ObservationFactory.row(row.value())).fingerprint()
        != tracked.rowFingerprint();
  }

  /**
   * A row whose detail was not asked for, or could not be had. It speaks of the newest known life,
   * or of a first one named by its creation. Where it may speak of a life not known yet, for it
   * left a terminal status or started anew, nothing is told: that waits for a detail.
   */
  public static Change row(
      InstanceKey key, TrackedInstance tracked, ApiResponse<ListedInstance> row) {
    boolean leftItsEnd = !row.value().status().equals(tracked.status());
    if (tracked.ended() && (leftItsEnd || RunMatcher.restarted(tracked, row.value()))) {
      return Change.none(tracked);
    }
    return rowOfSameRun(key, tracked, row);
  }

  /**
   * What a row of a run tells that was opened again. The detail of an end that it tells is owed
   * from then on, whoever asks for it.
   */
  public static Change reopened(
      InstanceKey key, TrackedInstance tracked, ApiResponse<ListedInstance> row) {
    Change change = rowOfSameRun(key, tracked, row);
    return new Change(change.observations(), change.tracked().owing(), change.lasting());
  }

  /**
   * What a detail tells of a run whose steps are left out: that it ended, and when, as its row
   * would. None may come, for counts and what is remembered agree.
   *
   * @param change what the detail would tell by itself
   */
  public static Change endAlone(InstanceKey key, Change change, InstanceDetail seen) {
    List<Observation> published =
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
    return new Change(published, change.tracked(), true);
  }

  /** A row that must speak of the newest known life, even where that left a terminal status. */
  public static Change rowOfSameRun(
      InstanceKey key, TrackedInstance tracked, ApiResponse<ListedInstance> row) {
    ListedInstance seen = row.value();
    if (tracked.isNew() && seen.createdOn().isEmpty()) {
      return Change.none(tracked);
    }
    TrackedInstance named =
        tracked.isNew()
            ? tracked.named(tracked.instanceRunss().startedBy(seen.createdOn().get()))
            : tracked;
    List<Observation> published = new ArrayList<>();
    TrackedInstance after = publishListRow(key, named, row, published);
    return new Change(published, after, !published.isEmpty() || tracked.missingSince().isPresent());
  }

  private static TrackedInstance publishListRow(
      InstanceKey key,
      TrackedInstance tracked,
      ApiResponse<ListedInstance> row,
      List<Observation> published) {
    InstanceRow travels = ObservationFactory.row(row.value());
    long fingerprint = RecordFingerprint.of(travels).fingerprint();
    boolean news = fingerprint != tracked.rowFingerprint();
    if (!news && !row.value().status().equals(tracked.status())) {
      // A detail has told more since; the row lags behind.
      return tracked;
    }
    Instant at = tracked.after(row.respondedAt());
    TrackedInstance seen =
        tracked
            .inStatus(row.value().status(), row.requestedAt(), at)
            .started(row.value().startedOn());
    if (!news) {
      return seen;
    }
    long run = seen.instanceRunss().newest().orElseThrow();
    published.add(ObservationFactory.row(key, run, at, travels, seen.notBefore()));
    TrackedInstance after = seen.withPublishedRow(fingerprint, EndMatcher.end(row.value()), at);
    // No detail will tell that its end moved.
    return after.sampledOut() && after.ended() ? after.endedAt(at) : after;
  }

  /** A detail of a run that stands for itself alone. */
  public static Change detail(
      InstanceKey key,
      TrackedInstance tracked,
      Optional<ApiResponse<ListedInstance>> row,
      ApiResponse<InstanceDetail> detail) {
    return detail(key, tracked, row, detail, 1);
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
      TrackedInstance tracked,
      Optional<ApiResponse<ListedInstance>> row,
      ApiResponse<InstanceDetail> detail,
      long weight) {
    InstanceDetail seen = detail.value();
    Optional<Instant> createdOn = row.flatMap(listed -> listed.value().createdOn());
    Optional<InstanceRuns.Assigned> assigned =
        tracked.instanceRunss().assign(createdOn, seen.queued());
    if (assigned.isEmpty()) {
      return Change.none(tracked.polledAt(detail.requestedAt()));
    }
    InstanceRuns runs = assigned.get().runs();
    long run = assigned.get().run();
    if (row.filter(listed -> RunMatcher.belongsToFirstRun(tracked, listed, run, seen))
        .isPresent()) {
      return superseded(key, tracked, row.get(), detail);
    }
    if (row.filter(listed -> RunMatcher.goesOnFromKnown(tracked, listed.value(), run, seen))
        .isPresent()) {
      Change known = rowOfSameRun(key, tracked, row.get());
      return following(known, detail(key, known.tracked(), Optional.empty(), detail, weight));
    }
    if (run != runs.newest().orElseThrow()) {
      return late(key, tracked.named(runs).polledAt(detail.requestedAt()), run, detail);
    }
    boolean sameRun =
        !tracked.isNew()
            && run == tracked.instanceRunss().newest().orElseThrow()
            && !RunMatcher.isOfAnotherThanWasLeftOut(tracked, seen);
    TrackedInstance before =
        (sameRun ? tracked.named(runs) : tracked.reborn(runs)).polledAt(detail.requestedAt());
    List<Observation> published = new ArrayList<>();
    if (row.isPresent() && RunMatcher.rowMatchesRun(run, sameRun, before, row.get(), detail)) {
      before = publishListRow(key, before, row.get(), published);
    }
    before = before.weighed(Status.ended(seen.status()) ? weight : 1);
    TrackedInstance after = publishDetail(key, before, run, detail, published);
    boolean lasting =
        !published.isEmpty()
            || tracked.missingSince().isPresent()
            || !runs.equals(tracked.instanceRunss())
            || tracked.isDetailPending() != after.isDetailPending();
    return new Change(published, after, lasting);
  }

  /** The row is told of the first life, the detail of the one that replaced it. */
  private static Change superseded(
      InstanceKey key,
      TrackedInstance tracked,
      ApiResponse<ListedInstance> row,
      ApiResponse<InstanceDetail> detail) {
    Change first = row(key, tracked, row);
    return following(first, detail(key, first.tracked(), Optional.empty(), detail));
  }

  private static Change following(Change first, Change next) {
    return new Change(
        Stream.concat(first.observations().stream(), next.observations().stream()).toList(),
        next.tracked(),
        true);
  }

  private static TrackedInstance publishDetail(
      InstanceKey key,
      TrackedInstance tracked,
      long run,
      ApiResponse<InstanceDetail> detail,
      List<Observation> published) {
    InstanceDetail seen = detail.value();
    Instant at = tracked.after(detail.respondedAt());
    TrackedInstance now =
        tracked.inStatus(seen.status(), detail.requestedAt(), at).started(seen.start());
    DetailPart header = ObservationFactory.header(seen);
    List<Long> fingerprints = RecordFingerprint.fingerprints(seen.steps());
    long fingerprint =
        RecordFingerprint.fingerprint(RecordFingerprint.of(header).fingerprint(), fingerprints);
    boolean ended = Status.ended(seen.status());
    boolean publishedBefore = fingerprint == tracked.detailFingerprint();
    if (publishedBefore && seen.status().equals(tracked.status())) {
      return ended && EndMatcher.isOfPublishedEnd(tracked, detail)
          ? now.withEarlierEndPublished()
          : now;
    }
    if (publishedBefore && ended && EndMatcher.mayBeBehind(tracked, detail)
        || tracked.ended() && ended && EndMatcher.isOfEarlierEnd(tracked, detail)) {
      // A row told that it was opened again.
      return tracked;
    }
    long weight = ended ? now.weight().orElse(1) : 1;
    List<Long> known = ended ? List.of() : now.stepsPublished();
    ObservedSteps changed =
        seen.steps().only(i -> i >= known.size() || !known.get(i).equals(fingerprints.get(i)));
    Optional<CurrentStep> current = ended ? Optional.empty() : CurrentSteps.of(seen.steps());
    String detailId = detailId(at, fingerprint);
    published.addAll(
        DetailSplitter.split(
            () -> {
              DetailPart chunk = ObservationFactory.header(seen);
              chunk.setDetailId(detailId);
              chunk.setNotBefore(now.notBefore().orElse(null));
              chunk.setWeight(weight);
              chunk.setCurrent(current.orElse(null));
              return ObservationFactory.detail(key, run, at, chunk);
            },
            changed));
    return ended
        ? now.withPublishedEnd(fingerprint, at, seen.end())
        : now.withPublishedSteps(fingerprint, fingerprints, at);
  }

  /** A detail of a life that is not the newest: told whole, for it will not be seen again. */
  private static Change late(
      InstanceKey key, TrackedInstance tracked, long run, ApiResponse<InstanceDetail> detail) {
    Instant at = tracked.after(detail.respondedAt());
    long fingerprint =
        RecordFingerprint.of(ObservationFactory.header(detail.value())).fingerprint();
    String detailId = detailId(at, fingerprint);
    List<Observation> published =
        DetailSplitter.split(
            () -> {
              DetailPart chunk = ObservationFactory.header(detail.value());
              chunk.setDetailId(detailId);
              chunk.setWhole(true);
              return ObservationFactory.detail(key, run, at, chunk);
            },
            detail.value().steps());
    return new Change(published, tracked.withPublication(at), true);
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
  public static Change vanished(
      InstanceKey key, TrackedInstance tracked, Instant seen, Instant since) {
    if (!tracked.live() && !tracked.isDetailPending()) {
      return Change.none(tracked);
    }
    Instant at = tracked.after(seen);
    Instant vanished = tracked.changedAt().filter(since::isBefore).orElse(since);
    long run = tracked.instanceRunss().newest().orElseThrow();
    List<Observation> published =
        tracked.live() ? List.of(ObservationFactory.vanished(key, run, at, vanished)) : List.of();
    return new Change(published, tracked.missing(at, true), true);
  }

  /**
   * It ended, as a row told; its detail is not fetched, though that was decided otherwise before.
   */
  public static Change leftOut(TrackedInstance tracked) {
    return new Change(List.of(), tracked.leftOut(), true);
  }

  /**
   * An instance that was not found, in one sweep or in one before, too. Twice makes a live run
   * vanish, at the first time; of an ended one, whose detail is still owed, it says that there is
   * no more to wait for.
   *
   * @param seen the source's clock
   */
  public static Change missing(InstanceKey key, TrackedInstance tracked, Instant seen) {
    if (!tracked.live() && !tracked.isDetailPending()) {
      return Change.none(tracked);
    }
    return tracked.missingSince().isEmpty()
        ? new Change(List.of(), tracked.missing(tracked.after(seen), false), true)
        : vanished(key, tracked, seen, tracked.missingSince().get());
  }
}
