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
  private final RecordingSink recorded;
  private Telemetry telemetry;
  private PollerContext context;
  private Planner planner;

  Asker(LittleRuntime runtime, RecordingSink recorded) {
    this.runtime = runtime;
    this.recorded = recorded;
    start(CheckpointSnapshot.NOTHING);
  }

  /** A process starts. */
  void start(CheckpointSnapshot snapshot) {
    telemetry = new Telemetry(runtime.clock());
    context =
        new PollerContext(
            runtime.account(),
            runtime.traits(),
            PollSettings.production(INTERVAL, 1),
            recorded,
            telemetry,
            new PollStats(),
            runtime.clock(),
            () -> false);
    planner = new Planner(context, snapshot);
  }

  /** One list of the workflows, and all that follows from it. */
  void sweep() throws InterruptedException {
    runtime.pass(INTERVAL);
    askAll();
  }

  /** All that is worth a request now. */
  void askAll() throws InterruptedException {
    for (Optional<ApiRequest<?>> request = next(); request.isPresent(); request = next()) {
      settle(ask(request.get()));
    }
  }

  private Optional<ApiRequest<?>> next() throws InterruptedException {
    return planner.next(runtime.clock().instant());
  }

  /** The question that tells most now; its answer is not taken in. */
  ApiRequest.Settling ask() throws InterruptedException {
    return ask(next().orElseThrow());
  }

  ApiRequest.Settling ask(ApiRequest<?> request) throws InterruptedException {
    return request.send(runtime, runtime.budget().acquire(Priority.USUAL));
  }

  void settle(ApiRequest.Settling answer) throws InterruptedException {
    answer.complete();
    planner.completed();
  }

  /** Asks what is due until an answer to such a question is there, which is not taken in. */
  ApiRequest.Settling onItsWay(String what) throws InterruptedException {
    runtime.pass(INTERVAL);
    while (true) {
      ApiRequest<?> request = next().orElseThrow();
      ApiRequest.Settling answer = ask(request);
      if (request.what().startsWith(what)) {
        return answer;
      }
      settle(answer);
    }
  }

  PollerContext context() {
    return context;
  }

  Planner planner() {
    return planner;
  }

  Telemetry telemetry() {
    return telemetry;
  }
}
