package io.flowmeter.streams.state;

import io.flowmeter.schemas.observation.Attempt;
import io.flowmeter.schemas.observation.CurrentStep;
import io.flowmeter.schemas.observation.DetailPart;
import io.flowmeter.schemas.observation.Error;
import io.flowmeter.schemas.observation.InstanceRow;
import io.flowmeter.schemas.observation.Step;
import io.flowmeter.schemas.rollup.Bucket;
import io.flowmeter.schemas.rollup.StepMinute;
import io.flowmeter.schemas.rollup.WorkflowMinute;
import io.flowmeter.schemas.state.DetailOrder;
import io.flowmeter.schemas.state.DetailSeen;
import io.flowmeter.schemas.state.EndSeen;
import io.flowmeter.schemas.state.RowSeen;
import io.flowmeter.schemas.state.RunState;
import io.flowmeter.schemas.state.StatusSample;
import io.flowmeter.schemas.state.StepSeen;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;

/** State as it could be and worse: each value is usual, absent or far off, as chance has it. */
final class AnyState {
  /** When the run began. */
  static final long RUN = Instant.parse("2026-11-24T12:00:00.123Z").toEpochMilli();

  private static final List<String> STATUSES =
      List.of("queued", "running", "waiting", "complete", "errored", "", "something new");
  private static final List<String> NAMES =
      List.of(
          "fetch", "fetch-1", "fetch-12", "fetch-007", "a-", "-1", "", "~3:ä\0€", "a-0", "🙂-5");
  private static final List<String> TYPES =
      List.of("step", "sleep", "waitForEvent", "termination", "");

  private final Random random;

  AnyState(Random random) {
    this.random = random;
  }

  RunState run() {
    List<StatusSample> samples = list(5, this::sample);
    RunState state = new RunState();
    state.setObservedAt(time());
    state.setRevision(random.nextLong());
    state.setSamples(samples);
    state.setLatest(
        maybe() ? null : samples.isEmpty() || maybe() ? sample() : samples.get(samples.size() - 1));
    state.setRow(maybe() ? null : new RowSeen(time(), row()));
    state.setDetail(maybe() ? null : new DetailSeen(order(), header()));
    state.setWhole(
        maybe()
            ? null
            : state.getDetail() == null || maybe() ? order() : state.getDetail().getOrder());
    state.setEnds(list(3, () -> new EndSeen(time(), one(STATUSES), time())));
    state.setVanishedAt(perhaps());
    state.setEndLearntAt(perhaps());
    state.setNextRun(maybe() ? null : random.nextLong());
    return state;
  }

  /** Steps in the order of index and offset. */
  List<List<StepSeen>> steps() {
    List<DetailOrder> orders = List.of(order(), order(), order());
    List<List<StepSeen>> steps = new ArrayList<>();
    int index = -1;
    for (int count = random.nextInt(6); count > 0; count--) {
      index += maybe() ? 1 : 1 + random.nextInt(1_000);
      List<StepSeen> stretches = new ArrayList<>();
      int offset = 0;
      for (int stretch = 1 + random.nextInt(2); stretch > 0; stretch--) {
        stretches.add(new StepSeen(one(orders), step(index, offset)));
        offset += 1 + random.nextInt(1_000);
      }
      steps.add(stretches);
    }
    return steps;
  }

  Contributions contributions() {
    return new Contributions(
        list(4, () -> row(new WorkflowMinute())), list(6, () -> row(new StepMinute())));
  }

