package io.flowmeter.simulator.fleet;

import io.flowmeter.simulator.model.Instance;
import io.flowmeter.simulator.model.SimulatedStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.PriorityQueue;

/**
 * Which instances are known now, and in which status: an index over the world that moves on with
 * the clock, so that a request costs what it answers, not the whole history, nor the depth of its
 * page. A clock that goes back is allowed and costs a new start. Not thread-safe.
 */
public final class ActiveInstances {
  private final SimulatedAccount account;
  private final List<InstanceIndex> shelves = new ArrayList<>();
  private final List<Long> lastTriggeredMs = new ArrayList<>();
  private final PriorityQueue<Birth> births =
      new PriorityQueue<>(Comparator.comparingLong(Birth::at).thenComparingLong(Birth::number));
  private final PriorityQueue<Due> due = new PriorityQueue<>(Comparator.comparingLong(Due::at));
  private long nextSlot;
  private Instant now = Instant.MIN;

  /** An instance that is created at {@code at}, in epoch milliseconds. */
  private record Birth(long at, int workflow, long number, String id, StatusTimeline course) {}

  /** A status that changes at {@code at}, in epoch milliseconds. */
  private record Due(long at, int workflow, int serial) {}

  /** An empty roster; the first {@link #moveTo} fills it. */
  public ActiveInstances(SimulatedAccount account) {
    this.account = account;
    reset();
  }

  private void reset() {
    shelves.clear();
    lastTriggeredMs.clear();
    births.clear();
    due.clear();
    nextSlot = Long.MIN_VALUE;
    now = Instant.MIN;
  }

  /** Moves on to this moment. */
  public void moveTo(Instant moment) {
    if (moment.isBefore(now)) {
      reset();
    }
    FleetPlan plan = account.plan();
    if (nextSlot == Long.MIN_VALUE) {
      // What was created before this has ended and vanished.
      Instant oldest = moment.minus(plan.retention()).minus(plan.lifetime().longest());
      Instant from = oldest.isAfter(plan.beginning()) ? oldest : plan.beginning();
      nextSlot = Arrivals.slotAt(plan.epoch(), from);
    }
    now = moment;
    long momentMs = moment.toEpochMilli();
    for (long last = Arrivals.slotAt(plan.epoch(), moment); nextSlot <= last; nextSlot++) {
      for (int workflow = 0; workflow < account.size(); workflow++) {
        for (long number : account.numbersIn(workflow, nextSlot)) {
          expect(workflow, number);
        }
      }
      // Applied slot by slot, so that catching up on weeks does not hold all of them.
      apply(Math.min(momentMs, plan.epoch().toEpochMilli() + (nextSlot + 1) * Arrivals.SLOT_MS));
    }
    apply(momentMs);
  }

  /** Takes up an instance that was created just now. */
  public void add(int workflow, long number) {
    expect(workflow, number);
    apply(now.toEpochMilli());
  }

  /** Takes up what was changed just now in the lives of a known instance. */
  public void change(int workflow, Instance instance) {
    InstanceIndex index = shelf(workflow);
    int serial = serial(workflow, instance.id());
    StatusTimeline course =
        new StatusTimeline(instance, account.plan().retention().toMillis(), true);
    index.setCourse(serial, course);
    expectNext(workflow, serial, course);
    apply(now.toEpochMilli());
  }

  /** Forgets all instances of a workflow. */
  public void remove(int workflow) {
    shelves.set(workflow, new InstanceIndex(shelf(workflow).end()));
    lastTriggeredMs.set(workflow, Long.MIN_VALUE);
  }

  private InstanceIndex shelf(int workflow) {
    while (shelves.size() <= workflow) {
      shelves.add(new InstanceIndex(0));
      lastTriggeredMs.add(Long.MIN_VALUE);
    }
    return shelves.get(workflow);
  }

  private void expect(int workflow, long number) {
    Instance instance = account.instance(workflow, number);
    births.add(
        new Birth(
            instance.createdOn().toEpochMilli(),
            workflow,
            number,
            instance.id(),
            new StatusTimeline(instance, account.plan().retention().toMillis(), false)));
  }

