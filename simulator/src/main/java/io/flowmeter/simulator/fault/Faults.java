package io.flowmeter.simulator.fault;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** The faults that are to come: those asked for, else those of a plan. Thread-safe. */
public final class Faults {
  private final FaultPlan plan;
  private final Deque<Planned> planned = new ArrayDeque<>();
  private final Map<FaultPlan.Kind, Integer> met = new EnumMap<>(FaultPlan.Kind.class);
  private long requests;

  /** Those of a plan, and those that are asked for. */
  public Faults(FaultPlan plan) {
    this.plan = plan;
  }

  /**
   * Lets the next response go wrong whose target (encoded path and query, without the host)
   * matches.
   */
  public void next(Predicate<String> target, InjectedFault fault) {
    next(1, target, fault);
  }

  /** Lets so many of the next matching responses go wrong. */
  public synchronized void next(int times, Predicate<String> target, InjectedFault fault) {
    planned.add(new Planned(target, fault, times));
  }

  /** Lets every matching response go wrong, until {@link #clear}. */
  public void every(Predicate<String> target, InjectedFault fault) {
    next(Integer.MAX_VALUE, target, fault);
  }

  /** Forgets all faults that were asked for. */
  public synchronized void clear() {
    planned.clear();
  }

  /** How many faults that were asked for have not yet been used up. */
  public synchronized int pending() {
    return planned.size();
  }

  /** The fault for this request, if one is due; the one asked for first goes first. */
  public synchronized Optional<InjectedFault> take(String target) {
    Optional<FaultPlan.Met> byPlan = plan.at(requests++);
    for (Iterator<Planned> all = planned.iterator(); all.hasNext(); ) {
      Planned next = all.next();
      if (next.target.test(target)) {
        next.times--;
        if (next.times == 0) {
          all.remove();
        }
        return Optional.of(next.fault);
      }
    }
    byPlan.ifPresent(fault -> met.merge(fault.kind(), 1, Integer::sum));
    return byPlan.map(FaultPlan.Met::fault);
  }

  /** How many requests met each kind of fault of the plan so far. */
  public synchronized Map<FaultPlan.Kind, Integer> met() {
    return new EnumMap<>(met);
  }

  private static final class Planned {
    final Predicate<String> target;
    final InjectedFault fault;
    int times;

    Planned(Predicate<String> target, InjectedFault fault, int times) {
      this.target = target;
      this.fault = fault;
      this.times = times;
    }
  }
}
