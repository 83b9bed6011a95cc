package io.flowmeter.simulator.fleet;

import io.flowmeter.simulator.life.Instance;
import io.flowmeter.simulator.life.Life;
import io.flowmeter.simulator.life.Status;
import io.flowmeter.simulator.life.Step;
import io.flowmeter.simulator.life.TriggerSource;
import io.flowmeter.simulator.life.Version;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * What exists: the fleet as it goes by itself, and what callers made of it: instances created,
 * changed and restarted, workflows put and deleted. An instance that was touched is kept with its
 * lives, past and to come; all others remain a function of the plan. What people of the fleet had
 * planned with an instance is dropped when a caller changes it. Thread-safe.
 */
public final class World {
  /** Numbers from here on within a slot are those of instances that callers created. */
  private static final int FIRST_CREATED = 1 << (Arrivals.SLOT_BITS - 1);

  private final Fleet fleet;
  private final List<Workflow> workflows = new ArrayList<>();

  /** A workflow, and what callers made of it. */
  private static final class Workflow {
    WorkflowModel model;
    String id;
    Instant createdOn;
    // From when on its instances are known; the end of time when it is deleted.
    Instant knownFrom = Instant.MIN;
    final List<Version> put = new ArrayList<>();
    final Map<Long, Instance> touched = new HashMap<>();
    final Map<Long, Life> beforePause = new HashMap<>();
    final Map<Long, List<Long>> createdBySlot = new HashMap<>();

    boolean isDeleted() {
      return knownFrom.equals(Instant.MAX);
    }
  }

  /** The fleet before anybody touched it. */
  public World(Fleet fleet) {
    this.fleet = fleet;
    for (int index = 0; index < fleet.models().size(); index++) {
      Workflow workflow = new Workflow();
      workflow.model = fleet.models().get(index);
      workflow.id = fleet.workflowId(index);
      workflow.createdOn = fleet.workflowCreatedOn(index);
      workflows.add(workflow);
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
      Workflow workflow = workflows.get(index);
      if (workflow.model.name().equals(name)) {
        return workflow.isDeleted() ? OptionalInt.empty() : OptionalInt.of(index);
      }
    }
    return OptionalInt.empty();
  }

  /** Whether a workflow is there, and not deleted. */
  public synchronized boolean exists(int workflow) {
    return !workflows.get(workflow).isDeleted();
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
    return workflows.get(workflow).id;
  }

  /** When a workflow was made. */
  public synchronized Instant workflowCreatedOn(int workflow) {
    return workflows.get(workflow).createdOn;
  }

  /** All versions of a workflow deployed until this moment, newest first. */
  public synchronized List<Version> versions(int workflow, Instant moment) {
    Workflow of = workflows.get(workflow);
    List<Version> versions = new ArrayList<>(of.put);
    if (isFleets(workflow) && of.knownFrom.equals(Instant.MIN)) {
      versions.addAll(fleet.versions(workflow, moment));
    }
    versions.removeIf(version -> version.createdOn().isAfter(moment));
    versions.sort(Comparator.comparing(Version::createdOn).reversed());
    return versions;
  }

  /** The version of a workflow that is deployed at this moment. */
  public synchronized Version version(int workflow, Instant moment) {
    return workflows.get(workflow).put.isEmpty()
        ? fleet.version(workflow, moment)
        : versions(workflow, moment).get(0);
  }

  private boolean isFleets(int workflow) {
    return workflow < fleet.models().size();
  }

  /**
   * Whether an instance of a workflow that was created at this moment, in epoch milliseconds, is
   * one of the workflow as it is now: not of one of the same name that was deleted.
   */
  synchronized boolean knows(int workflow, long createdMs) {
    Instant from = workflows.get(workflow).knownFrom;
    return from.equals(Instant.MIN)
        || !from.equals(Instant.MAX) && createdMs >= from.toEpochMilli();
  }

  /** The numbers of a workflow's instances that are created in one slot. */
  synchronized long[] numbersIn(int workflow, long slot) {
    LongStream own =
        isFleets(workflow) ? LongStream.of(fleet.numbersIn(workflow, slot)) : LongStream.empty();
    List<Long> created = workflows.get(workflow).createdBySlot.getOrDefault(slot, List.of());
    return LongStream.concat(own, created.stream().mapToLong(number -> number)).toArray();
  }

  /** All instances of a workflow created until this moment, in order of their slots. */
  public Stream<Instance> instances(int workflow, Instant until) {
    long first = Arrivals.slotAt(plan().epoch(), plan().beginning());
    long last = Arrivals.slotAt(plan().epoch(), until);
    return LongStream.rangeClosed(first, last)
        .flatMap(slot -> LongStream.of(numbersIn(workflow, slot)))
        .mapToObj(number -> instance(workflow, number))
        .filter(instance -> !instance.createdOn().isAfter(until));
  }

