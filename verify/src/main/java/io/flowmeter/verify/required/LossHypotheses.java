package io.flowmeter.verify.required;

import io.flowmeter.simulator.ledger.ServedDetail;
import io.flowmeter.simulator.ledger.ServedRun;
import io.flowmeter.simulator.ledger.StatusInterval;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What can have come in of one instance, where answers may have been lost: everything, or all but
 * some of what may have been lost; the fewer losses, the earlier.
 */
final class LossHypotheses {
  /** Of more than so many things that may have been lost, only the latest are thought away. */
  private static final int MOST_UNCERTAIN = 10;

  private LossHypotheses() {}

  /** A detail or a stretch of a life, by their places. */
  private record Uncertain(int life, boolean detail, int place) {}

  /** Nothing that showed the instance may have been lost. */
  static boolean isCertain(List<ServedRun> runs, LossWindows losses) {
    return uncertain(runs, losses).isEmpty();
  }

  /** Each with the lives that showed anything; none of them where all was lost. */
  static Stream<List<ServedRun>> of(List<ServedRun> runs, LossWindows losses) {
    List<Uncertain> uncertain = uncertain(runs, losses);
    int from = Math.max(0, uncertain.size() - MOST_UNCERTAIN);
    List<Uncertain> thought = uncertain.subList(from, uncertain.size());
    return IntStream.range(0, 1 << thought.size())
        .boxed()
        .sorted(Comparator.comparing(Integer::bitCount))
        .map(
            bits -> {
              Set<Uncertain> lost = new HashSet<>();
              for (int i = 0; i < thought.size(); i++) {
                if ((bits >> i & 1) == 1) {
                  lost.add(thought.get(i));
                }
              }
              return without(runs, lost);
            });
  }

  private static List<Uncertain> uncertain(List<ServedRun> runs, LossWindows losses) {
    List<Uncertain> uncertain = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      List<ServedDetail> details = runs.get(i).details();
      for (int k = 0; k < details.size(); k++) {
        if (losses.mayHave(details.get(k).at())) {
          uncertain.add(new Uncertain(i, true, k));
        }
      }
      List<StatusInterval> intervals = runs.get(i).intervals();
      for (int k = 0; k < intervals.size(); k++) {
        if (losses.mayHave(intervals.get(k))) {
          uncertain.add(new Uncertain(i, false, k));
        }
      }
    }
    return uncertain;
  }

  private static List<ServedRun> without(List<ServedRun> runs, Set<Uncertain> lost) {
    List<ServedRun> left = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      int at = i;
      ServedRun run = runs.get(i);
      List<ServedDetail> details =
          IntStream.range(0, run.details().size())
              .filter(k -> !lost.contains(new Uncertain(at, true, k)))
              .mapToObj(run.details()::get)
              .toList();
      List<StatusInterval> intervals =
          IntStream.range(0, run.intervals().size())
              .filter(k -> !lost.contains(new Uncertain(at, false, k)))
              .mapToObj(run.intervals()::get)
              .toList();
      // A detail shows a status, too: it cannot be there when that is not.
      boolean shown =
          details.stream()
              .allMatch(
                  detail ->
                      intervals.stream()
                          .anyMatch(
                              interval ->
                                  !detail.at().isBefore(interval.first())
                                      && !detail.at().isAfter(interval.last())));
      if (!intervals.isEmpty() && shown) {
        left.add(
            new ServedRun(
                run.workflow(),
                run.instanceId(),
                run.createdOn(),
                run.position(),
                run.run(),
                run.rows(),
                intervals,
                details,
                run.gone()));
      }
    }
    return left;
  }
}