  private Step step(int index, int offset) {
    Step step = new Step();
    step.setStepIndex(index);
    step.setAttemptOffset(offset);
    step.setType(one(TYPES));
    step.setName(maybe() ? null : one(NAMES));
    step.setStep(maybe() || step.getName() == null ? null : one(NAMES));
    step.setRetryLimit(maybe() ? null : random.nextLong());
    step.setBackoff(maybe() ? null : one(NAMES));
    step.setTimeout(maybe() ? null : one(NAMES));
    step.setStart(perhaps());
    step.setEnd(perhaps());
    step.setSuccess(tristate());
    step.setFinished(tristate());
    step.setAttempts(list(4, this::attempt));
    if (maybe()) {
      step.setStart(time());
      step.setEnd(time());
      step.setSuccess(true);
      step.setFinished(null);
      step.setAttempts(List.of(new Attempt(step.getStart(), step.getEnd(), true, null)));
    }
    List<Attempt> attempts = step.getAttempts();
    step.setError(
        maybe() && !attempts.isEmpty() ? attempts.get(attempts.size() - 1).getError() : error());
    return step;
  }

  private Attempt attempt() {
    return new Attempt(perhaps(), perhaps(), tristate(), error());
  }

  private Error error() {
    return maybe() ? null : new Error(one(NAMES), one(NAMES));
  }

  private StatusSample sample() {
    return new StatusSample(time(), one(STATUSES), perhaps());
  }

  private DetailOrder order() {
    return new DetailOrder(time(), random.nextInt(1 << 16));
  }

  private InstanceRow row() {
    InstanceRow row = new InstanceRow();
    row.setStatus("");
    row.setStartedOn(perhaps());
    row.setEndedOn(perhaps());
    row.setVersionId(maybe() ? null : one(NAMES));
    row.setTriggerSource(maybe() ? null : one(NAMES));
    return row;
  }

  private DetailPart header() {
    DetailPart header = new DetailPart();
    header.setDetailId("");
    header.setWhole(maybe());
    header.setStatus(one(STATUSES));
    header.setQueued(perhaps());
    header.setStart(perhaps());
    header.setEnd(perhaps());
    header.setError(error());
    header.setVersionId(maybe() ? null : one(NAMES));
    header.setTriggerSource(maybe() ? null : one(NAMES));
    header.setStepCount(random.nextInt(25_000));
    header.setWeight(maybe() ? 1 : random.nextLong());
    header.setCurrent(
        maybe()
            ? null
            : new CurrentStep(
                random.nextInt(25_000), one(TYPES), one(NAMES), perhaps(), random.nextInt(10_000)));
    header.setSteps(List.of());
    return header;
  }

  private <R extends SpecificRecord> R row(R row) {
    for (Schema.Field field : row.getSchema().getFields()) {
      row.put(field.pos(), value(field));
    }
    return row;
  }

  private Object value(Schema.Field field) {
    return switch (field.name()) {
      case "account_id" -> "account";
      case "workflow" -> "workflow";
      case "minute" -> Instant.ofEpochSecond(60 * (RUN / 60_000 + random.nextInt(3)));
      case "part", "revision" -> 0L;
      case "deleted" -> false;
      default ->
          switch (field.schema().getType()) {
            case STRING -> one(NAMES);
            case ARRAY -> list(2, this::bucket);
            default -> maybe() ? 0L : maybe() ? 1L : maybe() ? 700L : random.nextLong();
          };
    };
  }

  private Bucket bucket() {
    return new Bucket(random.nextInt(2_000) - 1, maybe() ? 1L : random.nextInt() - 7L);
  }

  private Instant time() {
    return switch (random.nextInt(4)) {
      case 0 -> Instant.ofEpochMilli(RUN);
      case 1 -> Instant.ofEpochMilli(RUN + random.nextInt(10_000));
      case 2 -> Instant.ofEpochMilli(RUN + 1_000L * random.nextInt(100_000));
      default -> Instant.ofEpochMilli(random.nextLong() >> 10);
    };
  }

  private Instant perhaps() {
    return maybe() ? null : time();
  }

  private Boolean tristate() {
    return maybe() ? null : Boolean.valueOf(maybe());
  }

  private boolean maybe() {
    return random.nextBoolean();
  }

  private <T> T one(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private <T> List<T> list(int most, Supplier<T> element) {
    List<T> list = new ArrayList<>();
    for (int count = random.nextInt(most + 1); count > 0; count--) {
      list.add(element.get());
    }
    return list;
  }
}
