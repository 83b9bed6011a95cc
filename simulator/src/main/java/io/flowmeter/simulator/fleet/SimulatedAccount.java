package io.flowmeter.simulator.fleet;

import io.flowmeter.simulator.model.Instance;
import io.flowmeter.simulator.model.SimulatedRun;
import io.flowmeter.simulator.model.SimulatedStatus;
import io.flowmeter.simulator.model.Step;
import io.flowmeter.simulator.model.TriggerSource;
import io.flowmeter.simulator.model.Version;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * What exists: the fleet as it goes by itself, and what callers made of it: instances created,
 * changed and restarted, workflows put and deleted. An instance that was touched is kept with its
 * lives, past and to come; all others remain a function of the plan. What people of the fleet had
 * planned with an instance is dropped when a caller changes it, but for a restart without which its
 * life would have no end. Thread-safe.
 */
public final class SimulatedAccount {
  private static final Set<SimulatedStatus> PAUSABLE =
      EnumSet.of(SimulatedStatus.QUEUED, SimulatedStatus.RUNNING, SimulatedStatus.WAITING);

  private final Fleet fleet;
  private final List<DeployedWorkflow> workflows = new ArrayList<>();

  /** The fleet before anybody touched it. */
  public SimulatedAccount(Fleet fleet) {
    this.fleet = fleet;
    for (int index = 0; index < fleet.models().size(); index++) {
      WorkflowLifespan lifespan =
          WorkflowLifespan.ofFleet(fleet.workflowId(index), fleet.workflowCreatedOn(index));
      workflows.add(new DeployedWorkflow(fleet.models().get(index), lifespan));
    }
  }

  /** What the fleet depends on. */
  public FleetPlan plan() {
    return fleet.plan();
  }

  /** How many workflows there are, deleted ones too; elsewhere each is named by its place. */
  public synchronized int size() {
    return workflows.size();
  }

  /** The place of the workflow of this name; empty when there is none, or it is deleted. */
  public synchronized OptionalInt find(String name) {
    for (int index = 0; index < workflows.size(); index++) {
      DeployedWorkflow workflow = workflows.get(index);
      if (workflow.model.name().equals(name)) {
        return workflow.era().isOver() ? OptionalInt.empty() : OptionalInt.of(index);
      }
    }
    return OptionalInt.empty();
  }

  /** Whether a workflow is there, and not deleted. */
  public synchronized boolean exists(int workflow) {
    return !workflows.get(workflow).era().isOver();
  }

  /** The workflows in order of their places, deleted ones too. */
  public synchronized List<WorkflowModel> models() {
    return workflows.stream().map(workflow -> workflow.model).toList();
  }

  /** What is typical of a workflow. */
  public synchronized WorkflowModel model(int workflow) {
    return workflows.get(workflow).model;
  }

  /** The UUID of a workflow. */
  public synchronized String workflowId(int workflow) {
    return workflows.get(workflow).era().id;
  }

  /** When a workflow was made. */
  public synchronized Instant workflowCreatedOn(int workflow) {
    return workflows.get(workflow).era().createdOn;
  }

  /** All versions of a workflow deployed until this moment, newest first. */
  public synchronized List<Version> versions(int workflow, Instant moment) {
    return versions(workflow, workflows.get(workflow).era(), moment);
  }

  private List<Version> versions(int workflow, WorkflowLifespan lifespan, Instant moment) {
    List<Version> versions = new ArrayList<>(lifespan.put);
    if (lifespan.isFleets()) {
      versions.addAll(fleet.versions(workflow, moment));
    }
    versions.removeIf(version -> version.createdOn().isAfter(moment));
    versions.sort(Comparator.comparing(Version::createdOn).reversed());
    return versions;
  }

  /** The version of a workflow that is deployed at this moment. */
  public synchronized Version version(int workflow, Instant moment) {
    return workflows.get(workflow).isAsInFleet()
        ? fleet.version(workflow, moment)
        : versions(workflow, moment).get(0);
  }

