package io.flowmeter.ingest.observe;

import io.flowmeter.ingest.source.Answer;
import io.flowmeter.ingest.source.InstanceDetail;
import io.flowmeter.ingest.source.ListedInstance;
import io.flowmeter.ingest.source.Steps;
import io.flowmeter.schemas.observation.CurrentStep;
import io.flowmeter.schemas.observation.DetailPart;
import io.flowmeter.schemas.observation.InstanceRow;
import io.flowmeter.schemas.observation.Observation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Tells what is new. Sightings of an instance are to be handed in one after the other, in the order
 * in which they were asked for. What is told of an instance is stamped in strictly rising order,
 * whatever the clocks say, for whoever reads it takes the latest stamp for the latest news.
 */
public final class ChangeDetection {
  /** How far the clock of a row's {@code modified_on} may be from the clock of the Date header. */
  public static final Duration SKEW = Duration.ofSeconds(2);

  /** How far the starts of one run, or its ends, may lie apart in a row and in a detail. */
  private static final Duration SAME_TIME = Duration.ofMillis(100);

  /** So long a detail may be behind a row that was told before it. */
  private static final Duration BEHIND_AT_MOST = Duration.ofMinutes(1);

  private ChangeDetection() {}

  /**
   * Whether a row is reason enough to ask for the detail: it changed, contradicts what was told, or
   * speaks of an end whose steps were not told.
   */
  public static boolean wantsDetail(Memory memory, Answer<ListedInstance> row) {
    if (memory.isNew() || memory.vanished()) {
      return true;
    }
    boolean agrees = row.value().status().equals(memory.status());
    if (memory.ended() && !memory.endTold()) {
      return true;
    }
    return isNews(memory, row) ? !(agrees && tellsTheToldEnd(memory, row)) : !agrees;
  }

  /** The row is not the one last told. */
  public static boolean isNews(Memory memory, Answer<ListedInstance> row) {
    return Encoded.of(Sightings.row(row.value())).fingerprint() != memory.rowFingerprint();
  }

  /**
   * Whether the row may speak of a life that is not known yet. Where neither that nor the contrary
   * shows, it may: a restart keeps id and creation, and only a detail tells lives apart. A row that
   * goes on from what was told, or begins right after its creation, speaks of the life that is
   * known, or of the first.
   */
  public static boolean mayBeReborn(Memory memory, ListedInstance row) {
    Optional<Instant> started = row.startedOn();
    if (memory.startedOn().isPresent() && !memory.vanished() && !memory.ended()) {
      return started.filter(at -> near(at, memory.startedOn().get())).isEmpty();
    }
    if (memory.ended() || memory.vanished()) {
      return true;
    }
    boolean ended = Status.ended(row.status());
    if (started.isEmpty() || memory.live() && !ended) {
      return ended;
    }
    return !beginsAtCreation(row);
  }

  /** The row speaks of an instance's first life, for it started when the instance was made. */
  public static boolean beginsAtCreation(ListedInstance row) {
    Optional<Instant> until = row.createdOn().map(created -> created.plus(Lives.TOLERANCE));
    return row.startedOn().filter(at -> until.filter(at::isBefore).isPresent()).isPresent();
  }

  /** The row speaks of a life before the newest known, for it began before that was queued. */
  public static boolean isOfEarlierLife(Memory memory, ListedInstance row) {
    Optional<Instant> started = row.startedOn().map(at -> at.plus(SAME_TIME));
    return started.isPresent()
        && memory.lives().newest().isPresent()
        && started.get().toEpochMilli() < memory.lives().newest().getAsLong();
  }

  /** Rows and details need not agree on the millisecond. */
  private static boolean near(Instant a, Instant b) {
    return Duration.between(a, b).abs().compareTo(SAME_TIME) <= 0;
  }

