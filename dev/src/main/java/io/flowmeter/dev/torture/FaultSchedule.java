package io.flowmeter.dev.torture;

import io.flowmeter.failpoint.Failpoint;
import io.flowmeter.failpoint.Failpoint.Command;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;

/**
 * In which order the processes of a command are ended: rounds of all its failpoints, each shuffled
 * by the seed, with kills from outside among them. A failpoint that was not reached comes again.
 */
final class FaultSchedule {
  /** Of the processes that are ended, about so many are killed from outside. */
  private static final int ONE_OUTSIDE_IN = 5;

  /**
   * What is seldom reached, such as an insert by who has few partitions, is given up after this.
   */
  private static final Duration REACHED_WITHIN = Duration.ofSeconds(25);

  private static final int LONGEST_LIFE_MS = 6_000;

  /**
   * So long a process works that comes by its failpoint as often as usual. A busy one comes by a
   * thousand times in a second, so that a life is longer by time and not by times.
   */
  private static final Duration USUAL_LIFE = Duration.ofSeconds(10);

  /** Of those that are struck from outside, about so many are paused. */
  private static final int ONE_PAUSE_IN = 2;

  /** So long it works before it is paused. */
  private static final Duration SETTLED = Duration.ofSeconds(8);

  /** Longer than all that Kafka has patience for. */
  private static final Duration LONG_PAUSE = Duration.ofSeconds(60);

  private final Command command;
  private final Random random;
  private final double ease;
  private final boolean pauses;
  private final Deque<Failpoint> round = new ArrayDeque<>();

  /**
   * @param ease processes live about so many times as long as usual: they get more done
   * @param pauses whether processes are paused, too, which takes a minute each time
   */
  FaultSchedule(Command command, long seed, double ease, boolean pauses) {
    this.pauses = pauses;
    this.ease = ease;
    this.command = command;
    this.random = new Random(seed * 31 + command.ordinal());
  }

  FaultInjection next() {
    if (random.nextInt(ONE_OUTSIDE_IN) == 0) {
      Duration life = longer(Duration.ofMillis(random.nextInt(LONGEST_LIFE_MS)));
      if (pauses && random.nextInt(ONE_PAUSE_IN) == 0) {
        return FaultInjection.paused(life.plus(SETTLED), LONG_PAUSE);
      }
      return FaultInjection.outside(life);
    }
    if (round.isEmpty()) {
      List<Failpoint> all = new ArrayList<>(Failpoint.of(command));
      Collections.shuffle(all, random);
      round.addAll(all);
    }
    Failpoint point = round.poll();
    int nth = 1 + random.nextInt(Math.max(1, (int) (usual(point) * Math.min(1, ease))));
    return FaultInjection.at(
        point, nth, longer(USUAL_LIFE).minus(USUAL_LIFE), longer(REACHED_WITHIN));
  }

  /** Who is in haste does not wait less: to be struck takes a start, too. */
  private Duration longer(Duration usual) {
    return ease > 1 ? Duration.ofMillis((long) (usual.toMillis() * ease)) : usual;
  }

  /** It was not reached. */
  void again(Failpoint point) {
    round.addLast(point);
  }

  /** About how often a process comes by in its first seconds. */
  private static int usual(Failpoint point) {
    return switch (point) {
      case TOPOLOGY_BEFORE_PRODUCE, TOPOLOGY_AFTER_PRODUCE -> 400;
      case OBSERVATIONS_BEFORE_PRODUCE, OBSERVATIONS_AFTER_PRODUCE -> 300;
      case CHECKPOINT_BEFORE_COMMIT, CHECKPOINT_AFTER_COMMIT -> 20;
      case INSERT_BEFORE, INSERT_AFTER -> 40;
      default -> 8;
    };
  }
}
