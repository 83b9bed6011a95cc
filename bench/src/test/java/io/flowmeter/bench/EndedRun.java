package io.flowmeter.bench;

import io.flowmeter.schemas.AvroSerde;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.observation.Attempt;
import io.flowmeter.schemas.observation.DetailPart;
import io.flowmeter.schemas.observation.Error;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.schemas.observation.Step;
import io.flowmeter.streams.rollup.StepMinutes;
import io.flowmeter.streams.rollup.WorkflowMinutes;
import io.flowmeter.streams.run.RunDerivation;
import io.flowmeter.streams.run.RunFacts;
import io.flowmeter.streams.run.RunKey;
import io.flowmeter.streams.run.RunKnowledge;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.serialization.Deserializer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What an ended run costs the topology's pure core, beside what it costs to read its observation:
 * if deriving were much dearer than decoding, the derivation would be the place to look.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class EndedRun {
  private static final Instant EPOCH = Instant.parse("2026-11-24T12:00:00Z");
  private static final RunKey RUN = new RunKey("account", "workflow", "i", EPOCH.toEpochMilli());

  @Param({"8", "1000"})
  int steps;

  private byte[] bytes;
  private Observation observation;
  private RunFacts facts;
  private Deserializer<Observation> deserializer;

  @Setup
  public void observe() {
    SchemaRegistry registry = SchemaRegistry.inMemory();
    deserializer = AvroSerde.deserializer(Topics.OBSERVATIONS, registry);
    observation = ended(steps);
    bytes = AvroSerde.serializer(Topics.OBSERVATIONS, registry).serialize("", observation);
    facts = derive();
  }

  @Benchmark
  public Observation decode() {
    return deserializer.deserialize("", bytes);
  }

  @Benchmark
  public RunFacts derive() {
    RunKnowledge known = RunKnowledge.none();
    known.learn(List.of(observation.getDetail()), observation.getObservedAt());
    return RunDerivation.derive(RUN, known);
  }

  @Benchmark
  public int contribute() {
    return WorkflowMinutes.of(facts).size() + StepMinutes.of(facts).size();
  }

  private static Observation ended(int count) {
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Instant start = EPOCH.plusSeconds(i);
      steps.add(
          Step.newBuilder()
              .setStepIndex(i)
              .setType("step")
              .setName("charge card-" + i)
              .setStart(start)
              .setEnd(start.plusMillis(900))
              .setSuccess(true)
              .setRetryLimit(5L)
              .setBackoff("exponential")
              .setTimeout("10 minutes")
              .setAttempts(
                  List.of(
                      new Attempt(start, start.plusMillis(300), false, new Error("E", "refused")),
                      new Attempt(start.plusMillis(600), start.plusMillis(900), true, null)))
              .build());
    }
    Instant end = EPOCH.plusSeconds(count);
    return Observation.newBuilder()
        .setAccountId(RUN.accountId())
        .setWorkflow(RUN.workflow())
        .setInstanceId(RUN.instanceId())
        .setRun(RUN.run())
        .setObservedAt(end)
        .setDetail(
            DetailPart.newBuilder()
                .setDetailId("d")
                .setPart(0)
                .setParts(1)
                .setWhole(true)
                .setStatus("complete")
                .setQueued(EPOCH)
                .setStart(EPOCH)
                .setEnd(end)
                .setStepCount(count)
                .setSteps(steps)
                .build())
        .build();
  }
}
