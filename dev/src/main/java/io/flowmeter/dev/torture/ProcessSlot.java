package io.flowmeter.dev.torture;

import io.flowmeter.cli.console.ProgressListener;
import io.flowmeter.dev.verify.DayException;
import io.flowmeter.failpoint.Failpoint;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/** The place of one process, which is started again whenever it was ended. */
final class ProcessSlot {
  /** Failpoints are reached and kills come only after the JVM has come up. */
  private static final Duration STARTS_WITHIN = Duration.ofSeconds(3);

  /** Whoever was paused may ask, and not tell, until it has heard that another took its place. */
  static final Duration FINDS_OUT_WITHIN = Duration.ofSeconds(20);

  private static final Duration LIVES_ON = Duration.ofSeconds(30);

  private final String name;
  private final FaultSchedule schedule;
  private final BiFunction<String, Optional<String>, Child> start;
  private final InjectionCounts injected;
  private final ProgressListener progress;
  private final Consumer<Duration> onHurt;
  private Child child;
  private FaultInjection injection;
  private long pausedUntilNanos;
  private boolean paused;

  /**
   * @param schedule how it is ended; shared by all processes of the command
   * @param start starts a process of a name, armed with a failpoint
   * @param onHurt told just after it was ended or paused, or went on: how long from now what it
   *     does may be for nothing, in real time
   */
  ProcessSlot(
      String name,
      FaultSchedule schedule,
      BiFunction<String, Optional<String>, Child> start,
      InjectionCounts injected,
      ProgressListener progress,
      Consumer<Duration> onHurt) {
    this.name = name;
    this.schedule = schedule;
    this.start = start;
    this.injected = injected;
    this.progress = progress;
    this.onHurt = onHurt;
  }

  /** Starts, kills, and looks whether it ended by itself; waits for nothing. */
  void tick() throws InterruptedException {
    if (paused) {
      goOnInTime();
    } else if (child == null) {
      injection = schedule.next();
      child = start.apply(name, injection.armed());
    } else if (!child.isAlive()) {
      ended();
    } else if (child.age().compareTo(STARTS_WITHIN.plus(injection.after())) > 0) {
      if (injection.pause().isZero()) {
        child.kill();
        killed();
      } else {
        pause();
      }
    }
  }

  private void pause() throws InterruptedException {
    child.pause();
    onHurt.accept(Duration.ZERO);
    paused = true;
    pausedUntilNanos = System.nanoTime() + injection.pause().toNanos();
    injected.fault(name + " paused");
    progress.onProgress("%s paused for %d s".formatted(name, injection.pause().toSeconds()));
  }

  /** Then it has to find out that it was not there, and is killed some time later. */
  private void goOnInTime() throws InterruptedException {
    if (System.nanoTime() < pausedUntilNanos) {
      return;
    }
    onHurt.accept(FINDS_OUT_WITHIN);
    child.goOn();
    paused = false;
    injection = FaultInjection.outside(child.age().plus(LIVES_ON));
    progress.onProgress(name + " goes on");
  }

  private void ended() {
    onHurt.accept(Duration.ZERO);
    if (injection.failpoint().isEmpty() || child.exitCode() != Failpoint.EXIT_CODE) {
      injection.failpoint().ifPresent(schedule::again);
      injected.gaveUp(name);
      progress.onProgress("%s gave up by itself, exit code %d".formatted(name, child.exitCode()));
      child = null;
      return;
    }
    injected.failpoint(injection.failpoint().get());
    progress.onProgress("%s ended at %s".formatted(name, injection.what()));
    child = null;
  }

  private void killed() {
    onHurt.accept(Duration.ZERO);
    injection.failpoint().ifPresent(schedule::again);
    injected.kill(name);
    progress.onProgress(
        injection
            .failpoint()
            .map(point -> "%s killed: it did not reach %s".formatted(name, injection.what()))
            .orElseGet(() -> "%s killed at random".formatted(name)));
    child = null;
  }

  /** From now on it runs without being ended. */
  void leaveAlone() {
    if (child != null) {
      paused = false;
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
