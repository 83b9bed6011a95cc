package io.flowmeter.dev.up;

import io.flowmeter.ingest.source.SourceNotFoundException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Tasks of a start, each on a thread of its own. */
final class ParallelStartup {
  private final ExecutorService threads = Executors.newCachedThreadPool();

  /** Begins a task. */
  <T> CompletableFuture<T> start(Callable<T> task) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return task.call();
          } catch (RuntimeException e) {
            throw e;
          } catch (Exception e) {
            throw new CompletionException(e);
          }
        },
        threads);
  }

  /** Nothing more begins. */
  void end() {
    threads.shutdown();
  }

  /**
   * Waits for all that began, also after a failure, so that nothing starts behind the closing's
   * back.
   *
   * @param onFailure what keeps further steps from beginning
   * @param onInterrupt what gives up those that wait
   * @throws RuntimeException the first failure
   * @throws CancellationException where this thread was interrupted, for a stop was asked for
   */
  void awaitAll(List<CompletableFuture<?>> all, Runnable onFailure, Runnable onInterrupt) {
    CompletableFuture<Throwable> first = new CompletableFuture<>();
    all.forEach(
        each ->
            each.whenComplete(
                (done, failure) -> {
                  if (failure != null) {
                    onFailure.run();
                    first.complete(failure);
                  }
                }));
    CompletableFuture<Void> every =
        CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new))
            .handle((done, failure) -> null);
    try {
      every.get();
    } catch (InterruptedException | ExecutionException e) {
      onInterrupt.run();
      every.join();
      Thread.currentThread().interrupt();
      throw new CancellationException("the start was given up");
    }
    if (first.isDone()) {
      throw describe(first.join());
    }
  }

  private static RuntimeException describe(Throwable failure) {
    if (failure instanceof CompletionException && failure.getCause() != null) {
      return describe(failure.getCause());
    }
    if (failure instanceof SourceNotFoundException) {
      return new UpException(failure.getMessage(), failure);
    }
    return failure instanceof RuntimeException known
        ? known
        : new UpException("up could not start: " + failure, failure);
  }
}
