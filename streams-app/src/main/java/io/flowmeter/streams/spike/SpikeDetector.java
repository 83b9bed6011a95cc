package io.flowmeter.streams.spike;

import io.flowmeter.schemas.ShallowCopy;
import io.flowmeter.schemas.fact.ErrorSpike;
import io.flowmeter.schemas.state.EndedMinute;
import io.flowmeter.schemas.state.OpenSpike;
import io.flowmeter.schemas.state.PastSpike;
import io.flowmeter.schemas.state.SpikeState;
import io.flowmeter.schemas.state.VersionSighted;
import io.flowmeter.streams.rollup.Minutes;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * Finds the spikes of one workflow: goes minute by minute through event time, and holds the runs
 * that ended in the last minutes against what was learnt of those before.
 *
 * <p>A spike opens when a window's errored runs are many enough and improbable under the {@link
 * Baseline}: P(X ≥ errored) of the beta-binomial predictive distribution. A plain binomial test
 * would take the baseline's share for known and runs for independent, and alarm falsely where
 * little is known or errors come in bursts by nature; a test of two shares would have to be told
 * how long the past is.
 *
 * <p>Windows are of several lengths, since a busy workflow can tell within two minutes what a quiet
 * one needs an hour for. Versions are not told apart: of a new one, those runs end first that are
 * quickest, and of an old one those last that are slowest, which may well be those that err. But
 * what is learnt of the versions before counts less once there is a new one.
 *
 * <p>What comes late counts in its minute, as long as that is among those that are looked at. What
 * comes later still is looked at when no more of it comes ({@link LateArrivals}): then a spike is
 * told when it may be long over. Between two steps the order in which runs come in does not matter.
 */
public final class SpikeDetector {
  /** What is learnt at once. */
  static final int BLOCK = 5;

  /** After a longer silence, the minutes further back are only learnt. */
  private static final Duration MOST_TO_CATCH_UP = Duration.ofHours(12);

  private static final int MOST_PAST = 16;
  private static final int MOST_VERSIONS = 16;

  private final SpikeRules rules;
  private final SpikeState state;
  private final EndedRuns ended;
  private final Baseline learnt;
  private final LateArrivals late;

  /**
   * @param state what an earlier one knew; is kept up to date by {@link #state}
   */
  public SpikeDetector(SpikeState state, SpikeRules rules) {
    this.state = state;
    this.rules = rules;
    state.setVersions(new ArrayList<>(state.getVersions()));
    state.setPast(new ArrayList<>(state.getPast()));
    this.ended = new EndedRuns(state.getMinutes());
    this.learnt =
        state.getLearnt() == null
            ? Baseline.none(rules.halfLife())
            : Baseline.of(state.getLearnt(), rules.halfLife());
    this.late = new LateArrivals(state.getBlocks(), state.getLate(), rules);
  }

  /** Of a workflow of which nothing is known. */
  public static SpikeDetector fresh(SpikeRules rules) {
    return new SpikeDetector(
        new SpikeState(
            List.of(), List.of(), List.of(), null, null, null, null, List.of(), 0L, null, List.of(),
            List.of()),
        rules);
  }

  /** What the next one has to know. */
  public SpikeState state() {
    state.setMinutes(ended.minutes());
    state.setLearnt(learnt.sums());
    state.setBlocks(late.blocks());
    state.setLate(late.minutes());
    return state;
  }

  /** Takes up that runs ended, or that some did not after all. */
  public void ended(EndedMinute more) {
    sight(more);
    Instant minute = more.getMinute();
    if (state.getLearntTo() == null || !minute.isBefore(state.getLearntTo())) {
      ended.add(more);
    } else if (isOfOpen(minute)) {
      addToOpen(more);
    } else if (isOfPast(minute)) {
      return; // it is told, with what was known then
    } else if (isJudgedLate(minute)) {
      late.add(more, state.getSeenTo());
    } else {
      learnt.learn(minute, more.getErrored(), more.getFinished());
    }
  }

  private boolean isJudgedLate(Instant minute) {
    return !minute.isBefore(state.getSeenFrom())
        && !minute.isBefore(state.getSeenTo().minus(LateArrivals.LOOKS_BACK));
  }

