package io.flowmeter.cli.query;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * The newest answer to a question. It is asked now and then on a thread of its own, so that a
 * server that says nothing keeps neither a key nor a stop waiting. Safe for use by many threads.
 */
public final class AsyncCache<T> {
  private final Question<T> question;
  private final Duration every;
  private Asking asking;
  private long answeredNanos;
  private Optional<T> result = Optional.empty();
  private Optional<Exception> failure = Optional.empty();

  /** Where answers come from. */
  public interface Question<T> {
    T load() throws IOException;
  }

  /**
   * Asks at once.
   *
   * @param every how long after an answer the next is asked for
   */
  public AsyncCache(Question<T> question, Duration every) {
    this.question = question;
    this.every = every;
    load();
  }

  private void load() {
    asking = new Asking();
    asking.start();
  }

  /** Whether there is another answer, or none where one was awaited. Asks anew when it is time. */
  public synchronized boolean came() {
    if (asking == null) {
      if (System.nanoTime() - answeredNanos >= every.toNanos()) {
        load();
      }
      return false;
    }
    if (asking.isAlive()) {
      return false;
    }
    result = asking.result.or(() -> result);
    failure = asking.failure;
    asking = null;
    answeredNanos = System.nanoTime();
    return true;
  }

  /**
   * The last that there was.
   *
   * @throws QueryException where there is none, for the server refuses the query
   * @throws IOException where there is none, for it cannot be reached or is silent
   */
  public synchronized T result() throws IOException {
    if (result.isEmpty() && failure.isPresent()) {
      if (failure.get() instanceof IOException away) {
        throw away;
      }
      throw (RuntimeException) failure.get();
    }
    return result.orElseThrow();
  }

  /** The last where it is not old. */
  public synchronized Optional<T> fresh() {
    return failure.isPresent() ? Optional.empty() : result;
  }

  /** Why the last is old; empty where it is not. */
  public synchronized Optional<String> failure() {
    return failure.map(why -> why.getMessage() == null ? why.toString() : why.getMessage());
  }

  /** One question; what came of it is there when the thread is not alive any more. */
  private final class Asking extends Thread {
    private Optional<T> result = Optional.empty();
    private Optional<Exception> failure = Optional.empty();

    Asking() {
      super("flowmeter-ask");
      setDaemon(true);
    }

    @Override
    public void run() {
      try {
        result = Optional.of(question.load());
      } catch (IOException | RuntimeException e) {
        failure = Optional.of(e);
      }
    }
  }
}
