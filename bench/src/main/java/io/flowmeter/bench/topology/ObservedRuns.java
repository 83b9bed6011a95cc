package io.flowmeter.bench.topology;

import io.flowmeter.bench.RealServers;
import io.flowmeter.schemas.AvroSerde;
import io.flowmeter.schemas.SchemaRegistry;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.observation.Attempt;
import io.flowmeter.schemas.observation.CurrentStep;
import io.flowmeter.schemas.observation.DetailPart;
import io.flowmeter.schemas.observation.Error;
import io.flowmeter.schemas.observation.InstanceRow;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.schemas.observation.Step;
import io.flowmeter.schemas.observation.SweepEnded;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * What a poller sees of many runs of 20 steps, one after another: a row while each lives, and its
 * detail. 50 workflows, UUIDs, log-normal durations, 5 % of steps retried, 2 % failed with messages
 * of their own; as many a minute as make 100 million step runs in 30 days. Every ten minutes, which
 * is seldom, a sweep of each workflow ends, so that the topology may let go of what it gathered for
 * it.
 */
final class ObservedRuns {
  static final int STEPS = 20;

  private static final int WORKFLOWS = 50;
  private static final Duration BETWEEN_RUNS = Duration.ofNanos(518_400_000);
  private static final Duration BETWEEN_SWEEPS = Duration.ofMinutes(10);
  private static final Instant BEGIN = Instant.parse("2026-11-01T00:00:00Z");
  private static final String ACCOUNT = "0123456789abcdef0123456789abcdef";
  private static final String VERSION = "8f7c1c1e-3d9b-4a57-9d0e-5f1b6c1d2e3f";

  private ObservedRuns() {}

  /**
   * Sends a row and a detail of each, and the ends of sweeps, and returns when Kafka has them.
   *
   * @return how many records these are; two of them are observations of each run
   */
  static long send(Map<String, Object> kafka, SchemaRegistry registry, int runs, boolean areEnded) {
    Serializer<Observation> values = AvroSerde.serializer(Topics.OBSERVATIONS, registry);
    Offsets.awaitLeaders(kafka, Topics.OBSERVATIONS.name());
    Map<String, Object> config = new HashMap<>(kafka);
    config.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
    long sent = 0;
    try (KafkaProducer<String, Observation> producer =
        new KafkaProducer<>(config, new StringSerializer(), values)) {
      Random random = new Random(1);
      long sweeps = 0;
      for (int n = 0; n < runs; n++) {
        for (Observation seen : of(n, random, areEnded)) {
          producer.send(new ProducerRecord<>(Topics.OBSERVATIONS.name(), key(seen), seen));
          sent++;
        }
        if (BETWEEN_RUNS.multipliedBy(n + 1).dividedBy(BETWEEN_SWEEPS) > sweeps) {
          sweeps++;
          Instant at = BEGIN.plus(BETWEEN_SWEEPS.multipliedBy(sweeps));
          for (ProducerRecord<String, Observation> end : sweepsEnded(sweeps, at)) {
            producer.send(end);
            sent++;
          }
        }
      }
      producer.flush();
    }
    return sent;
  }

  /** Of each workflow, to every partition. */
  private static List<ProducerRecord<String, Observation>> sweepsEnded(long sweep, Instant at) {
    List<ProducerRecord<String, Observation>> ends = new ArrayList<>();
    for (int workflow = 0; workflow < WORKFLOWS; workflow++) {
      for (int partition = 0; partition < RealServers.PARTITIONS; partition++) {
        Observation end =
            Observation.newBuilder()
                .setAccountId(ACCOUNT)
                .setWorkflow("workflow-" + workflow)
                .setInstanceId("")
                .setRun(0L)
                .setObservedAt(at)
                .setSweepEnded(
                    new SweepEnded(
                        sweep, true, partition, RealServers.PARTITIONS, Map.of(), Map.of()))
                .build();
        ends.add(
            new ProducerRecord<>(
                Topics.OBSERVATIONS.name(),
                partition,
                end.getAccountId() + "/" + end.getWorkflow(),
                end));
      }
    }
    return ends;
  }

