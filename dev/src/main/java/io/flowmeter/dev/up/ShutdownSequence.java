package io.flowmeter.dev.up;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has to be stopped, and in which order: who writes before who is written to. What stands in
 * one stage stops at the same time. A failure to stop one thing does not keep the others running,
 * nor does one that takes its time: without Kafka each waits for it as long as it may, and one
 * after the other would be too long.
 */
final class ShutdownSequence {
  private static final Logger log = LoggerFactory.getLogger(ShutdownSequence.class);

  /** So long a stage stops alone; then the next begins to. */
  private static final Duration HEAD_START = Duration.ofSeconds(2);

  /** In the order of stopping. */
  enum Stage {
    POLLING,
    TOPOLOGY,
    WRITER,
    CLIENTS,
    PARTS,
    DIRECTORY
  }

  private final Map<Stage, List<AutoCloseable>> open = new EnumMap<>(Stage.class);

  synchronized <T extends AutoCloseable> T add(Stage stage, T started) {
    open.computeIfAbsent(stage, any -> new ArrayList<>()).add(started);
    return started;
  }

  /** Stops everything that was added and not yet stopped. */
  void close() {
    List<CompletableFuture<Void>> stopping = new ArrayList<>();
    for (Stage stage : Stage.values()) {
      CompletableFuture<Void> its =
          CompletableFuture.allOf(
              take(stage).stream()
                  .map(
                      each ->
                          CompletableFuture.runAsync(() -> close(each), ShutdownSequence::onThread))
                  .toArray(CompletableFuture<?>[]::new));
      stopping.add(its);
      if (stage.compareTo(Stage.WRITER) < 0) {
        its.copy().completeOnTimeout(null, HEAD_START.toMillis(), TimeUnit.MILLISECONDS).join();
      } else {
        // What comes next is used by all before.
        stopping.forEach(CompletableFuture::join);
      }
    }
  }

  private synchronized List<AutoCloseable> take(Stage stage) {
    List<AutoCloseable> all = open.remove(stage);
    return all == null ? List.of() : all;
  }

  private static void close(AutoCloseable each) {
    try {
      each.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      log.warn(
          "{} did not stop as it should: {}", each.getClass().getSimpleName(), e.toString(), e);
    }
  }

  /** Not the common pool, which has one thread on two cores. */
  private static void onThread(Runnable task) {
    new Thread(task, "flowmeter-stop").start();
  }
}
