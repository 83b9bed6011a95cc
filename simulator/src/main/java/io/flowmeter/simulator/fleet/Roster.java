package io.flowmeter.simulator.fleet;

import io.flowmeter.simulator.life.Instance;
import io.flowmeter.simulator.life.Life;
import io.flowmeter.simulator.life.Status;
import io.flowmeter.simulator.life.StatusChange;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.TreeSet;

/**
 * Which instances are known now, and in which status: an index over the fleet that moves on with
 * the clock, so that a request costs what it answers and not the whole history. A clock that goes
 * back is allowed and costs a new start. Not thread-safe.
 */
public final class Roster {
  private final Fleet fleet;
  private final List<Shelf> shelves = new ArrayList<>();
  private final PriorityQueue<Entry> due = new PriorityQueue<>(Comparator.comparingLong(Entry::at));
  private long nextSlot;
  private Instant now = Instant.MIN;

  /** The instances of one workflow that are known. */
  private static final class Shelf {
    final TreeSet<Long> all = new TreeSet<>();
    final Map<Status, TreeSet<Long>> byStatus = new EnumMap<>(Status.class);
    final Map<String, Long> byId = new HashMap<>();
    long lastTriggeredMs = Long.MIN_VALUE;

    Shelf() {
      for (Status status : Status.values()) {
        byStatus.put(status, new TreeSet<>());
      }
    }
  }

  /** An instance and where it stands in its own status changes. */
  private static final class Entry {
    final int workflow;
    final long number;
    final String id;
    final long[] times;
    final Status[] statuses;
    int position = -1;

    Entry(int workflow, Instance instance, long retentionMs) {
      this.workflow = workflow;
      this.number = instance.number();
      this.id = instance.id();
      List<StatusChange> changes = new ArrayList<>();
      for (Life life : instance.lives()) {
        changes.addAll(life.statuses());
      }
      int count = changes.size();
      times = new long[count + 1];
      statuses = new Status[count];
      for (int i = 0; i < count; i++) {
        times[i] = changes.get(i).at().toEpochMilli();
        statuses[i] = changes.get(i).status();
      }
      times[count] = times[count - 1] + retentionMs;
    }

    /** When the next change is due. */
    long at() {
      return times[position + 1];
    }

    boolean vanishesNext() {
      return position + 1 == statuses.length;
    }
  }

  /** An empty roster; the first {@link #moveTo} fills it. */
  public Roster(Fleet fleet) {
    this.fleet = fleet;
    reset();
  }

  private void reset() {
    shelves.clear();
    due.clear();
    for (int workflow = 0; workflow < fleet.models().size(); workflow++) {
      shelves.add(new Shelf());
    }
    nextSlot = Long.MIN_VALUE;
    now = Instant.MIN;
  }

  /** Moves on to this moment. */
  public void moveTo(Instant moment) {
    if (moment.isBefore(now)) {
      reset();
    }
    FleetPlan plan = fleet.plan();
    if (nextSlot == Long.MIN_VALUE) {
      // What was created before this has ended and vanished.
      Instant oldest = moment.minus(plan.retention()).minus(Fleet.LONGEST_LIFE);
      Instant from = oldest.isAfter(plan.beginning()) ? oldest : plan.beginning();
      nextSlot = Arrivals.slotAt(plan.epoch(), from);
    }
    now = moment;
    long momentMs = moment.toEpochMilli();
    for (long last = Arrivals.slotAt(plan.epoch(), moment); nextSlot <= last; nextSlot++) {
      for (int workflow = 0; workflow < shelves.size(); workflow++) {
        for (long number : fleet.numbersIn(workflow, nextSlot)) {
          due.add(
              new Entry(workflow, fleet.instance(workflow, number), plan.retention().toMillis()));
        }
      }
      // Applied slot by slot, so that catching up on weeks does not hold all of them.
      apply(Math.min(momentMs, plan.epoch().toEpochMilli() + (nextSlot + 1) * Arrivals.SLOT_MS));
    }
    apply(momentMs);
  }

  private void apply(long momentMs) {
    while (!due.isEmpty() && due.peek().at() <= momentMs) {
      Entry entry = due.poll();
      Shelf shelf = shelves.get(entry.workflow);
      if (entry.position >= 0) {
        shelf.byStatus.get(entry.statuses[entry.position]).remove(entry.number);
      } else {
        shelf.all.add(entry.number);
        shelf.byId.put(entry.id, entry.number);
        shelf.lastTriggeredMs = Math.max(shelf.lastTriggeredMs, entry.at());
      }
      if (entry.vanishesNext()) {
        shelf.all.remove(entry.number);
        shelf.byId.remove(entry.id);
        continue;
      }
      entry.position++;
      shelf.byStatus.get(entry.statuses[entry.position]).add(entry.number);
      due.add(entry);
    }
  }

  /** The number of the instance of this id; empty when none is known by it, or no longer. */
  public OptionalLong find(int workflow, String id) {
    Long number = shelves.get(workflow).byId.get(id);
    return number == null ? OptionalLong.empty() : OptionalLong.of(number);
  }

  /** How many instances of a workflow are in each status. */
  public Map<Status, Integer> counts(int workflow) {
    Map<Status, Integer> counts = new EnumMap<>(Status.class);
    shelves.get(workflow).byStatus.forEach((status, numbers) -> counts.put(status, numbers.size()));
    return counts;
  }

  /** When the newest instance of a workflow was queued; empty when there was none yet. */
  public Optional<Instant> lastTriggered(int workflow) {
    long ms = shelves.get(workflow).lastTriggeredMs;
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
      Optional<Status> status,
      Optional<Instant> createdFrom,
      Optional<Instant> createdTo,
      boolean newestFirst,
      int skip,
      int limit) {}

  /** The numbers of the known instances that a query asks for. */
  public Slice slice(int workflow, Query query) {
    Shelf shelf = shelves.get(workflow);
    NavigableSet<Long> numbers = query.status().map(shelf.byStatus::get).orElse(shelf.all);
    boolean windowed = query.createdFrom().isPresent() || query.createdTo().isPresent();
    if (windowed) {
      numbers = createdWithin(workflow, numbers, query);
    }
    if (query.newestFirst()) {
      numbers = numbers.descendingSet();
    }
    long[] asked =
        numbers.stream().skip(query.skip()).limit(query.limit()).mapToLong(n -> n).toArray();
    return new Slice(asked, numbers.size());
  }

  private NavigableSet<Long> createdWithin(int workflow, NavigableSet<Long> numbers, Query query) {
    Instant from = query.createdFrom().orElse(fleet.plan().beginning());
    Instant to = query.createdTo().orElse(now);
    if (from.isAfter(to)) {
      return new TreeSet<>();
    }
    // A slot's last instances may be created a little after its end: one slot of margin.
    long first = Arrivals.number(Arrivals.slotAt(fleet.plan().epoch(), from) - 1, 0);
    long last = Arrivals.number(Arrivals.slotAt(fleet.plan().epoch(), to) + 1, 0);
    TreeSet<Long> within = new TreeSet<>();
    for (long number : numbers.subSet(first, last)) {
      Instant created = fleet.createdOn(workflow, number);
      if (!created.isBefore(from) && !created.isAfter(to)) {
        within.add(number);
      }
    }
    return within;
  }
}
