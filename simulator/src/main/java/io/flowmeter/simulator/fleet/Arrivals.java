package io.flowmeter.simulator.fleet;

import java.time.Instant;

/**
 * When instances of a workflow are created. Time is cut into slots of 10 s counted from the epoch;
 * how many instances a slot holds, and when, depends on nothing but the slot, so any moment can be
 * known without the moments before. An instance's number is its slot and its place in it.
 */
sealed interface Arrivals {
  /** Length of a slot in milliseconds. */
  long SLOT_MS = 10_000;

  /** Numbers in a slot: more than any rate fills. */
  int SLOT_BITS = 20;

  /** How many instances are created in a slot. */
  int countIn(long slot);

  /** When an instance is created, in epoch milliseconds. */
  long createdAt(long number);

  static long slotOf(long number) {
    return number >> SLOT_BITS;
  }

  static long number(long slot, int place) {
    return (slot << SLOT_BITS) | place;
  }

  static int placeOf(long number) {
    return (int) (number & ((1L << SLOT_BITS) - 1));
  }

  /** The slot this moment lies in. */
  static long slotAt(Instant epoch, Instant at) {
    return Math.floorDiv(at.toEpochMilli() - epoch.toEpochMilli(), SLOT_MS);
  }

  /**
   * Created by people and programs: at random, more by day than by night.
   *
   * @param share of the fleet's whole traffic
   */
  record Random(FleetPlan plan, int workflow, double share) implements Arrivals {
    private static final double DAY_MS = 86_400_000;
    private static final double SWING = 0.6;

    @Override
    public int countIn(long slot) {
      double at = phase(plan.epoch().toEpochMilli() + slot * SLOT_MS);
      double byDay = 1 + SWING * StrictMath.cos(at);
      double mean = share * (slot >= 0 ? plan.rate() : historyRate()) * byDay * SLOT_MS / 1000;
      return SeededRandom.of(plan.seed(), workflow, slot, 1).poisson(mean);
    }

    /** Instances per second that make up the plan's history, whatever the hours it lies in. */
    private double historyRate() {
      double from = phase(plan.beginning().toEpochMilli());
      double to = phase(plan.epoch().toEpochMilli());
      double byDay = 1 + SWING * (StrictMath.sin(to) - StrictMath.sin(from)) / (to - from);
      return plan.history() / (plan.historySpan().toSeconds() * byDay);
    }

    /** The hour of the day as an angle: 0 at the peak, 14:00 UTC. */
    private static double phase(long ms) {
      return 2 * StrictMath.PI * (ms / DAY_MS - 14 / 24.0);
    }

    @Override
    public long createdAt(long number) {
      long slot = slotOf(number);
      int place = placeOf(number);
      // One in each equal part of the slot: random enough, and in order without sorting.
      double within = SeededRandom.of(plan.seed(), workflow, number, 2).uniform();
      double part = (place + within) / countIn(slot);
      return plan.epoch().toEpochMilli() + slot * SLOT_MS + (long) (part * SLOT_MS);
    }
  }

  /**
   * Created by a schedule.
   *
   * @param periodMs a multiple of {@link #SLOT_MS}
   */
  record Cron(FleetPlan plan, int workflow, long periodMs) implements Arrivals {

    @Override
    public int countIn(long slot) {
      if (slot >= 0 ? plan.rate() == 0 : plan.history() == 0) {
        return 0;
      }
      return dueAt(slot) < plan.epoch().toEpochMilli() + (slot + 1) * SLOT_MS ? 1 : 0;
    }

    @Override
    public long createdAt(long number) {
      // Schedules are late by up to some hundred milliseconds.
      return dueAt(slotOf(number))
          + SeededRandom.of(plan.seed(), workflow, number, 2).between(20, 900);
    }

    /** When the schedule is due first, at or after the slot's begin. */
    long dueAt(long slot) {
      long from = plan.epoch().toEpochMilli() + slot * SLOT_MS;
      return -Math.floorDiv(-from, periodMs) * periodMs;
    }
  }
}
