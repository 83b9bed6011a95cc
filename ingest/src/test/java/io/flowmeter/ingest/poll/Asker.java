package io.flowmeter.ingest.poll;

import io.flowmeter.ingest.budget.Urgency;
import io.flowmeter.ingest.publish.Stored;
import io.flowmeter.ingest.telemetry.Telemetry;
import java.time.Duration;
import java.util.Optional;

/** Asks a little production question by question, so that an answer can be late. */
final class Asker {
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  private final LittleRuntime runtime;
  private final Heard heard;
  private Telemetry telemetry;
  private Polling polling;
  private Planner planner;

  Asker(LittleRuntime runtime, Heard heard) {
    this.runtime = runtime;
    this.heard = heard;
    start(Stored.NOTHING);
  }

  /** A process starts. */
  void start(Stored stored) {
    telemetry = new Telemetry(runtime.clock());
    polling =
        new Polling(
            runtime.account(),
            runtime.traits(),
            PollSettings.production(INTERVAL, 1),
            heard,
            telemetry,
            new Tally(),
            runtime.clock(),
            () -> false);
    planner = new Planner(polling, stored);
  }

  /** One list of the workflows, and all that follows from it. */
  void sweep() throws InterruptedException {
    runtime.pass(INTERVAL);
    askAll();
  }

  /** All that is worth a request now. */
  void askAll() throws InterruptedException {
    for (Optional<Question<?>> question = next(); question.isPresent(); question = next()) {
      settle(ask(question.get()));
    }
  }

  private Optional<Question<?>> next() throws InterruptedException {
    return planner.next(runtime.clock().instant());
  }

  /** The question that tells most now; its answer is not taken in. */
  Question.Settling ask() throws InterruptedException {
    return ask(next().orElseThrow());
  }

  Question.Settling ask(Question<?> question) throws InterruptedException {
    return question.ask(runtime, runtime.budget().acquire(Urgency.USUAL));
  }

  void settle(Question.Settling answer) throws InterruptedException {
    answer.settle();
    planner.settled();
  }

  /** Asks what is due until an answer to such a question is there, which is not taken in. */
  Question.Settling onItsWay(String what) throws InterruptedException {
    runtime.pass(INTERVAL);
    while (true) {
      Question<?> question = next().orElseThrow();
      Question.Settling answer = ask(question);
      if (question.what().startsWith(what)) {
        return answer;
      }
      settle(answer);
    }
  }

  Polling polling() {
    return polling;
  }

  Planner planner() {
    return planner;
  }

  Telemetry telemetry() {
    return telemetry;
  }
}
