package io.flowmeter.ingest.poll;

import io.flowmeter.ingest.budget.Priority;
import io.flowmeter.ingest.publish.CheckpointSnapshot;
import io.flowmeter.ingest.telemetry.Telemetry;
import java.time.Duration;
import java.util.Optional;

/** Asks a little production question by question, so that an answer can be late. */
final class Asker {
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  private final LittleRuntime runtime;
  private final RecordingSink heard;
  private Telemetry telemetry;
  private PollerContext polling;
  private Planner planner;

  Asker(LittleRuntime runtime, RecordingSink heard) {
    this.runtime = runtime;
    this.heard = heard;
    start(CheckpointSnapshot.NOTHING);
  }

  /** A process starts. */
  void start(CheckpointSnapshot stored) {
    telemetry = new Telemetry(runtime.clock());
    polling =
        new PollerContext(
            runtime.account(),
            runtime.traits(),
            PollSettings.production(INTERVAL, 1),
            heard,
            telemetry,
            new PollStats(),
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
    for (Optional<ApiRequest<?>> question = next(); question.isPresent(); question = next()) {
      settle(ask(question.get()));
    }
  }

  private Optional<ApiRequest<?>> next() throws InterruptedException {
    return planner.next(runtime.clock().instant());
  }

  /** The question that tells most now; its answer is not taken in. */
  ApiRequest.Settling ask() throws InterruptedException {
    return ask(next().orElseThrow());
  }

  ApiRequest.Settling ask(ApiRequest<?> question) throws InterruptedException {
    return question.ask(runtime, runtime.budget().acquire(Priority.USUAL));
  }

  void settle(ApiRequest.Settling answer) throws InterruptedException {
    answer.settle();
    planner.settled();
  }

  /** Asks what is due until an answer to such a question is there, which is not taken in. */
  ApiRequest.Settling onItsWay(String what) throws InterruptedException {
    runtime.pass(INTERVAL);
    while (true) {
      ApiRequest<?> question = next().orElseThrow();
      ApiRequest.Settling answer = ask(question);
      if (question.what().startsWith(what)) {
        return answer;
      }
      settle(answer);
    }
  }

  PollerContext polling() {
    return polling;
  }

  Planner planner() {
    return planner;
  }

  Telemetry telemetry() {
    return telemetry;
  }
}
