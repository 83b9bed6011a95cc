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
  static boolean isCertain(List<ServedRun> lives, LossWindows losses) {
    return uncertain(lives, losses).isEmpty();
  }

  /** Each with the lives that showed anything; none of them where all was lost. */
  static Stream<List<ServedRun>> of(List<ServedRun> lives, LossWindows losses) {
    List<Uncertain> uncertain = uncertain(lives, losses);
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
              return without(lives, lost);
            });
  }

  private static List<Uncertain> uncertain(List<ServedRun> lives, LossWindows losses) {
    List<Uncertain> uncertain = new ArrayList<>();
    for (int i = 0; i < lives.size(); i++) {
      List<ServedDetail> details = lives.get(i).details();
      for (int k = 0; k < details.size(); k++) {
        if (losses.mayHave(details.get(k).at())) {
          uncertain.add(new Uncertain(i, true, k));
        }
      }
      List<StatusInterval> stretches = lives.get(i).stretches();
      for (int k = 0; k < stretches.size(); k++) {
        if (losses.mayHave(stretches.get(k))) {
          uncertain.add(new Uncertain(i, false, k));
        }
      }
    }
    return uncertain;
  }

  private static List<ServedRun> without(List<ServedRun> lives, Set<Uncertain> lost) {
    List<ServedRun> left = new ArrayList<>();
    for (int i = 0; i < lives.size(); i++) {
      int at = i;
      ServedRun life = lives.get(i);
      List<ServedDetail> details =
          IntStream.range(0, life.details().size())
              .filter(k -> !lost.contains(new Uncertain(at, true, k)))
              .mapToObj(life.details()::get)
              .toList();
      List<StatusInterval> stretches =
          IntStream.range(0, life.stretches().size())
              .filter(k -> !lost.contains(new Uncertain(at, false, k)))
              .mapToObj(life.stretches()::get)
              .toList();
      // A detail shows a status, too: it cannot be there when that is not.
      boolean shown =
          details.stream()
              .allMatch(
                  detail ->
                      stretches.stream()
                          .anyMatch(
                              stretch ->
                                  !detail.at().isBefore(stretch.first())
                                      && !detail.at().isAfter(stretch.last())));
      if (!stretches.isEmpty() && shown) {
        left.add(
            new ServedRun(
                life.workflow(),
                life.instanceId(),
                life.createdOn(),
                life.position(),
                life.life(),
                life.rows(),
                stretches,
                details,
                life.gone()));
      }
    }
    return left;
  }
}
