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
  private Planner planner;

  Asker(LittleRuntime runtime, Heard heard) {
    this.runtime = runtime;
    this.heard = heard;
    start(Stored.NOTHING);
  }

  /** A process starts. */
  void start(Stored stored) {
    telemetry = new Telemetry(runtime.clock());
    planner =
        new Planner(
            new Polling(
                runtime.account(),
                runtime.traits(),
                PollSettings.production(INTERVAL, 1),
                heard,
                telemetry,
                new Tally(),
                runtime.clock(),
                () -> false),
            stored);
  }

  /** One list of the workflows, and all that follows from it. */
  void sweep() throws InterruptedException {
    runtime.pass(INTERVAL);
    for (Optional<Question<?>> question = next(); question.isPresent(); question = next()) {
      settle(ask(question.get()));
    }
  }

  private Optional<Question<?>> next() throws InterruptedException {
    return planner.next(runtime.clock().instant());
  }

  private Question.Settling ask(Question<?> question) throws InterruptedException {
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

  Planner planner() {
    return planner;
  }

  Telemetry telemetry() {
    return telemetry;
  }
}