  private boolean isFleets(int workflow) {
    return workflow < fleet.models().size();
  }

  /**
   * Whether an instance of a workflow is one of the workflow as it is now: not of one of the same
   * name that was deleted.
   *
   * @param createdMs when it was created, in epoch milliseconds
   */
  synchronized boolean knows(int workflow, long number, long createdMs) {
    return workflows.get(workflow).knows(number, Instant.ofEpochMilli(createdMs));
  }

  /** The numbers of a workflow's instances that are created in one slot, deleted ones too. */
  synchronized long[] numbersIn(int workflow, long slot) {
    LongStream own =
        isFleets(workflow) ? LongStream.of(fleet.numbersIn(workflow, slot)) : LongStream.empty();
    List<Long> created = workflows.get(workflow).createdIn(slot);
    return LongStream.concat(own, created.stream().mapToLong(number -> number)).toArray();
  }

  /**
   * All instances of a workflow created until this moment, in order of their slots; those that were
   * deleted with it, too.
   */
  public Stream<Instance> instances(int workflow, Instant until) {
    long first = Arrivals.slotAt(plan().epoch(), plan().beginning());
    long last = Arrivals.slotAt(plan().epoch(), until);
    return LongStream.rangeClosed(first, last)
        .flatMap(slot -> LongStream.of(numbersIn(workflow, slot)))
        .mapToObj(number -> instance(workflow, number))
        .filter(instance -> !instance.createdOn().isAfter(until))
        .filter(instance -> knew(workflow, instance));
  }

  private synchronized boolean knew(int workflow, Instance instance) {
    return workflows.get(workflow).knew(instance.number(), instance.createdOn());
  }

  /** An instance with all its lives, past and to come; of a deleted workflow, as they were. */
  public synchronized Instance instance(int workflow, long number) {
    Instance touched = workflows.get(workflow).touched.get(number);
    return touched == null ? asDeployed(workflow, fleet.instance(workflow, number)) : touched;
  }

  /** An instance whose lives run what callers deployed, where that was newer. */
  private Instance asDeployed(int workflow, Instance instance) {
    if (workflows.get(workflow).isAsInFleet()) {
      return instance;
    }
    List<SimulatedRun> runs = new ArrayList<>();
    for (SimulatedRun run : instance.runs()) {
      runs.add(
          workflows
              .get(workflow)
              .eraAt(run.queued())
              .map(lifespan -> versions(workflow, lifespan, run.queued()).get(0))
              .filter(version -> !version.equals(run.version()))
              .map(version -> RunActions.running(run, version))
              .orElse(run));
    }
    return with(instance, runs);
  }

  private static Instance with(Instance instance, List<SimulatedRun> runs) {
    return new Instance(
        instance.workflow(),
        instance.number(),
        instance.id(),
        instance.createdOn(),
        List.copyOf(runs));
  }

  /** When an instance was created, in epoch milliseconds. */
  synchronized long createdMs(int workflow, long number) {
    Instance touched = workflows.get(workflow).touched.get(number);
    return touched == null
        ? fleet.createdOn(workflow, number).toEpochMilli()
        : touched.createdOn().toEpochMilli();
  }

  /** The id of an instance. */
  synchronized String id(int workflow, long number) {
    Instance touched = workflows.get(workflow).touched.get(number);
    if (touched != null) {
      return touched.id();
    }
    WorkflowModel model = workflows.get(workflow).model;
    return Ids.of(model, plan().seed(), workflow, number, fleet.createdOn(workflow, number));
  }

  // What callers do.

  /**
   * Creates an instance.
   *
   * @param id empty to have one made
   * @return its number
   */
  public synchronized long create(int workflow, Optional<String> id, Instant at) {
    DeployedWorkflow of = workflows.get(workflow);
    long number = of.nextNumber(Arrivals.slotAt(plan().epoch(), at));
    SeededRandom random = SeededRandom.of(plan().seed(), workflow, number, 20);
    of.touched.put(
        number,
        new Instance(
            of.model.name(),
            number,
            id.orElseGet(random::uuid),
            at,
            List.of(played(workflow, number, 0, at, version(workflow, at), TriggerSource.API))));
    return number;
  }

