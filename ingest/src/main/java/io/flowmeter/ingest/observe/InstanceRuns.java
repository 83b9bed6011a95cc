package io.flowmeter.ingest.observe;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The lives of an instance that are known, oldest first. A restart keeps the id and can leave the
 * list row unchanged, so that only a detail's {@code queued} tells lives apart.
 */
public record InstanceRuns(List<Life> known) {
  /** Of nothing seen yet. */
  public static final InstanceRuns NONE = new InstanceRuns(List.of());

  /** How far the first life's creation and its queueing may lie apart, and of nothing else. */
  static final Duration TOLERANCE = Duration.ofSeconds(5);

  /**
   * So many lives of an instance are remembered. A record of them has 14 bytes for each, and Kafka
   * takes none of over 1 MiB; what the topology keeps of an instance ends there, too.
   */
  static final int MOST = 10_000;

  /**
   * One life.
   *
   * @param run its name, in epoch milliseconds: the first life's creation, a later one's queueing
   * @param queued as a detail told it; empty until one did
   */
  public record Life(long run, Optional<Instant> queued) {}

  /** The lives after a sighting, and which one it speaks of. */
  public record Assigned(InstanceRuns runs, long run) {}

  public InstanceRuns {
    known = List.copyOf(known);
  }

  /** The run a row alone speaks of: the newest known. */
  public OptionalLong newest() {
    return known.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(known.get(known.size() - 1).run());
  }

  /** The first life, named by a row's creation before any detail was seen. */
  public InstanceRuns startedBy(Instant createdOn) {
    return known.isEmpty()
        ? new InstanceRuns(List.of(new Life(createdOn.toEpochMilli(), Optional.empty())))
        : this;
  }

  /**
   * The life that a detail speaks of. A {@code queued} not yet known begins a new life, named by
   * it; a detail without one speaks of the newest.
   *
   * @return empty where neither the detail nor the row nor memory names a life
   */
  public Optional<Assigned> assign(Optional<Instant> createdOn, Optional<Instant> queued) {
    if (queued.isEmpty()) {
      InstanceRuns runs = createdOn.map(this::startedBy).orElse(this);
      return runs.newest().isPresent()
          ? Optional.of(new Assigned(runs, runs.newest().getAsLong()))
          : Optional.empty();
    }
    Instant at = queued.get();
    for (Life instanceRLife : known) {
      if (instanceRLife.queued().equals(queued)) {
        return Optional.of(new Assigned(this, instanceRLife.run()));
      }
    }
    for (int i = 0; i < known.size(); i++) {
      Life instanceRLife = known.get(i);
      if (instanceRLife.queued().isEmpty() && near(Instant.ofEpochMilli(instanceRLife.run()), at)) {
        List<Life> told = new ArrayList<>(known);
        told.set(i, new Life(instanceRLife.run(), queued));
        return Optional.of(new Assigned(new InstanceRuns(told), instanceRLife.run()));
      }
    }
    long run =
        known.isEmpty() && createdOn.isPresent() && near(createdOn.get(), at)
            ? createdOn.get().toEpochMilli()
            : at.toEpochMilli();
    List<Life> more = new ArrayList<>(known);
    more.add(new Life(run, queued));
    more.sort(Comparator.comparingLong(Life::run));
    if (more.size() > MOST) {
      // The first is kept, for its name is not its queueing; any other would be named as it was.
      more.subList(1, 1 + more.size() - MOST).clear();
    }
    return Optional.of(new Assigned(new InstanceRuns(more), run));
  }

  private static boolean near(Instant createdOn, Instant queued) {
    return Duration.between(createdOn, queued).abs().compareTo(TOLERANCE) <= 0;
  }
}