  /** A new version makes what was learnt of the others count less. */
  private void sight(EndedMinute more) {
    List<VersionSighted> versions = state.getVersions();
    for (VersionSighted known : versions) {
      if (known.getVersionId().equals(more.getVersionId())) {
        return;
      }
    }
    boolean isNew = state.getSeenTo() != null;
    versions.add(new VersionSighted(more.getVersionId(), isNew ? more.getMinute() : Instant.EPOCH));
    if (versions.size() > MOST_VERSIONS) {
      versions.remove(0);
    }
    if (isNew) {
      learnt.countAtMost(rules.mostBeforeDeploy());
    }
  }

  /**
   * Looks at all minutes up to this moment that were not looked at, and once more at the last one
   * that was.
   *
   * @return the spikes that are new or other than they were told, each once, oldest first; the
   *     caller fills in whose they are, and their revision
   */
  public List<ErrorSpike> stepTo(Instant moment) {
    Instant now = Minutes.of(moment);
    if (state.getSeenTo() == null) {
      // What was before is the past.
      state.setSeenTo(now);
      state.setSeenFrom(now);
    }
    List<ErrorSpike> published = new ArrayList<>();
    if (now.isBefore(state.getSeenTo())) {
      return published;
    }
    ErrorSpike before = state.getOpen() == null ? null : ShallowCopy.of(state.getOpen().getRow());
    Instant first = now.minus(MOST_TO_CATCH_UP);
    first = first.isBefore(state.getSeenTo()) ? state.getSeenTo() : first;
    for (Instant minute = first; !minute.isAfter(now); minute = plus(minute, 1)) {
      learnTo(blockOf(minute.minus(rules.lookback())));
      if (state.getOpen() == null) {
        open(minute);
      } else {
        close(minute).ifPresent(published::add);
      }
    }
    state.setSeenTo(now);
    published.addAll(findLate());
    if (state.getOpen() != null) {
      ErrorSpike row = state.getOpen().getRow();
      count(state.getOpen());
      if (!row.equals(before)) {
        published.add(ShallowCopy.of(row));
      }
    }
    return published;
  }

  private void open(Instant now) {
    find(now)
        .ifPresent(
            found -> {
              ErrorSpike row = row(found.from(), found.expected(), found.score());
              state.setOpen(new OpenSpike(row, found.window(), 0L, 0L, Map.of(), null));
            });
  }

  private static ErrorSpike row(Instant from, double expected, double score) {
    return new ErrorSpike("", "", from, null, 0L, 0L, 0.0, expected, score, List.of(), 0L, false);
  }

  /**
   * A window that opens a spike.
   *
   * @param expected the baseline's share
   */
  private record Found(int window, Instant from, double expected, double score) {}

  /** The most improbable window that is improbable enough. */
  private Optional<Found> find(Instant now) {
    Found best = null;
    for (int window : rules.windows()) {
      Instant from = plus(now, -window);
      if (!state.getPast().isEmpty()) {
        Instant calm = state.getPast().get(state.getPast().size() - 1).getTo();
        from = from.isBefore(calm) ? calm : from;
      }
      ErrorShare seen = ended.between(from, now);
      if (seen.errored() < rules.leastErrored()) {
        continue; // most often: the baseline need not be made
      }
      Instant guarded = now.minus(rules.guard());
      Baseline baseline = baseline(from.isBefore(guarded) ? from : guarded);
      OptionalDouble score = rules.opening(seen, baseline);
      if (score.isPresent() && (best == null || score.getAsDouble() > best.score())) {
        best = new Found(window, from, baseline.share(), score.getAsDouble());
      }
    }
    return Optional.ofNullable(best).map(found -> fromItsStart(found, now));
  }

  /** A window is longer than what it found: the spike began where the rest is most improbable. */
  private Found fromItsStart(Found found, Instant now) {
    Baseline baseline = baseline(found.from());
    Found best = null;
    for (Instant from = found.from(); !from.isAfter(now); from = plus(from, 1)) {
      if (ended.between(from, from).errored() > 0) {
        double score = baseline.score(ended.between(from, now));
        if (best == null || score > best.score()) {
          best = new Found(found.window(), from, found.expected(), score);
        }
      }
    }
    return new Found(found.window(), best.from(), found.expected(), found.score());
  }