  private void apply(long momentMs) {
    while (!births.isEmpty() && births.peek().at() <= momentMs) {
      Birth birth = births.poll();
      if (account.knows(birth.workflow(), birth.number(), birth.at())) {
        int serial = shelf(birth.workflow()).append(birth.number(), birth.id(), birth.course());
        expectNext(birth.workflow(), serial, birth.course());
      }
    }
    while (!due.isEmpty() && due.peek().at() <= momentMs) {
      Due next = due.poll();
      if (shelf(next.workflow()).holds(next.serial())) {
        apply(next);
      }
    }
  }

  private void apply(Due next) {
    InstanceIndex index = shelf(next.workflow());
    StatusTimeline course = index.course(next.serial());
    if (course == null) {
      index.hide(next.serial());
      return;
    }
    if (course.nextAt() != next.at()) {
      // It was changed since.
      return;
    }
    int code = course.nextCode();
    course.step();
    if (code == StatusTimeline.GONE) {
      index.hide(next.serial());
      return;
    }
    index.show(next.serial(), StatusTimeline.status(code));
    lastTriggeredMs.set(
        next.workflow(),
        Math.max(
            lastTriggeredMs.get(next.workflow()),
            code == SimulatedStatus.QUEUED.ordinal() ? next.at() : Long.MIN_VALUE));
    expectNext(next.workflow(), next.serial(), course);
    if (course.isOver()) {
      index.setCourse(next.serial(), null);
    }
  }

  private void expectNext(int workflow, int serial, StatusTimeline course) {
    if (course.nextAt() != Long.MAX_VALUE) {
      due.add(new Due(course.nextAt(), workflow, serial));
    }
  }

  private int serial(int workflow, String id) {
    return shelf(workflow).find(id, number -> account.id(workflow, number).equals(id));
  }

  /** The number of the instance of this id; empty when none is known by it, or no longer. */
  public OptionalLong find(int workflow, String id) {
    int serial = serial(workflow, id);
    return serial < 0 ? OptionalLong.empty() : OptionalLong.of(shelf(workflow).number(serial));
  }

  /** How many instances of a workflow are in each status. */
  public Map<SimulatedStatus, Integer> counts(int workflow) {
    Map<SimulatedStatus, Integer> counts = new EnumMap<>(SimulatedStatus.class);
    for (SimulatedStatus status : SimulatedStatus.values()) {
      counts.put(status, shelf(workflow).count(status.ordinal()));
    }
    return counts;
  }

  /** When an instance of a workflow was last queued; empty when none was yet. */
  public Optional<Instant> lastTriggered(int workflow) {
    shelf(workflow);
    long ms = lastTriggeredMs.get(workflow);
    return ms == Long.MIN_VALUE ? Optional.empty() : Optional.of(Instant.ofEpochMilli(ms));
  }

  /**
   * Some of a workflow's known instances, in the order of their creation.
   *
   * @param numbers those asked for
   * @param total how many there are in all
   */
  public record Slice(long[] numbers, int total) {}

  /**
   * What is asked of {@link #slice}.
   *
   * @param status only instances in this status
   * @param createdFrom only instances created then or later
   * @param createdTo only instances created then or earlier
   * @param skip how many to pass over
   * @param limit how many to answer with at most
   */
  public record Query(
      Optional<SimulatedStatus> status,
      Optional<Instant> createdFrom,
      Optional<Instant> createdTo,
      boolean newestFirst,
      int skip,
      int limit) {}

  /** The numbers of the known instances that a query asks for. */
  public Slice slice(int workflow, Query query) {
    InstanceIndex index = shelf(workflow);
    int list = query.status().map(SimulatedStatus::ordinal).orElse(InstanceIndex.ALL);
    int from = query.createdFrom().map(at -> rank(workflow, list, at.toEpochMilli())).orElse(0);
    int to =
        query
            .createdTo()
            .map(at -> rank(workflow, list, at.toEpochMilli() + 1))
            .orElse(index.count(list));
    int total = Math.max(0, to - from);
    int limit = Math.min(query.limit(), total - query.skip());
    if (limit <= 0) {
      return new Slice(new long[0], total);
    }
    long[] numbers =
        query.newestFirst()
            ? index.numbers(list, to - 1 - query.skip(), limit, -1)
            : index.numbers(list, from + query.skip(), limit, 1);
    return new Slice(numbers, total);
  }

  private int rank(int workflow, int list, long moment) {
    return shelf(workflow).rankOf(list, moment, number -> account.createdMs(workflow, number));
  }
}