  private SimulatedRun played(
      int workflow,
      long number,
      int place,
      Instant queued,
      Version version,
      TriggerSource trigger) {
    SeededRandom random = ofCallers(workflow, number, place);
    return RunScript.play(model(workflow), random, queued, version, trigger);
  }

  private SeededRandom ofCallers(int workflow, long number, int place) {
    return SeededRandom.of(plan().seed(), workflow, number, 5, place);
  }

  /**
   * Ends an instance.
   *
   * @throws Refusal when it has ended
   */
  public synchronized Instance terminate(int workflow, long number, Instant at) {
    SimulatedRun run = current(workflow, number, at);
    if (run.asOf(at).status().isTerminal()) {
      throw new Refusal(
          "instance.cannot_terminate", "Cannot terminate instance since its on a finite state");
    }
    return changed(workflow, number, RunActions.terminated(run, at, TriggerSource.API), at);
  }

  /**
   * Pauses an instance: at once, or when its steps at work are done. One that has ended, is paused
   * or rolls back is left as it is.
   */
  public synchronized Instance pause(int workflow, long number, Instant at) {
    SimulatedRun run = current(workflow, number, at);
    SimulatedStatus status = run.asOf(at).status();
    if (!PAUSABLE.contains(status)) {
      return instance(workflow, number);
    }
    Optional<Instant> pauses = RunActions.pausesAt(run, at);
    SimulatedRun stopped = RunActions.paused(run, at, pauses);
    // People are going to restart it all the same.
    Instance paused =
        changed(
            workflow, number, run.supersededAt().map(stopped::supersededAt).orElse(stopped), at);
    if (pauses.isPresent()) {
      workflows.get(workflow).beforePause.put(number, run);
    }
    return paused;
  }

  /** Lets an instance that is paused, or is to be, go on; another is left as it is. */
  public synchronized Instance resume(int workflow, long number, Instant at) {
    SimulatedRun run = current(workflow, number, at);
    Optional<SimulatedRun> whole = beforePause(workflow, number, run);
    if (whole.isPresent()) {
      return changed(workflow, number, RunActions.resumed(whole.get(), run, at), at);
    }
    return run.asOf(at).status() == SimulatedStatus.PAUSED
        ? changed(workflow, number, RunActions.resumedEarly(run, at), at)
        : instance(workflow, number);
  }

  /** How a life that a caller paused would have gone on. */
  private Optional<SimulatedRun> beforePause(int workflow, long number, SimulatedRun run) {
    return Optional.ofNullable(workflows.get(workflow).beforePause.get(number))
        .filter(whole -> whole.queued().equals(run.queued()));
  }

  /** Begins a new life of an instance; it can be in any status. */
  public synchronized Instance restart(int workflow, long number, Instant at) {
    Instance instance = instance(workflow, number);
    SimulatedRun run = current(workflow, number, at);
    // Two lives are never queued in the same millisecond.
    Instant queued = at.isAfter(run.queued()) ? at : run.queued().plusMillis(1);
    List<SimulatedRun> runs = pastRuns(instance, at);
    boolean ended = run.end().filter(end -> !end.isAfter(at)).isPresent();
    runs.add(ended ? run : run.supersededAt(queued));
    runs.add(played(workflow, number, runs.size(), queued, version(workflow, at), run.trigger()));
    return put(workflow, instance, runs);
  }