  /**
   * The row caught up with an end that a detail told before it: it was modified before that was
   * asked for; or it tells that very end, which a run re-opened since would not, and was not
   * modified after it.
   */
  private static boolean tellsTheToldEnd(Memory memory, Answer<ListedInstance> row) {
    if (!memory.endTold() || row.value().modifiedOn().isEmpty()) {
      return memory.endTold();
    }
    Instant modified = row.value().modifiedOn().get();
    Optional<Instant> until =
        tellsSameEnd(memory, row.value())
            ? Stream.of(lookedOrTold(memory), row.value().endedOn())
                .flatMap(Optional::stream)
                .max(Comparator.naturalOrder())
                .map(at -> at.plus(SKEW))
            : lookedOrTold(memory).map(at -> at.minus(SKEW));
    return until.filter(modified::isBefore).isPresent();
  }

  private static boolean tellsSameEnd(Memory memory, ListedInstance row) {
    return isNear(row.endedOn(), memory.endedOn()) || isNear(row.endedOn(), memory.rowEndedOn());
  }

  /** When it was looked at is forgotten at a restart; when the end was told is not. */
  private static Optional<Instant> lookedOrTold(Memory memory) {
    return memory.lookedAt().or(memory::changedAt);
  }

  /**
   * A row whose detail was not asked for, or could not be had. It speaks of the newest known life,
   * or of a first one named by its creation. Where it may speak of a life not known yet, for it
   * left a terminal status or started anew, nothing is told: that waits for a detail.
   */
  public static Change row(InstanceKey key, Memory memory, Answer<ListedInstance> row) {
    boolean leftItsEnd = !row.value().status().equals(memory.status());
    if (memory.ended() && (leftItsEnd || startedAnew(memory, row.value()))) {
      return Change.none(memory);
    }
    return rowOfSameLife(key, memory, row);
  }

  /**
   * Whether a row that contradicts a told end speaks of the same run all the same: it began when
   * that did, and ended in the same status, at another time.
   */
  public static boolean tellsAnotherEnd(Memory memory, ListedInstance row) {
    return memory.ended()
        && !memory.vanished()
        && row.status().equals(memory.status())
        && beganWith(memory, row)
        && !tellsSameEnd(memory, row);
  }

  /**
   * Whether a row that contradicts a told end surely tells that the run was opened again since: it
   * began when that did, is in another status, and was modified after that end.
   */
  public static boolean tellsReopened(Memory memory, ListedInstance row) {
    Optional<Instant> told =
        Stream.of(memory.endedOn(), memory.rowEndedOn())
            .flatMap(Optional::stream)
            .max(Comparator.naturalOrder())
            .map(end -> end.plus(SAME_TIME));
    return memory.ended()
        && !memory.vanished()
        && !row.status().equals(memory.status())
        && beganWith(memory, row)
        && told.isPresent()
        && row.modifiedOn().filter(told.get()::isBefore).isPresent()
        && !tellsSameEnd(memory, row);
  }

  /** The row speaks of the newest known run, for it began when that did. */
  public static boolean beganWith(Memory memory, ListedInstance row) {
    return isNear(row.startedOn(), memory.startedOn());
  }

  /**
   * Whether a row tells a later end than the last detail did: whichever was asked for first, the
   * row was answered after that.
   */
  public static boolean tellsLaterEnd(Memory memory, ListedInstance row) {
    Optional<Instant> told = memory.endedOn().map(end -> end.plus(SAME_TIME));
    return memory.ended()
        && Status.ended(row.status())
        && told.isPresent()
        && row.endedOn().filter(told.get()::isBefore).isPresent();
  }

  /**
   * What a row of a run tells that was opened again. The detail of an end that it tells is owed
   * from then on, whoever asks for it.
   */
  public static Change reopened(InstanceKey key, Memory memory, Answer<ListedInstance> row) {
    Change change = rowOfSameLife(key, memory, row);
    return new Change(change.observations(), change.memory().owing(), change.lasting());
  }

  /** When the run ended, as the row tells it: where it has no end, by its last change. */
  public static Optional<Instant> end(ListedInstance row) {
    return Status.ended(row.status()) ? row.endedOn().or(row::modifiedOn) : Optional.empty();
  }

