package io.flowmeter.simulator.fleet;

import io.flowmeter.simulator.model.Instance;
import io.flowmeter.simulator.model.SimulatedRun;
import io.flowmeter.simulator.model.TriggerSource;
import io.flowmeter.simulator.model.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The fleet as a pure function: the same plan gives the same instances, always. Costs some 20 µs
 * for an instance, unless it was asked for lately. Thread-safe.
 */
public final class Fleet {
  // Pollers ask for the same live instances again and again; some 3 KB each.
  private static final int LATELY_ASKED = 8_192;

  private static final int MOST_LIVES = 3;
  private static final int MOST_REOPENINGS = 2;

  private final FleetPlan plan;
  private final List<WorkflowModel> models;
  private final List<Arrivals> arrivals = new ArrayList<>();
  private final List<Deploys> deploys = new ArrayList<>();
  private final List<Execution.Setting> settings = new ArrayList<>();
  private final AtomicReferenceArray<Asked> lately = new AtomicReferenceArray<>(LATELY_ASKED);

  private record Asked(int workflow, Instance instance) {}

  /** The fleet of these workflows. */
  public Fleet(FleetPlan plan, List<WorkflowModel> models) {
    this.plan = plan;
    this.models = List.copyOf(models);
    for (int workflow = 0; workflow < models.size(); workflow++) {
      deploys.add(new Deploys(plan, workflow));
      IncidentProfile incidents = IncidentProfile.of(plan, workflow, models.size());
      settings.add(new Execution.Setting(incidents, plan.lifetime()));
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

  /** What made a workflow's runs err more often, begun until this moment; oldest first. */
  public List<ErrorBurst> errorBursts(int workflow, Instant until) {
    List<ErrorBurst> storms = new ArrayList<>(settings.get(workflow).incidents().outages(until));
    storms.addAll(deploys.get(workflow).bad(until));
    storms.sort(Comparator.comparing(ErrorBurst::from));
    return storms;
  }

  /** The UUID of a workflow. */
  public String workflowId(int workflow) {
    return SeededRandom.of(plan.seed(), workflow, 30).uuid();
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

  /** Where a workflow's lives take place. */
  Execution.Setting setting(int workflow) {
    return settings.get(workflow);
  }

  /** When an instance is created. */
  Instant createdOn(int workflow, long number) {
    return Instant.ofEpochMilli(arrivals.get(workflow).createdAt(number));
  }

  /** An instance with all its lives, past and to come. */
  public Instance instance(int workflow, long number) {
    int place = (int) Math.floorMod(SeededRandom.mix(number + workflow), (long) LATELY_ASKED);
    Asked asked = lately.get(place);
    if (asked == null || asked.workflow() != workflow || asked.instance().number() != number) {
      asked = new Asked(workflow, made(workflow, number));
      lately.set(place, asked);
    }
    return asked.instance();
  }

  private Instance made(int workflow, long number) {
    WorkflowModel model = models.get(workflow);
    Instant createdOn = createdOn(workflow, number);
    return new Instance(
        model.name(),
        number,
        Ids.of(model, plan.seed(), workflow, number, createdOn),
        createdOn,
        runs(workflow, number, createdOn));
  }

  private List<SimulatedRun> runs(int workflow, long number, Instant createdOn) {
    WorkflowModel model = models.get(workflow);
    SeededRandom random = SeededRandom.of(plan.seed(), workflow, number, 3);
    TriggerSource trigger = trigger(model, random);
    List<SimulatedRun> runs = new ArrayList<>(1);
    // The list row's created_on comes up to 71 ms before the detail's queued.
    Instant queued = createdOn.plusMillis(random.between(0, 71));
    while (true) {
      SimulatedRun run = run(workflow, number, runs.size(), queued, trigger, random);
      Optional<Instant> restart = Optional.empty();
      if (runs.size() + 1 < MOST_LIVES && random.happens(model.interventions().restarted())) {
        restart = random.happens(0.4) ? midst(run, random) : soonAfter(run, random);
      }
      restart = restart.filter(at -> isYoung(createdOn, at));
      runs.add(restart.isPresent() ? run.supersededAt(restart.get()) : run);
      if (restart.isEmpty()) {
        return List.copyOf(runs);
      }
      queued = restart.get();
    }
  }

  private SimulatedRun run(
      int workflow,
      long number,
      int place,
      Instant queued,
      TriggerSource trigger,
      SeededRandom random) {
    WorkflowModel model = models.get(workflow);
    Version version = deploys.get(workflow).at(queued);
    SimulatedRun run =
        RunScript.play(
            model,
            settings.get(workflow),
            chanceOf(workflow, number, place),
            queued,
            version,
            trigger);
    for (int redone = 1; redone <= MOST_REOPENINGS; redone++) {
      if (!random.happens(model.interventions().reopened())) {
        break;
      }
      Optional<Instant> at = soonAfter(run, random);
      if (at.filter(restart -> isYoung(queued, restart)).isEmpty()) {
        break;
      }
      run =
          RunScript.redo(
              model,
              settings.get(workflow),
              run,
              chanceOf(workflow, number, place),
              SeededRandom.of(plan.seed(), workflow, number, 5, place, redone),
              run.steps().subList(0, (int) random.between(0, RunScript.mostKept(run))),
              at.get());
    }
    return run;
  }

  /** What the fleet's life of this place in an instance is played with. */
  SeededRandom chanceOf(int workflow, long number, int place) {
    return SeededRandom.of(plan.seed(), workflow, number, 4, place);
  }

  /** A moment at which a life has not ended; even one while it is still queued. */
  private static Optional<Instant> midst(SimulatedRun run, SeededRandom random) {
    long wholeMs = Duration.between(run.queued(), run.end().orElseThrow()).toMillis();
    return Optional.of(run.queued().plusMillis(random.between(1, Math.max(1, wholeMs - 1))));
  }

  private boolean isYoung(Instant createdOn, Instant at) {
    return Duration.between(createdOn, at).compareTo(plan.lifetime().longest().dividedBy(3)) < 0;
  }

  /** When someone looks after an ended life, if anybody does in time. */
  private Optional<Instant> soonAfter(SimulatedRun run, SeededRandom random) {
    long gapMs = Math.max(1, random.heavyTailed(20_000, 2));
    boolean inTime = gapMs < Math.min(plan.retention().toMillis(), Duration.ofHours(6).toMillis());
    return run.end().filter(end -> inTime).map(end -> end.plusMillis(gapMs));
  }

  private static TriggerSource trigger(WorkflowModel model, SeededRandom random) {
    if (random.happens(0.01)) {
      return TriggerSource.UNKNOWN;
    }
    return random.oneOf(model.triggers().toArray(TriggerSource[]::new));
  }
}
