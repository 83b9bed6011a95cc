package io.flowmeter.cli.torture;

import io.flowmeter.cli.console.Narrator;
import io.flowmeter.cli.verify.DayException;
import io.flowmeter.failpoint.Failpoint;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BiFunction;

/** The place of one process, which is started again whenever it was ended. */
final class Slot {
  /** Failpoints are reached and kills come only after the JVM has come up. */
  private static final Duration STARTS_WITHIN = Duration.ofSeconds(3);

  private final String name;
  private final Strikes strikes;
  private final BiFunction<String, Optional<String>, Child> start;
  private final Injected injected;
  private final Narrator narrator;
  private final Runnable onEnd;
  private Child child;
  private Strike strike;

  /**
   * @param strikes how it is ended; shared by all processes of the command
   * @param start starts a process of a name, armed with a failpoint
   * @param onEnd told just after it was ended
   */
  Slot(
      String name,
      Strikes strikes,
      BiFunction<String, Optional<String>, Child> start,
      Injected injected,
      Narrator narrator,
      Runnable onEnd) {
    this.name = name;
    this.strikes = strikes;
    this.start = start;
    this.injected = injected;
    this.narrator = narrator;
    this.onEnd = onEnd;
  }

  /** Starts, kills, and looks whether it ended by itself; waits for nothing. */
  void tick() {
    if (child == null) {
      strike = strikes.next();
      child = start.apply(name, strike.failpoint().map(point -> point.armedFor(strike.nth())));
    } else if (!child.isAlive()) {
      ended();
    } else if (child.age().compareTo(STARTS_WITHIN.plus(strike.after())) > 0) {
      child.kill();
      killed();
    }
  }

  private void ended() {
    onEnd.run();
    if (strike.failpoint().isEmpty() || child.exitCode() != Failpoint.EXIT_CODE) {
      strike.failpoint().ifPresent(strikes::again);
      injected.gaveUp(name);
      narrator.say("%s gave up by itself, exit code %d".formatted(name, child.exitCode()));
      child = null;
      return;
    }
    injected.failpoint(strike.failpoint().get());
    narrator.say("%s ended at %s".formatted(name, strike.what()));
    child = null;
  }

  private void killed() {
    onEnd.run();
    strike.failpoint().ifPresent(strikes::again);
    injected.kill(name);
    narrator.say(
        strike
            .failpoint()
            .map(point -> "%s killed: it did not reach %s".formatted(name, strike.what()))
            .orElseGet(() -> "%s killed at random".formatted(name)));
    child = null;
  }

  /** From now on it runs without being ended. */
  void leaveAlone() {
    if (child != null) {
      child.kill();
      killed();
    }
    child = start.apply(name, Optional.empty());
  }

  /** Fails where it ended by itself. */
  void requireAlive() {
    if (child != null && !child.isAlive()) {
      throw new DayException(
          "%s was left alone, but ended with exit code %d: see its log"
              .formatted(name, child.exitCode()));
    }
  }

  /** Stops it in order. */
  void stop() throws InterruptedException {
    if (child != null) {
      child.stop();
      child = null;
    }
  }

  /** Ends it, however. */
  void close() {
    if (child != null) {
      child.kill();
      child = null;
    }
  }
}