  /** An instance with all its lives, past and to come. */
  public synchronized Instance instance(int workflow, long number) {
    Instance touched = workflows.get(workflow).touched.get(number);
    return touched == null ? asDeployed(workflow, fleet.instance(workflow, number)) : touched;
  }

  /** An instance whose lives run what callers deployed, where that was newer. */
  private Instance asDeployed(int workflow, Instance instance) {
    Workflow of = workflows.get(workflow);
    if (of.put.isEmpty()) {
      return instance;
    }
    List<Life> lives = new ArrayList<>();
    for (Life life : instance.lives()) {
      boolean older = life.queued().isBefore(of.put.get(0).createdOn());
      lives.add(older ? life : LifeEdits.running(life, version(workflow, life.queued())));
    }
    return with(instance, lives);
  }

  private static Instance with(Instance instance, List<Life> lives) {
    return new Instance(
        instance.workflow(),
        instance.number(),
        instance.id(),
        instance.createdOn(),
        List.copyOf(lives));
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
    Workflow of = workflows.get(workflow);
    long slot = Arrivals.slotAt(plan().epoch(), at);
    List<Long> created = of.createdBySlot.computeIfAbsent(slot, key -> new ArrayList<>());
    long number = Arrivals.number(slot, FIRST_CREATED + created.size());
    created.add(number);
    Chance chance = Chance.of(plan().seed(), workflow, number, 20);
    of.touched.put(
        number,
        new Instance(
            of.model.name(),
            number,
            id.orElseGet(chance::uuid),
            at,
            List.of(played(workflow, number, 0, at, version(workflow, at), TriggerSource.API))));
    return number;
  }

  private Life played(
      int workflow, long number, int key, Instant queued, Version version, TriggerSource trigger) {
    Chance chance = Chance.of(plan().seed(), workflow, number, 5, key);
    return LifeScript.play(model(workflow), chance, queued, version, trigger);
  }

  /**
   * Ends an instance.
   *
   * @throws Refusal when it has ended
   */
  public synchronized Instance terminate(int workflow, long number, Instant at) {
    Life life = current(workflow, number, at);
    if (life.asOf(at).status().isTerminal()) {
      throw new Refusal(
          "instance.cannot_terminate", "Cannot terminate instance since its on a finite state");
    }
    return changed(workflow, number, LifeEdits.terminated(life, at, TriggerSource.API), at);
  }

  /**
   * Pauses an instance: at once, or when its steps at work are done.
   *
   * @throws Refusal when it has ended or is paused
   */
  public synchronized Instance pause(int workflow, long number, Instant at) {
    Life life = current(workflow, number, at);
    Status status = life.asOf(at).status();
    if (status.isTerminal() || status == Status.PAUSED || status == Status.WAITING_FOR_PAUSE) {
      throw new Refusal(
          "instance.cannot_pause", "Cannot pause instance while it is " + status.apiName());
    }
    Optional<Instant> pauses = LifeEdits.pausesAt(life, at);
    Instance paused = changed(workflow, number, LifeEdits.paused(life, at, pauses), at);
    if (pauses.isPresent()) {
      workflows.get(workflow).beforePause.put(number, life);
    }
    return paused;
  }

  /**
   * Lets an instance that is paused, or is to be, go on.
   *
   * @throws Refusal when it is neither
   */
  public synchronized Instance resume(int workflow, long number, Instant at) {
    Life life = current(workflow, number, at);
    Life whole = workflows.get(workflow).beforePause.remove(number);
    if (whole != null) {
      return changed(workflow, number, LifeEdits.resumed(whole, life, at), at);
    }
    Status status = life.asOf(at).status();
    if (status != Status.PAUSED) {
      throw new Refusal(
          "instance.cannot_resume", "Cannot resume instance while it is " + status.apiName());
    }
    return changed(workflow, number, LifeEdits.resumedEarly(life, at), at);
  }

  /** Begins a new life of an instance; it can be in any status. */
  public synchronized Instance restart(int workflow, long number, Instant at) {
    Instance instance = instance(workflow, number);
    Life life = current(workflow, number, at);
    // Two lives are never queued in the same millisecond.
    Instant queued = at.isAfter(life.queued()) ? at : life.queued().plusMillis(1);
    List<Life> lives = pastLives(instance, at);
    boolean ended = life.end().filter(end -> !end.isAfter(at)).isPresent();
    lives.add(ended ? life : life.supersededAt(queued));
    lives.add(
        played(workflow, number, lives.size(), queued, version(workflow, at), life.trigger()));
    return put(workflow, instance, lives);
  }

