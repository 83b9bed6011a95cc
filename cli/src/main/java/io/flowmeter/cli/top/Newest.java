package io.flowmeter.cli.top;

import io.flowmeter.cli.query.QueryException;
import java.io.IOException;
import java.time.Duration;

/**
 * The newest figures. They are asked for now and then on a thread of its own, so that a server that
 * says nothing keeps neither a key nor a stop waiting. For one thread.
 */
final class Newest {
  private final Question question;
  private final Duration every;
  private Asking asking;
  private long answeredNanos;
  private Figures figures;
  private Exception trouble;

  /** Where figures come from. */
  interface Question {
    Figures ask() throws IOException;
  }

  /**
   * Asks at once.
   *
   * @param every how long after an answer the next is asked for
   */
  Newest(Question question, Duration every) {
    this.question = question;
    this.every = every;
    ask();
  }

  private void ask() {
    asking = new Asking();
    asking.start();
  }

  /** Whether there is another answer, or none where one was awaited. Asks anew when it is time. */
  boolean came() {
    if (asking == null) {
      if (System.nanoTime() - answeredNanos >= every.toNanos()) {
        ask();
      }
      return false;
    }
    if (asking.isAlive()) {
      return false;
    }
    trouble = asking.failure;
    if (trouble == null) {
      figures = asking.answer;
    }
    asking = null;
    answeredNanos = System.nanoTime();
    return true;
  }

  /**
   * The last that there were.
   *
   * @throws QueryException where there are none, for the server refuses the query
   * @throws IOException where there are none, for it cannot be reached or is silent
   */
  Figures figures() throws IOException {
    if (figures == null) {
      if (trouble instanceof IOException away) {
        throw away;
      }
      throw (RuntimeException) trouble;
    }
    return figures;
  }

  /** Why the last are old; empty where they are not. */
  String trouble() {
    return trouble == null ? "" : "these figures are old: " + trouble.getMessage();
  }

  /** One question; what came of it is there when the thread is not alive any more. */
  private final class Asking extends Thread {
    private Figures answer;
    private Exception failure;

    Asking() {
      super("flowmeter-top");
      setDaemon(true);
    }

    @Override
    public void run() {
      try {
        answer = question.ask();
      } catch (IOException | RuntimeException e) {
        failure = e;
      }
    }
  }
}
