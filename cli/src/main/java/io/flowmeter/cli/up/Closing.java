package io.flowmeter.cli.up;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has to be stopped, and in which order: who writes before who is written to. What stands in
 * one stage stops at the same time. A failure to stop one thing does not keep the others running.
 */
final class Closing {
  private static final Logger log = LoggerFactory.getLogger(Closing.class);

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
    for (Stage stage : Stage.values()) {
      CompletableFuture.allOf(
              take(stage).stream()
                  .map(each -> CompletableFuture.runAsync(() -> close(each), Closing::onThread))
                  .toArray(CompletableFuture<?>[]::new))
          .join();
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