  /**
   * Looks at blocks of which something came in late, once no more of them comes.
   *
   * @return spikes that are over, oldest first; one that goes on is open from now on
   */
  private List<ErrorSpike> findLate() {
    List<ErrorSpike> published = new ArrayList<>();
    for (Instant block : late.complete(state.getSeenTo())) {
      late.find(block, learnt, state.getLearntTo())
          .filter(found -> !isOfOpen(found.from()) && !isOfPast(found.from()))
          .ifPresent(found -> takeLate(found).ifPresent(published::add));
    }
    late.learnComplete(state.getSeenTo(), learnt);
    return published;
  }

  /** The spike, if it is over. Another may have begun since, or be what it became. */
  private Optional<ErrorSpike> takeLate(LateArrivals.Found found) {
    ErrorSpike row = row(found.from(), found.expected(), found.score());
    Stream<Instant> others =
        Stream.concat(
            state.getPast().stream().map(PastSpike::getFrom),
            Stream.ofNullable(state.getOpen()).map(open -> open.getRow().getOpenedAt()));
    Optional<Instant> to =
        Stream.concat(found.to().stream(), others.filter(found.from()::isBefore))
            .min(Comparator.naturalOrder());
    LateArrivals.Taken taken = late.take(found.from(), to.orElse(state.getLearntTo()), learnt);
    if (to.isEmpty()) {
      state.setOpen(
          new OpenSpike(
              row,
              found.window(),
              taken.share().errored(),
              taken.share().finished(),
              taken.groups(),
              null));
      return Optional.empty();
    }
    row.setClosedAt(to.get());
    row.setErrored(taken.share().errored());
    row.setFinished(taken.share().finished());
    row.setObservedShare(taken.share().share());
    row.setErrorGroups(EndedRuns.mostFrequent(taken.groups()));
    past(found.from(), to.get());
    return Optional.of(row);
  }

  /** What was learnt, and what will be of minutes before this one. */
  private Baseline baseline(Instant before) {
    Baseline baseline = learnt.copy();
    ErrorShare block = ErrorShare.NONE;
    Instant of = Instant.EPOCH;
    for (EndedMinute minute : ended.before(before)) {
      if (isOfOpen(minute.getMinute()) || isOfPast(minute.getMinute())) {
        continue;
      }
      if (!blockOf(minute.getMinute()).equals(of)) {
        baseline.learn(of, block.errored(), block.finished());
        of = blockOf(minute.getMinute());
        block = ErrorShare.NONE;
      }
      block = block.plus(minute);
    }
    baseline.learn(of, block.errored(), block.finished());
    return baseline;
  }

  /** The spike as it closes; empty while it does not. */
  private Optional<ErrorSpike> close(Instant now) {
    OpenSpike open = state.getOpen();
    ErrorSpike row = open.getRow();
    int window = Math.max(open.getWindow(), (int) rules.calmFor().toMinutes());
    Instant from = plus(now, -window);
    from = from.isBefore(row.getOpenedAt()) ? row.getOpenedAt() : from;
    Baseline baseline = baseline(row.getOpenedAt());
    ErrorShare seen = ended.between(from, now);
    boolean calm = rules.isCalm(seen, baseline);
    if (calm && open.getCalmSince() == null) {
      open.setCalmSince(now);
    } else if (!calm) {
      open.setCalmSince(null);
      row.setScore(Math.max(row.getScore(), baseline.score(seen)));
    }
    if (calm && !now.isBefore(open.getCalmSince().plus(rules.calmFor()))) {
      // The window that was calm first began when it was over, if it left none of the errors out.
      Instant over = plus(open.getCalmSince(), 1 - window);
      Instant least = toItsEnd(open, baseline, now);
      return Optional.of(closed(over.isBefore(least) ? least : over));
    }
    if (!now.isBefore(row.getOpenedAt().plus(rules.longest()))) {
      ErrorSpike closed = closed(now);
      // What was a spike is the usual now: only its last hour is learnt from.
      learnt.countAtMost(0);
      PastSpike past = state.getPast().get(state.getPast().size() - 1);
      past.setFrom(plus(now, -1));
      return Optional.of(closed);
    }
    return Optional.empty();
  }

