package io.flowmeter.simulator.fleet;

import io.flowmeter.simulator.life.Instance;
import io.flowmeter.simulator.life.Life;
import io.flowmeter.simulator.life.TriggerSource;
import io.flowmeter.simulator.life.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The fleet as a pure function: the same plan gives the same instances, always. Costs some
 * microseconds for each instance asked for; keeps nothing.
 */
public final class Fleet {
  /** No instance lives longer, restarts included: how far back live ones need to be looked for. */
  static final Duration LONGEST_LIFE = Duration.ofDays(5);

  private static final int MOST_LIVES = 3;

  private final FleetPlan plan;
  private final List<WorkflowModel> models;
  private final List<Arrivals> arrivals = new ArrayList<>();
  private final List<Deploys> deploys = new ArrayList<>();

  /** The fleet of these workflows. */
  public Fleet(FleetPlan plan, List<WorkflowModel> models) {
    this.plan = plan;
    this.models = List.copyOf(models);
    for (int workflow = 0; workflow < models.size(); workflow++) {
      deploys.add(new Deploys(plan, workflow));
      arrivals.add(arrivals(plan, workflow, models.get(workflow).rhythm()));
    }
  }

  private static Arrivals arrivals(FleetPlan plan, int workflow, WorkflowModel.Rhythm rhythm) {
    if (rhythm instanceof WorkflowModel.Rhythm.Cron cron) {
      return new Arrivals.Cron(plan, workflow, cron.minutes() * 60_000L);
    }
    return new Arrivals.Random(plan, workflow, ((WorkflowModel.Rhythm.Share) rhythm).share());
  }

  /** What the fleet depends on. */
  public FleetPlan plan() {
    return plan;
  }

  /** The workflows; elsewhere they are named by their place in this list. */
  public List<WorkflowModel> models() {
    return models;
  }

  /** All versions of a workflow deployed until this moment, newest first. */
  public List<Version> versions(int workflow, Instant moment) {
    return deploys.get(workflow).until(moment);
  }

  /** The version of a workflow that is deployed at this moment. */
  public Version version(int workflow, Instant moment) {
    return deploys.get(workflow).at(moment);
  }

  /** The UUID of a workflow. */
  public String workflowId(int workflow) {
    return Chance.of(plan.seed(), workflow, 30).uuid();
  }

  /** When a workflow was made. */
  public Instant workflowCreatedOn(int workflow) {
    return deploys.get(workflow).workflowCreatedOn();
  }

  /** The numbers of a workflow's instances that are created in one slot, in order. */
  long[] numbersIn(int workflow, long slot) {
    long[] numbers = new long[arrivals.get(workflow).countIn(slot)];
    for (int place = 0; place < numbers.length; place++) {
      numbers[place] = Arrivals.number(slot, place);
    }
    return numbers;
  }

  /** All instances of a workflow created until this moment, in order; read lazily. */
  public Stream<Instance> instances(int workflow, Instant until) {
    long first = Arrivals.slotAt(plan.epoch(), plan.beginning());
    long last = Arrivals.slotAt(plan.epoch(), until);
    return LongStream.rangeClosed(first, last)
        .flatMap(slot -> LongStream.of(numbersIn(workflow, slot)))
        .mapToObj(number -> instance(workflow, number))
        .filter(instance -> !instance.createdOn().isAfter(until));
  }

  /** When an instance is created. */
  Instant createdOn(int workflow, long number) {
    return Instant.ofEpochMilli(arrivals.get(workflow).createdAt(number));
  }

  /** An instance with all its lives, past and to come. */
  public Instance instance(int workflow, long number) {
    WorkflowModel model = models.get(workflow);
    long seed = plan.seed();
    Instant createdOn = createdOn(workflow, number);
    Chance chance = Chance.of(seed, workflow, number, 3);
    TriggerSource trigger = trigger(model, chance);
    List<Life> lives = new ArrayList<>(1);
    // The list row's created_on comes up to 71 ms before the detail's queued.
    Instant queued = createdOn.plusMillis(chance.between(0, 71));
    while (true) {
      Chance lifeChance = Chance.of(seed, workflow, number, 4, lives.size());
      Version version = deploys.get(workflow).at(queued);
      Life life = LifeScript.play(model, lifeChance, queued, version, trigger);
      boolean restarted =
          lives.size() + 1 < MOST_LIVES && chance.happens(model.interventions().restarted());
      if (!restarted) {
        lives.add(life);
        break;
      }
      Instant end = life.end().orElseThrow();
      if (chance.happens(0.4)) {
        // In the midst of it, even while it is still queued.
        long wholeMs = Math.max(2, Duration.between(queued, end).toMillis());
        queued = queued.plusMillis(chance.between(1, wholeMs - 1));
        lives.add(life.supersededAt(queued));
      } else {
        lives.add(life);
        long gapMs = Math.max(1, chance.heavyTailed(20_000, 2));
        if (gapMs >= Math.min(plan.retention().toMillis(), Duration.ofHours(6).toMillis())) {
          break;
        }
        queued = end.plusMillis(gapMs);
      }
    }
    return new Instance(
        model.name(),
        number,
        Ids.of(model, seed, workflow, number, createdOn),
        createdOn,
        List.copyOf(lives));
  }

  private static TriggerSource trigger(WorkflowModel model, Chance chance) {
    if (chance.happens(0.01)) {
      return TriggerSource.UNKNOWN;
    }
    return chance.oneOf(model.triggers().toArray(TriggerSource[]::new));
  }
}
