package io.flowmeter.streams;

import io.flowmeter.schemas.observation.Attempt;
import io.flowmeter.schemas.observation.CurrentStep;
import io.flowmeter.schemas.observation.DetailPart;
import io.flowmeter.schemas.observation.Error;
import io.flowmeter.schemas.observation.InstanceRow;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.schemas.observation.Step;
import io.flowmeter.schemas.observation.SweepEnded;
import io.flowmeter.schemas.observation.Vanished;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Tells what polls saw of one life of an instance. All times are milliseconds since {@link #EPOCH};
 * a step's are those of the detail.
 */
public final class InstanceHistory {
  /** A whole minute. */
  public static final Instant EPOCH = Instant.parse("2026-11-24T12:00:00Z");

  private final String workflow;
  private final String instanceId;
  private final long run;

  private InstanceHistory(String workflow, String instanceId, long run) {
    this.workflow = workflow;
    this.instanceId = instanceId;
    this.run = run;
  }

  public static InstanceHistory of(String workflow, String instanceId, long queuedMs) {
    return new InstanceHistory(workflow, instanceId, at(queuedMs).toEpochMilli());
  }

  public static Instant at(long ms) {
    return EPOCH.plusMillis(ms);
  }

  public long run() {
    return run;
  }

  /** A list row. */
  public Observation row(long seenMs, String status) {
    return row(
        seenMs, InstanceRow.newBuilder().setStatus(status).setCreatedOn(Instant.ofEpochMilli(run)));
  }

  /** A list row with more in it. */
  public Observation row(long seenMs, InstanceRow.Builder row) {
    return observation(seenMs).setRow(row.build()).build();
  }

  public Observation vanished(long firstMissedMs, long seenMs) {
    return observation(seenMs).setVanished(new Vanished(at(firstMissedMs))).build();
  }

  /** A detail, to be filled. */
  public Detail detail(long seenMs, String status) {
    return new Detail(seenMs, status);
  }

  /** The end of a sweep of a workflow, as the one partition of the test's topic sees it. */
  public static Observation sweepEnded(
      String workflow, long seenMs, long sweep, Map<String, Long> before, Map<String, Long> after) {
    return Observation.newBuilder()
        .setAccountId("local")
        .setWorkflow(workflow)
        .setObservedAt(at(seenMs))
        .setSweepEnded(new SweepEnded(sweep, true, 0, 1, before, after))
        .build();
  }

  private Observation.Builder observation(long seenMs) {
    return Observation.newBuilder()
        .setAccountId("local")
        .setWorkflow(workflow)
        .setInstanceId(instanceId)
        .setRun(run)
        .setObservedAt(at(seenMs));
  }

  /** A detail in the making. */
  public final class Detail {
    private final long seenMs;
    private final DetailPart.Builder header;
    private final List<Step> steps = new ArrayList<>();

    private Detail(long seenMs, String status) {
      this.seenMs = seenMs;
      header =
          DetailPart.newBuilder()
              .setDetailId("d" + seenMs)
              .setPart(0)
              .setParts(1)
              .setWhole(false)
              .setStatus(status)
              .setQueued(Instant.ofEpochMilli(run))
              .setStepCount(0);
    }

    public Detail started(long ms) {
      header.setStart(at(ms));
      return this;
    }

    /** Ended runs are told whole. */
    public Detail ended(long ms) {
      header.setEnd(at(ms)).setWhole(true);
      return this;
    }

    public Detail version(String versionId) {
      header.setVersionId(versionId);
      return this;
    }

    public Detail trigger(String triggerSource) {
      header.setTriggerSource(triggerSource);
      return this;
    }

    /** How many ended runs this one stands for. */
    public Detail weight(long weight) {
      header.setWeight(weight);
      return this;
    }

    public Detail error(String name, String message) {
      header.setError(new Error(name, message));
      return this;
    }

    /** What a live run is at. */
    public Detail current(int index, String type, String name, long startMs, int attempt) {
      header.setCurrent(new CurrentStep(index, type, name, at(startMs), attempt));
      return this;
    }

    /** A step as the API tells it; its index is its place. */
    public Detail step(Step.Builder step) {
      steps.add(step.setStepIndex(steps.size()).build());
      return this;
    }

    /** A step at a place of its own, as a detail of changes has it. */
    public Detail stepAt(int index, Step.Builder step) {
      steps.add(step.setStepIndex(index).build());
      return this;
    }

    public Detail stepCount(int count) {
      header.setStepCount(count);
      return this;
    }

    public Observation told() {
      return parts(1).get(0);
    }

    /** The same in parts, a step of many attempts cut at its middle. */
    public List<Observation> parts(int count) {
      int last = steps.stream().mapToInt(Step::getStepIndex).max().orElse(-1);
      header.setStepCount(Math.max(header.getStepCount(), last + 1)).setParts(count);
      List<List<Step>> split = new ArrayList<>();
      for (int part = 0; part < count; part++) {
        split.add(new ArrayList<>());
      }
      for (int i = 0; i < steps.size(); i++) {
        int part = i % count;
        Step step = steps.get(i);
        int attempts = step.getAttempts().size();
        if (count > 1 && attempts > 1) {
          int half = attempts / 2;
          split
              .get(part)
              .add(Step.newBuilder(step).setAttempts(step.getAttempts().subList(0, half)).build());
          split
              .get((part + 1) % count)
              .add(
                  Step.newBuilder(step)
                      .setAttemptOffset(half)
                      .setAttempts(step.getAttempts().subList(half, attempts))
                      .build());
        } else {
          split.get(part).add(step);
        }
      }
      List<Observation> parts = new ArrayList<>();
      for (int part = 0; part < count; part++) {
        parts.add(
            observation(seenMs)
                .setDetail(
                    DetailPart.newBuilder(header).setPart(part).setSteps(split.get(part)).build())
                .build());
      }
      return parts;
    }
  }

  /** A step of type {@code step} that succeeded at once. */
  public static Step.Builder succeeded(String name, long startMs, long endMs) {
    return step(name, startMs, endMs, true, attempt(startMs, endMs, true));
  }

  public static Step.Builder step(
      String name, long startMs, long endMs, Boolean success, Attempt... attempts) {
    return Step.newBuilder()
        .setStepIndex(0)
        .setType("step")
        .setName(name)
        .setStart(at(startMs))
        .setEnd(at(endMs))
        .setSuccess(success)
        .setRetryLimit(2L)
        .setBackoff("linear")
        .setTimeout("5 seconds")
        .setAttempts(List.of(attempts));
  }

  /** A step that has not ended. */
  public static Step.Builder running(String name, long startMs, Attempt... attempts) {
    return step(name, startMs, startMs, null, attempts).setEnd(null);
  }

  public static Step.Builder of(String type, String name, long startMs, Long endMs, boolean done) {
    return Step.newBuilder()
        .setStepIndex(0)
        .setType(type)
        .setName(name)
        .setStart(at(startMs))
        .setEnd(endMs == null ? null : at(endMs))
        .setFinished(done);
  }

  public static Attempt attempt(long startMs, long endMs, boolean success) {
    return new Attempt(at(startMs), at(endMs), success, null);
  }

  public static Attempt failed(long startMs, long endMs, String name, String message) {
    return new Attempt(at(startMs), at(endMs), false, new Error(name, message));
  }

  public static Attempt unfinished(long startMs) {
    return new Attempt(at(startMs), null, null, null);
  }
}