  /**
   * Restarts an instance from one of its steps: what came before is kept.
   *
   * @throws Refusal when there is no such step
   */
  public synchronized Instance restartFrom(
      int workflow, long number, Predicate<Step> step, Instant at) {
    Life life = current(workflow, number, at);
    List<Step> steps = life.asOf(at).steps();
    int kept = 0;
    while (kept < steps.size() && !step.test(steps.get(kept))) {
      kept++;
    }
    if (kept == steps.size()) {
      throw new Refusal("instance.step_not_found", "Step to restart from was not found");
    }
    Life again = played(workflow, number, 0x10000 + kept, at, life.version(), life.trigger());
    Life redone = life.reopenedAt(at, LifeEdits.redone(life.asOf(at), kept, again, at));
    return changed(workflow, number, redone, at);
  }

  /**
   * Sends an event to an instance; where none of its waits is for it, nothing comes of it.
   *
   * @throws Refusal when the instance has ended
   */
  public synchronized Instance send(int workflow, long number, String eventType, Instant at) {
    Life life = current(workflow, number, at);
    if (life.asOf(at).status().isTerminal()) {
      throw new Refusal(
          "instance.cannot_receive_event", "Cannot send an event to an instance that has ended");
    }
    Optional<Step.EventWait> wait =
        workflows.get(workflow).beforePause.containsKey(number)
            ? Optional.empty()
            : LifeEdits.waiting(life, eventType, at);
    return wait.isEmpty()
        ? instance(workflow, number)
        : changed(workflow, number, LifeEdits.woken(life, wait.get(), at), at);
  }

  /** The life at a moment, with what is to come of it. */
  private Life current(int workflow, long number, Instant at) {
    Life current = instance(workflow, number).lives().get(0);
    for (Life life : instance(workflow, number).lives()) {
      current = life.queued().isAfter(at) ? current : life;
    }
    // A restart that people had planned for later is dropped.
    while (current.reopened().filter(again -> again.at().isAfter(at)).isPresent()) {
      current = current.reopened().get().before();
    }
    return current;
  }

  private static List<Life> pastLives(Instance instance, Instant at) {
    List<Life> lives = new ArrayList<>(instance.lives());
    lives.removeIf(life -> life.queued().isAfter(at));
    lives.remove(lives.size() - 1);
    return lives;
  }

  private Instance changed(int workflow, long number, Life life, Instant at) {
    Instance instance = instance(workflow, number);
    List<Life> lives = pastLives(instance, at);
    lives.add(life);
    return put(workflow, instance, lives);
  }

  private Instance put(int workflow, Instance instance, List<Life> lives) {
    Workflow of = workflows.get(workflow);
    of.beforePause.remove(instance.number());
    Instance changed = with(instance, lives);
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
    Workflow workflow = workflows.get(index);
    if (workflow.isDeleted()) {
      workflow.id = Chance.of(plan().seed(), index, at.toEpochMilli(), 30).uuid();
      workflow.createdOn = at;
      workflow.knownFrom = at;
    }
    workflow.model = workflow.model.called(className, scriptName);
    workflow.put.add(version(index, workflow, at));
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
    Workflow workflow = new Workflow();
    workflow.model =
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
    workflow.id = Chance.of(plan().seed(), index, at.toEpochMilli(), 30).uuid();
    workflow.createdOn = at;
    workflow.knownFrom = at;
    workflow.put.add(version(index, workflow, at));
    workflows.add(workflow);
    return index;
  }

  private Version version(int index, Workflow workflow, Instant at) {
    Chance chance = Chance.of(plan().seed(), index, at.toEpochMilli(), workflow.put.size(), 31);
    return new Version(chance.uuid(), at, false);
  }

  /** The code of a class of the fleet's; of another, something short. */
  private WorkflowCode codeOf(String className) {
    return fleet.models().stream()
        .filter(model -> model.className().equals(className))
        .map(WorkflowModel::code)
        .findFirst()
        .orElse(
            step -> {
              step.work("prepare", Effort.of(40, 0.5));
              step.sleep("settle", 3_000);
              step.work("finish", Effort.of(60, 0.5));
            });
  }

  /** Deletes a workflow with all its instances. */
  public synchronized void delete(int workflow) {
    Workflow of = workflows.get(workflow);
    of.knownFrom = Instant.MAX;
    of.put.clear();
    of.touched.clear();
    of.beforePause.clear();
    of.createdBySlot.clear();
  }
}