  /** As ingest has it. */
  static String key(Observation seen) {
    return seen.getAccountId() + "/" + seen.getWorkflow() + "/" + seen.getInstanceId();
  }

  /** What is seen of the run of a number: a row while it lives, then its detail. */
  static List<Observation> of(int n, Random random, boolean isEnded) {
    Instant queued = BEGIN.plus(BETWEEN_RUNS.multipliedBy(n));
    queued = Instant.ofEpochMilli(queued.toEpochMilli());
    Instant start = queued.plusMillis(1 + lognormal(random, 4));
    Observation.Builder seen =
        Observation.newBuilder()
            .setAccountId(ACCOUNT)
            .setWorkflow("workflow-" + random.nextInt(WORKFLOWS))
            .setInstanceId(new UUID(random.nextLong(), random.nextLong()).toString())
            .setRun(queued.toEpochMilli())
            .setObservedAt(start);
    Observation row =
        Observation.newBuilder(seen)
            .setRow(
                InstanceRow.newBuilder()
                    .setStatus("running")
                    .setCreatedOn(queued)
                    .setStartedOn(start)
                    .setModifiedOn(start)
                    .setVersionId(VERSION)
                    .setTriggerSource("api")
                    .build())
            .build();

    List<Step> steps = new ArrayList<>();
    Instant at = start;
    for (int i = 0; i < (isEnded ? STEPS : STEPS / 4); i++) {
      Step step = step(i, at.plusMillis(1 + random.nextInt(9)), random);
      steps.add(step);
      at = step.getEnd();
    }
    DetailPart.Builder detail =
        DetailPart.newBuilder()
            .setDetailId(n + " of the benchmark")
            .setPart(0)
            .setParts(1)
            .setWhole(true)
            .setQueued(queued)
            .setStart(start)
            .setVersionId(VERSION)
            .setTriggerSource("api")
            .setSteps(steps);
    if (isEnded) {
      Step last = steps.get(steps.size() - 1);
      detail
          .setStatus(last.getSuccess() ? "complete" : "errored")
          .setError(last.getError())
          .setEnd(at.plusMillis(1))
          .setStepCount(steps.size());
    } else {
      // It sleeps since its last step.
      steps.add(
          Step.newBuilder()
              .setStepIndex(steps.size())
              .setType("sleep")
              .setName("until tomorrow-1")
              .setStart(at)
              .setFinished(false)
              .build());
      detail
          .setStatus("waiting")
          .setStepCount(steps.size())
          .setCurrent(new CurrentStep(steps.size() - 1, "sleep", "until tomorrow-1", at, 0));
    }
    return List.of(row, seen.setObservedAt(at.plusSeconds(5)).setDetail(detail.build()).build());
  }

  private static Step step(int index, Instant start, Random random) {
    double fate = random.nextDouble();
    boolean fails = fate < 0.02;
    int tries = fails ? 3 : fate < 0.07 ? 2 : 1;
    Error error = new Error("RangeError", "order " + random.nextInt(100_000_000) + " was refused");
    List<Attempt> attempts = new ArrayList<>();
    Instant at = start;
    for (int k = 1; k <= tries; k++) {
      Instant end = at.plusMillis(lognormal(random, 4 + index % 5));
      boolean isOk = k == tries && !fails;
      attempts.add(new Attempt(at, end, isOk, isOk ? null : error));
      at = k == tries ? end : end.plusSeconds(k);
    }
    return Step.newBuilder()
        .setStepIndex(index)
        .setType("step")
        .setName("step " + index + "-1")
        .setStart(start)
        .setEnd(at)
        .setSuccess(!fails)
        .setError(fails ? error : null)
        .setRetryLimit(2L)
        .setRetryDelay("1000")
        .setBackoff("exponential")
        .setTimeout("10 minutes")
        .setOutputBytes(128L)
        .setAttempts(attempts)
        .build();
  }

  /** Milliseconds, 1 at least. */
  private static long lognormal(Random random, double mu) {
    return 1 + (long) Math.exp(mu + random.nextGaussian());
  }
}