  /**
   * Where what was since its begin is most improbable: a long window of a quiet workflow is calm
   * while it holds the last errors still.
   */
  private Instant toItsEnd(OpenSpike open, Baseline baseline, Instant now) {
    Instant opened = open.getRow().getOpenedAt();
    ErrorShare before = new ErrorShare(open.getErroredBefore(), open.getFinishedBefore());
    Instant end = opened;
    double best = Double.NEGATIVE_INFINITY;
    for (Instant minute = opened; !minute.isAfter(now); minute = plus(minute, 1)) {
      if (ended.between(minute, minute).errored() > 0) {
        double score = baseline.score(before.plus(ended.between(opened, minute)));
        if (score >= best) {
          best = score;
          end = minute;
        }
      }
    }
    return plus(end, 1);
  }

  private ErrorSpike closed(Instant at) {
    OpenSpike open = state.getOpen();
    open.getRow().setClosedAt(at);
    count(open);
    past(open.getRow().getOpenedAt(), at);
    state.setOpen(null);
    return open.getRow();
  }

  private void past(Instant from, Instant to) {
    state.getPast().add(new PastSpike(from, to));
    state.getPast().sort(Comparator.comparing(PastSpike::getFrom));
    if (state.getPast().size() > MOST_PAST) {
      state.getPast().remove(0);
    }
  }

  private void count(OpenSpike open) {
    ErrorSpike row = open.getRow();
    Instant last =
        row.getClosedAt() == null
            ? state.getSeenTo().plus(MOST_TO_CATCH_UP)
            : plus(row.getClosedAt(), -1);
    ErrorShare kept = ended.between(row.getOpenedAt(), last);
    row.setErrored(open.getErroredBefore() + kept.errored());
    row.setFinished(open.getFinishedBefore() + kept.finished());
    row.setObservedShare(
        row.getFinished() == 0 ? 0 : (double) row.getErrored() / row.getFinished());
    row.setErrorGroups(ended.groups(row.getOpenedAt(), last, open.getGroupsBefore()));
  }

  private boolean isOfOpen(Instant minute) {
    return state.getOpen() != null && !minute.isBefore(state.getOpen().getRow().getOpenedAt());
  }

  private boolean isOfPast(Instant minute) {
    for (PastSpike past : state.getPast()) {
      if (!minute.isBefore(past.getFrom()) && minute.isBefore(past.getTo())) {
        return true;
      }
    }
    return false;
  }

  private void learnTo(Instant to) {
    if (state.getLearntTo() != null && !to.isAfter(state.getLearntTo())) {
      return;
    }
    if (state.getLearntTo() == null) {
      state.setLearntTo(Instant.EPOCH);
    }
    ErrorShare block = ErrorShare.NONE;
    Instant of = state.getLearntTo();
    for (EndedMinute minute : ended.takeBefore(to)) {
      if (isOfOpen(minute.getMinute())) {
        addToOpen(minute);
      } else if (!isOfPast(minute.getMinute())) {
        if (!blockOf(minute.getMinute()).equals(of)) {
          learn(of, block);
          of = blockOf(minute.getMinute());
          block = ErrorShare.NONE;
        }
        block = block.plus(minute);
      }
    }
    learn(of, block);
    state.setLearntTo(to);
  }

  private void learn(Instant block, ErrorShare share) {
    learnt.learn(block, share.errored(), share.finished());
    if (isJudgedLate(block)) {
      late.learnt(block, share);
    }
  }

  private void addToOpen(EndedMinute minute) {
    OpenSpike open = state.getOpen();
    open.setErroredBefore(open.getErroredBefore() + minute.getErrored());
    open.setFinishedBefore(open.getFinishedBefore() + minute.getFinished());
    open.setGroupsBefore(EndedRuns.sum(open.getGroupsBefore(), minute.getGroups()));
  }

  static Instant blockOf(Instant minute) {
    long block = BLOCK * 60L;
    return Instant.ofEpochSecond(Math.floorDiv(minute.getEpochSecond(), block) * block);
  }

  private static Instant plus(Instant minute, int minutes) {
    return minute.plus(minutes, ChronoUnit.MINUTES);
  }
}