  private static boolean startedAnew(Memory memory, ListedInstance row) {
    return memory.startedOn().isPresent() && row.startedOn().isPresent() && !beganWith(memory, row);
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
                    Sightings.row(
                        key,
                        whole.getRun(),
                        whole.getObservedAt(),
                        Sightings.row(seen),
                        Optional.ofNullable(whole.getDetail().getNotBefore())))
            .toList();
    return new Change(told, change.memory(), true);
  }

  /** A row that must speak of the newest known life, even where that left a terminal status. */
  public static Change rowOfSameLife(InstanceKey key, Memory memory, Answer<ListedInstance> row) {
    ListedInstance seen = row.value();
    if (memory.isNew() && seen.createdOn().isEmpty()) {
      return Change.none(memory);
    }
    Memory named =
        memory.isNew() ? memory.named(memory.lives().begun(seen.createdOn().get())) : memory;
    List<Observation> told = new ArrayList<>();
    Memory after = tellRow(key, named, row, told);
    return new Change(told, after, !told.isEmpty() || memory.missingSince().isPresent());
  }

  private static Memory tellRow(
      InstanceKey key, Memory memory, Answer<ListedInstance> row, List<Observation> told) {
    InstanceRow travels = Sightings.row(row.value());
    long fingerprint = Encoded.of(travels).fingerprint();
    boolean news = fingerprint != memory.rowFingerprint();
    if (!news && !row.value().status().equals(memory.status())) {
      // A detail has told more since; the row lags behind.
      return memory;
    }
    Instant at = memory.after(row.answered());
    Memory seen =
        memory.inStatus(row.value().status(), row.asked(), at).started(row.value().startedOn());
    if (!news) {
      return seen;
    }
    long run = seen.lives().newest().orElseThrow();
    told.add(Sightings.row(key, run, at, travels, seen.notBefore()));
    Memory after = seen.toldRow(fingerprint, end(row.value()), at);
    // No detail will tell that its end moved.
    return after.sampledOut() && after.ended() ? after.endedAt(at) : after;
  }

  /** A detail of a run that stands for itself alone. */
  public static Change detail(
      InstanceKey key,
      Memory memory,
      Optional<Answer<ListedInstance>> row,
      Answer<InstanceDetail> detail) {
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
      Memory memory,
      Optional<Answer<ListedInstance>> row,
      Answer<InstanceDetail> detail,
      long weight) {
    InstanceDetail seen = detail.value();
    Optional<Instant> createdOn = row.flatMap(listed -> listed.value().createdOn());
    Optional<Lives.Assigned> assigned = memory.lives().assign(createdOn, seen.queued());
    if (assigned.isEmpty()) {
      return Change.none(memory.lookedAt(detail.asked()));
    }
    Lives lives = assigned.get().lives();
    long run = assigned.get().run();
    if (row.filter(listed -> speaksOfFirst(memory, listed, run, seen)).isPresent()) {
      return superseded(key, memory, row.get(), detail);
    }
    if (row.filter(listed -> goesOnFromKnown(memory, listed.value(), run, seen)).isPresent()) {
      Change known = rowOfSameLife(key, memory, row.get());
      return following(known, detail(key, known.memory(), Optional.empty(), detail, weight));
    }
    if (run != lives.newest().orElseThrow()) {
      return late(key, memory.named(lives).lookedAt(detail.asked()), run, detail);
    }
    boolean sameLife =
        !memory.isNew()
            && run == memory.lives().newest().orElseThrow()
            && !isOfAnotherThanWasLeftOut(memory, seen);
    Memory before =
        (sameLife ? memory.named(lives) : memory.reborn(lives)).lookedAt(detail.asked());
    List<Observation> told = new ArrayList<>();
    if (row.isPresent() && rowSpeaksOf(run, sameLife, before, row.get(), detail)) {
      before = tellRow(key, before, row.get(), told);
    }
    before = before.weighed(Status.ended(seen.status()) ? weight : 1);
    Memory after = tellDetail(key, before, run, detail, told);
    boolean lasting =
        !told.isEmpty()
            || memory.missingSince().isPresent()
            || !lives.equals(memory.lives())
            || memory.owed() != after.owed();
    return new Change(told, after, lasting);
  }

  /**
   * A run that was left out was restarted within seconds of its creation: both have one name, but
   * of the detail's nothing was decided.
   */
  public static boolean isOfAnotherThanWasLeftOut(Memory memory, InstanceDetail detail) {
    return memory.sampledOut() && startedBefore(memory.startedOn(), detail);
  }

  /**
   * The row waited for a detail, which tells a life that began after the row's own: that was the
   * first. Of what may have been told and forgotten, only a beginning at creation says so.
   */
  private static boolean speaksOfFirst(
      Memory memory, Answer<ListedInstance> row, long run, InstanceDetail detail) {
    ListedInstance seen = row.value();
    if (!memory.isNew() || seen.createdOn().isEmpty() || detail.queued().isEmpty()) {
      return false;
    }
    Instant created = seen.createdOn().get();
    Instant began = seen.startedOn().orElse(row.answered());
    boolean unforgotten =
        beginsAtCreation(seen) || row.answered().isBefore(created.plus(Memory.REMEMBERED));
    return run != created.toEpochMilli() && unforgotten && began.isBefore(detail.queued().get());
  }

  /** The row is told of the first life, the detail of the one that replaced it. */
  private static Change superseded(
      InstanceKey key, Memory memory, Answer<ListedInstance> row, Answer<InstanceDetail> detail) {
    Change first = row(key, memory, row);
    return following(first, detail(key, first.memory(), Optional.empty(), detail));
  }

  /**
   * The row waited for a detail, which tells a life that began after it: the row began when the
   * known life did, or is the first to tell when that was; so it tells what became of that, such as
   * that it was re-opened.
   */
  private static boolean goesOnFromKnown(
      Memory memory, ListedInstance row, long run, InstanceDetail detail) {
    return !memory.isNew()
        && run > memory.lives().newest().orElseThrow()
        && (beganWith(memory, row)
            || memory.live()
                && memory.startedOn().isEmpty()
                && startedBefore(row.startedOn(), detail))
        && !isNear(detail.start(), row.startedOn());
  }

  private static boolean isNear(Optional<Instant> a, Optional<Instant> b) {
    return a.isPresent() && b.isPresent() && near(a.get(), b.get());
  }

  private static Change following(Change first, Change next) {
    return new Change(
        Stream.concat(first.observations().stream(), next.observations().stream()).toList(),
        next.memory(),
        true);
  }

  private static boolean rowSpeaksOf(
      long run,
      boolean sameLife,
      Memory memory,
      Answer<ListedInstance> row,
      Answer<InstanceDetail> detail) {
    String rowStatus = row.value().status();
    String detailStatus = detail.value().status();
    Optional<Instant> began = row.value().startedOn();
    boolean together = isNear(began, detail.value().start());
    if (startedBefore(began, detail.value())
        || !together && began.isPresent() && detail.value().start().isPresent()) {
      // It was read before the restart, or left as it was; or the detail is behind it.
      return false;
    }
    if (sameLife) {
      // An end that both memory and detail know of, and the row, though asked for after it, does
      // not: the row is behind.
      boolean behind =
          memory.ended()
              && Status.ended(detailStatus)
              && !Status.ended(rowStatus)
              && detail.value().end().filter(row.asked()::isBefore).isEmpty();
      return !behind;
    }
    boolean first =
        memory.lives().known().size() == 1
            && row.value().createdOn().filter(created -> created.toEpochMilli() == run).isPresent();
    boolean begunBefore =
        detail.value().queued().filter(queued -> !queued.isAfter(row.asked())).isPresent();
    return first || together || begunBefore && rowStatus.equals(detailStatus);
  }

  /** The detail is behind the row: it is of the run that a restart replaced by the row's. */
  public static boolean isOfEarlierRun(InstanceDetail detail, ListedInstance row) {
    return detail
        .start()
        .map(start -> start.plus(SAME_TIME))
        .filter(start -> row.startedOn().filter(start::isBefore).isPresent())
        .isPresent();
  }

  /** What started then had a life before the detail's, which was not queued yet. */
  private static boolean startedBefore(Optional<Instant> start, InstanceDetail detail) {
    Optional<Instant> started = start.map(at -> at.plus(SAME_TIME));
    return started.isPresent() && detail.queued().filter(started.get()::isBefore).isPresent();
  }

  private static Memory tellDetail(
      InstanceKey key,
      Memory memory,
      long run,
      Answer<InstanceDetail> detail,
      List<Observation> told) {
    InstanceDetail seen = detail.value();
    Instant at = memory.after(detail.answered());
    Memory now = memory.inStatus(seen.status(), detail.asked(), at).started(seen.start());
    DetailPart header = Sightings.header(seen);
    List<Long> fingerprints = Encoded.fingerprints(seen.steps());
    long fingerprint = Encoded.fingerprint(Encoded.of(header).fingerprint(), fingerprints);
    boolean ended = Status.ended(seen.status());
    boolean toldBefore = fingerprint == memory.detailFingerprint();
    if (toldBefore && seen.status().equals(memory.status())) {
      return ended && isOfTheToldEnd(memory, detail) ? now.toldEndBefore() : now;
    }
    if (toldBefore && ended && mayBeBehind(memory, detail)) {
      // A row told that it was opened again.
      return memory;
    }
    long weight = ended ? now.weight().orElse(1) : 1;
    List<Long> known = ended ? List.of() : now.stepsTold();
    Steps changed =
        seen.steps().only(i -> i >= known.size() || !known.get(i).equals(fingerprints.get(i)));
    Optional<CurrentStep> current = ended ? Optional.empty() : CurrentSteps.of(seen.steps());
    String detailId = detailId(at, fingerprint);
    told.addAll(
        DetailParts.split(
            () -> {
              DetailPart part = Sightings.header(seen);
              part.setDetailId(detailId);
              part.setNotBefore(now.notBefore().orElse(null));
              part.setWeight(weight);
              part.setCurrent(current.orElse(null));
              return Sightings.detail(key, run, at, part);
            },
            changed));
    return ended
        ? now.toldEnd(fingerprint, at, seen.end())
        : now.toldSteps(fingerprint, fingerprints, at);
  }

  /**
   * A detail that tells nothing new tells the end that a row told before it, and not one before
   * that: at the same time, or so late that it is not behind the row any more.
   */
  private static boolean isOfTheToldEnd(Memory memory, Answer<InstanceDetail> detail) {
    return isNear(memory.rowEndedOn(), detail.value().end()) || !mayBeBehind(memory, detail);
  }

  private static boolean mayBeBehind(Memory memory, Answer<InstanceDetail> detail) {
    return memory
        .changedAt()
        .map(told -> told.plus(BEHIND_AT_MOST))
        .filter(detail.asked()::isAfter)
        .isEmpty();
  }

  /** A detail of a life that is not the newest: told whole, for it will not be seen again. */
  private static Change late(
      InstanceKey key, Memory memory, long run, Answer<InstanceDetail> detail) {
    Instant at = memory.after(detail.answered());
    long fingerprint = Encoded.of(Sightings.header(detail.value())).fingerprint();
    String detailId = detailId(at, fingerprint);
    List<Observation> told =
        DetailParts.split(
            () -> {
              DetailPart part = Sightings.header(detail.value());
              part.setDetailId(detailId);
              part.setWhole(true);
              return Sightings.detail(key, run, at, part);
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
  public static Change gone(InstanceKey key, Memory memory, Instant seen, Instant since) {
    if (!memory.live() && !memory.owed()) {
      return Change.none(memory);
    }
    Instant at = memory.after(seen);
    Instant vanished = memory.changedAt().filter(since::isBefore).orElse(since);
    long run = memory.lives().newest().orElseThrow();
    List<Observation> told =
        memory.live() ? List.of(Sightings.vanished(key, run, at, vanished)) : List.of();
    return new Change(told, memory.missing(at, true), true);
  }

  /**
   * It ended, as a row told; its detail is not fetched, though that was decided otherwise before.
   */
  public static Change leftOut(Memory memory) {
    return new Change(List.of(), memory.leftOut(), true);
  }

  /**
   * An instance that was not found, in one sweep or in one before, too. Twice makes a live run
   * vanish, at the first time; of an ended one, whose detail is still owed, it says that there is
   * no more to wait for.
   *
   * @param seen the source's clock
   */
  public static Change missing(InstanceKey key, Memory memory, Instant seen) {
    if (!memory.live() && !memory.owed()) {
      return Change.none(memory);
    }
    return memory.missingSince().isEmpty()
        ? new Change(List.of(), memory.missing(memory.after(seen), false), true)
        : gone(key, memory, seen, memory.missingSince().get());
  }
}