  /**
   * Restarts an instance from one of its steps: what came before is kept, and the code takes the
   * same way again.
   *
   * @param step tells the steps that are meant
   * @param count which of them; 1 for the first
   * @throws Refusal when there is no such step
   */
  public synchronized Instance restartFrom(
      int workflow, long number, Predicate<Step> step, int count, Instant at) {
    SimulatedRun run = current(workflow, number, at);
    List<Step> kept = new ArrayList<>();
    int met = 0;
    for (Step each : run.asOf(at).steps()) {
      met += step.test(each) ? 1 : 0;
      if (met == count) {
        SimulatedRun redone = continued(workflow, number, run, kept, at, 0x10000 + kept.size());
        return changed(workflow, number, run.reopenedAt(at, redone), at);
      }
      if (RunScript.isOver(each)) {
        kept.add(each);
      }
    }
    throw new Refusal("instance.step_not_found", "Step to restart from was not found");
  }

  /** How a life goes on at a moment with these steps kept, the others to be played. */
  private SimulatedRun continued(
      int workflow, long number, SimulatedRun run, List<Step> kept, Instant at, int key) {
    boolean fleets = isFleets(workflow) && !DeployedWorkflow.isCallers(number);
    int place = pastRuns(instance(workflow, number), at).size();
    List<SimulatedRun> planned = fleets ? fleet.instance(workflow, number).runs() : List.of();
    boolean own = place < planned.size() && planned.get(place).queued().equals(run.queued());
    return RunScript.goOn(
        model(workflow),
        isFleets(workflow) ? fleet.setting(workflow) : Execution.Setting.PLAIN,
        run,
        own ? fleet.chanceOf(workflow, number, place) : ofCallers(workflow, number, place),
        SeededRandom.of(plan().seed(), workflow, number, 5, place, key, at.toEpochMilli()),
        kept,
        at);
  }

  /**
   * Sends an event to an instance. It ends the wait for it that is under way, else the next one to
   * begin; where there is none, nothing comes of it.
   *
   * @throws Refusal when the instance has ended
   */
  public synchronized Instance send(int workflow, long number, String eventType, Instant at) {
    SimulatedRun run = current(workflow, number, at);
    if (run.asOf(at).status().isTerminal()) {
      throw new Refusal(
          "instance.cannot_receive_event", "Cannot send an event to an instance that has ended");
    }
    Optional<SimulatedRun> whole = beforePause(workflow, number, run);
    if (whole.isPresent()) {
      // It is there when the instance goes on.
      Instant goesOn = run.statusSince().plusMillis(1);
      SimulatedRun later = sent(workflow, number, whole.get(), eventType, goesOn);
      workflows.get(workflow).beforePause.put(number, later);
      return instance(workflow, number);
    }
    SimulatedRun sent = sent(workflow, number, run, eventType, at);
    return sent == run ? instance(workflow, number) : changed(workflow, number, sent, at);
  }

  private SimulatedRun sent(
      int workflow, long number, SimulatedRun run, String eventType, Instant at) {
    Optional<Step.EventWait> wait = RunActions.waiting(run, eventType, at);
    if (wait.isEmpty()) {
      return run;
    }
    Instant met = wait.get().start().isAfter(at) ? wait.get().start() : at;
    if (wait.get().end().isPresent() && wait.get().error().isEmpty()) {
      return RunActions.woken(run, wait.get(), met, at);
    }
    // Its event would never have come: what follows is yet to be played.
    List<Step> kept =
        new ArrayList<>(
            run.asOf(met).steps().stream()
                .filter(RunScript::isOver)
                .filter(step -> !step.equals(wait.get()))
                .toList());
    kept.add(wait.get().metAt(met));
    SimulatedRun goneOn = continued(workflow, number, run, kept, met, 0x20000 + kept.size());
    return RunActions.joined(run, met, goneOn, at);
  }

  /** The life at a moment, with what is to come of it. */
  private SimulatedRun current(int workflow, long number, Instant at) {
    SimulatedRun current = instance(workflow, number).runs().get(0);
    for (SimulatedRun run : instance(workflow, number).runs()) {
      current = run.queued().isAfter(at) ? current : run;
    }
    // A restart that people had planned for later is dropped.
    while (current.reopened().filter(again -> again.at().isAfter(at)).isPresent()) {
      current = current.reopened().get().before();
    }
    return current;
  }

