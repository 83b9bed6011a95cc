package io.flowmeter.streams.spike;

import io.flowmeter.schemas.state.EndedMinute;
import io.flowmeter.schemas.state.LearntBlock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * Runs that were told of after their minutes had been learnt, as when the poller was away. They are
 * held until no more of their block of minutes come: what errs may well be told of before what does
 * not, and half of a block is no share. Then blocks are held against what was learnt, as minutes
 * are that come in time: with all that is known of them, in windows of whole blocks that are as
 * long as those of the rules.
 */
final class LateArrivals {
  /** What came in longer ago is not looked at. Ends are gathered by minutes for longer. */
  static final Duration LOOKS_BACK = Duration.ofHours(5);

  /** So long after the last one came, no more are waited for. */
  private static final Duration SETTLED = Duration.ofMinutes(10);

  private static final Duration BLOCK = Duration.ofMinutes(SpikeDetector.BLOCK);

  private final NavigableMap<Instant, LearntBlock> blocks = new TreeMap<>();
  private final EndedRuns late;
  private final SpikeRules rules;

  LateArrivals(List<LearntBlock> blocks, List<EndedMinute> late, SpikeRules rules) {
    blocks.forEach(block -> this.blocks.put(block.getAt(), block));
    this.late = new EndedRuns(late);
    this.rules = rules;
  }

  /**
   * A spike.
   *
   * @param window minutes of the window in which it was found
   * @param to when it was over; empty where it was not before what is learnt ends
   * @param expected the baseline's share
   */
  record Found(int window, Instant from, Optional<Instant> to, double expected, double score) {}

  /** What a spike is made of. */
  record Taken(ErrorShare share, Map<String, Long> groups) {}

  /** By time. */
  List<LearntBlock> blocks() {
    return List.copyOf(blocks.values());
  }

  /** What is late and was not looked at, by time. */
  List<EndedMinute> minutes() {
    return late.minutes();
  }

  /** A block was learnt in time. */
  void learnt(Instant block, ErrorShare share) {
    LearntBlock known = block(block);
    known.setErrored(known.getErrored() + share.errored());
    known.setFinished(known.getFinished() + share.finished());
  }

  /** Something came late. */
  void add(EndedMinute more, Instant now) {
    late.add(more);
    block(SpikeDetector.blockOf(more.getMinute())).setLateAt(now);
  }

  private LearntBlock block(Instant at) {
    return blocks.computeIfAbsent(at, unknown -> new LearntBlock(unknown, 0L, 0L, null));
  }

  /** Blocks of which something came late and no more does, by time. */
  List<Instant> complete(Instant now) {
    List<Instant> settled = new ArrayList<>();
    for (LearntBlock block : blocks.values()) {
      if (block.getLateAt() != null && !block.getLateAt().plus(SETTLED).isAfter(now)) {
        settled.add(block.getAt());
      }
    }
    return settled;
  }

  /**
   * The spike that a window shows which ends with this block.
   *
   * @param learntTo where blocks end
   */
  Optional<Found> find(Instant last, Baseline baseline, Instant learntTo) {
    Found best = null;
    for (int minutes : rules.windows()) {
      int window = Math.max(minutes, SpikeDetector.BLOCK);
      OptionalDouble score = rules.opening(between(first(last, window), last), baseline);
      if (score.isPresent() && (best == null || score.getAsDouble() > best.score())) {
        best =
            new Found(
                window,
                from(first(last, window), last, baseline),
                Optional.empty(),
                baseline.share(),
                score.getAsDouble());
      }
    }
    if (best == null) {
      return Optional.empty();
    }
    Optional<Instant> to = over(best, last, baseline, learntTo);
    return Optional.of(new Found(best.window(), best.from(), to, best.expected(), best.score()));
  }

  private static Instant first(Instant last, int window) {
    return last.plus(BLOCK).minus(Duration.ofMinutes(window));
  }

  /** The minute from which on what came late is most improbable. */
  private Instant from(Instant first, Instant last, Baseline baseline) {
    Instant from = first;
    double best = 0;
    for (Instant minute = first; minute.isBefore(last.plus(BLOCK)); minute = next(minute)) {
      if (late.between(minute, minute).errored() > 0) {
        double score = baseline.score(late.between(minute, last.plus(BLOCK).minusSeconds(60)));
        if (score > best) {
          best = score;
          from = minute;
        }
      }
    }
    return from;
  }

  /** Where the first calm window began. */
  private Optional<Instant> over(Found found, Instant last, Baseline baseline, Instant learntTo) {
    Instant opened = SpikeDetector.blockOf(found.from());
    for (Instant block = last.plus(BLOCK); block.isBefore(learntTo); block = block.plus(BLOCK)) {
      Instant first = first(block, found.window());
      first = first.isBefore(opened) ? opened : first;
      if (rules.isCalm(between(first, block), baseline)) {
        Instant least = next(found.from());
        return Optional.of(first.isBefore(least) ? least : first);
      }
    }
    return Optional.empty();
  }

  /** All that is known of blocks from the first to the last, both included. */
  private ErrorShare between(Instant first, Instant last) {
    ErrorShare share = late.between(first, last.plus(BLOCK).minusSeconds(60));
    for (LearntBlock block : blocks.subMap(first, true, last, true).values()) {
      share = share.plus(new ErrorShare(block.getErrored(), block.getFinished()));
    }
    return share;
  }

  /**
   * Takes what belongs to a spike out of what was learnt, and of what is to be looked at.
   *
   * @param to where it ends; the block in which that is belongs to it where it began there
   */
  Taken take(Instant from, Instant to, Baseline learnt) {
    Instant first = SpikeDetector.blockOf(from);
    Instant last = SpikeDetector.blockOf(to.minusSeconds(60));
    ErrorShare share = late.between(from, to.minusSeconds(60));
    Map<String, Long> groups = late.counts(from, to.minusSeconds(60));
    late.remove(from, to.minusSeconds(60));
    Collection<LearntBlock> within = blocks.subMap(first, true, last, true).values();
    for (LearntBlock block : within) {
      share = share.plus(new ErrorShare(block.getErrored(), block.getFinished()));
      learnt.learn(block.getAt(), -block.getErrored(), -block.getFinished());
      block.setErrored(0);
      block.setFinished(0);
    }
    return new Taken(share, groups);
  }

  /** What was looked at is learnt, and what is too old to be looked at. */
  void learnComplete(Instant now, Baseline learnt) {
    for (Instant at : complete(now)) {
      learn(blocks.get(at), learnt);
    }
    Instant forgotten = now.minus(LOOKS_BACK).minus(Duration.ofHours(1));
    Collection<LearntBlock> old = blocks.headMap(forgotten).values();
    old.forEach(block -> learn(block, learnt));
    old.clear();
  }

  private void learn(LearntBlock block, Baseline learnt) {
    Instant last = block.getAt().plus(BLOCK).minusSeconds(60);
    ErrorShare share = late.between(block.getAt(), last);
    late.remove(block.getAt(), last);
    learnt.learn(block.getAt(), share.errored(), share.finished());
    block.setErrored(block.getErrored() + share.errored());
    block.setFinished(block.getFinished() + share.finished());
    block.setLateAt(null);
  }

  private static Instant next(Instant minute) {
    return minute.plusSeconds(60);
  }
}
