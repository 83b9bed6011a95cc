package io.flowmeter.ingest.poll;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.ingest.budget.Urgency;
import io.flowmeter.ingest.publish.Stored;
import io.flowmeter.ingest.telemetry.Telemetry;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A planner whose answers are taken in when the test says so. */
class PlannerTest {
  private static final String ORDERS = "orders";
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  private final LittleRuntime runtime = LittleRuntime.production();
  private final Heard heard = new Heard();
  private final Planner planner =
      new Planner(
          new Polling(
              runtime.account(),
              runtime.traits(),
              PollSettings.production(INTERVAL, 1),
              heard,
              new Telemetry(runtime.clock()),
              new Tally(),
              runtime.clock(),
              () -> false),
          Stored.NOTHING);

  private Optional<Question.Settling> ask() throws InterruptedException {
    Optional<Question<?>> question = planner.next(runtime.clock().instant());
    return question.isEmpty()
        ? Optional.empty()
        : Optional.of(question.get().ask(runtime, runtime.budget().acquire(Urgency.USUAL)));
  }

  private void settle(Question.Settling answer) throws InterruptedException {
    answer.settle();
    planner.settled();
  }

  /** All that is worth a request now. */
  private void askAll() throws InterruptedException {
    for (var answer = ask(); answer.isPresent(); answer = ask()) {
      settle(answer.get());
    }
  }

  @Test
  void aRowThatIsLeftToADetailAskedForBeforeIsReadAgain() throws InterruptedException {
    planner.granted(Double.POSITIVE_INFINITY);
    runtime.deploy(ORDERS);
    runtime.create(ORDERS, "order-1", "running");
    askAll();
    runtime.pass(Duration.ofMinutes(2));
    // The list plans a look; that is answered, and taken in late.
    settle(ask().orElseThrow());
    int before = runtime.detailsAsked("order-1");
    Question.Settling look = ask().orElseThrow();
    assertThat(runtime.detailsAsked("order-1")).isEqualTo(before + 1);
    runtime.move(ORDERS, "order-1", "complete");
    runtime.pass(INTERVAL);
    askAll();
    settle(look);
    runtime.pass(INTERVAL);
    askAll();
    assertThat(heard.of("order-1")).endsWith("row complete", "detail complete");
  }
}