  private static List<SimulatedRun> pastRuns(Instance instance, Instant at) {
    List<SimulatedRun> runs = new ArrayList<>(instance.runs());
    runs.removeIf(run -> run.queued().isAfter(at));
    runs.remove(runs.size() - 1);
    return runs;
  }

  private Instance changed(int workflow, long number, SimulatedRun run, Instant at) {
    Instance instance = instance(workflow, number);
    List<SimulatedRun> runs = pastRuns(instance, at);
    if (run.supersededAt().isPresent()) {
      // People are going to restart it all the same: without that it would never end.
      runs.add(run.supersededAt(run.supersededAt().get()));
      runs.addAll(instance.runs().subList(runs.size(), instance.runs().size()));
    } else {
      runs.add(run);
    }
    return put(workflow, instance, runs);
  }

  private Instance put(int workflow, Instance instance, List<SimulatedRun> runs) {
    DeployedWorkflow of = workflows.get(workflow);
    of.beforePause.remove(instance.number());
    Instance changed = with(instance, runs);
    of.touched.put(instance.number(), changed);
    return changed;
  }

  /**
   * Deploys a workflow: a new version of one that is there, or a new one without instances.
   *
   * @return its place
   */
  public synchronized int put(String name, String className, String scriptName, Instant at) {
    int index = 0;
    while (index < workflows.size() && !workflows.get(index).model.name().equals(name)) {
      index++;
    }
    if (index == workflows.size()) {
      return add(name, className, scriptName, codeOf(className), at);
    }
    DeployedWorkflow workflow = workflows.get(index);
    if (workflow.era().isOver()) {
      workflow.start(newEra(index, at));
    }
    workflow.model = workflow.model.called(className, scriptName);
    workflow.era().put.add(newVersion(index, workflow.era(), at));
    return index;
  }

  /**
   * Adds a workflow that only callers create instances of.
   *
   * @return its place
   */
  public synchronized int add(
      String name, String className, String scriptName, WorkflowCode code, Instant at) {
    int index = workflows.size();
    WorkflowModel model =
        new WorkflowModel(
            name,
            className,
            scriptName,
            new WorkflowModel.Rhythm.Share(0),
            List.of(TriggerSource.API),
            WorkflowModel.IdStyle.UUID,
            new WorkflowModel.Queue(10, 1),
            new WorkflowModel.Interventions(0, 0, 0, 0),
            false,
            code);
    WorkflowLifespan lifespan = newEra(index, at);
    lifespan.put.add(newVersion(index, lifespan, at));
    workflows.add(new DeployedWorkflow(model, lifespan));
    return index;
  }

  private WorkflowLifespan newEra(int index, Instant at) {
    return WorkflowLifespan.ofCaller(
        SeededRandom.of(plan().seed(), index, at.toEpochMilli(), 30).uuid(), at);
  }

  private Version newVersion(int index, WorkflowLifespan lifespan, Instant at) {
    SeededRandom random =
        SeededRandom.of(plan().seed(), index, at.toEpochMilli(), lifespan.put.size(), 31);
    return new Version(random.uuid(), at, false);
  }

  /** The code of a class of the fleet's; of another, something short. */
  private WorkflowCode codeOf(String className) {
    return fleet.models().stream()
        .filter(model -> model.className().equals(className))
        .map(WorkflowModel::code)
        .findFirst()
        .orElse(
            step -> {
              step.work("prepare", AttemptModel.of(40, 0.5));
              step.sleep("settle", 3_000);
              step.work("finish", AttemptModel.of(60, 0.5));
            });
  }

  /** Deletes a workflow with all its instances. */
  public synchronized void delete(int workflow, Instant at) {
    workflows.get(workflow).end(at);
  }
}
