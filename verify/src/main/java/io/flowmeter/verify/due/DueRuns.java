package io.flowmeter.verify.due;

import io.flowmeter.simulator.ledger.ServedDetail;
import io.flowmeter.simulator.ledger.ServedLife;
import io.flowmeter.simulator.ledger.Stretch;
import io.flowmeter.simulator.life.Life;
import io.flowmeter.simulator.life.Status;
import io.flowmeter.verify.due.DueRun.Certainty;
import io.flowmeter.verify.expected.ToldLife;
import io.flowmeter.verify.expected.ToldLife.Detail;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds the runs that are due among the lives that were served. Only a detail tells lives of one
 * instance apart, by its {@code queued}: a life that no detail showed is one with the life before.
 */
public final class DueRuns {

  /** How far the first life's creation and its queueing may lie apart. */
  private static final Duration TOLERANCE = Duration.ofSeconds(5);

  private record InstanceKey(String workflow, String id) {}

  private DueRuns() {}

  /** Holds the runs of one instance, none where all that showed it was lost, to what is found. */
  @FunctionalInterface
  public interface Fits {
    boolean agree(String workflow, String instanceId, List<DueRun> runs);
  }

  /**
   * All of them, in order of the first sight, where every answer was taken in.
   *
   * @param served all lives that answers showed of some instances
   */
  public static List<DueRun> of(Stream<ServedLife> served) {
    return of(served, Losses.NONE, (workflow, instance, runs) -> true);
  }

  /**
   * The same where answers may have been lost.
   *
   * @param fits whether what is found agrees with the runs of one instance: the first set of losses
   *     of which that holds is taken for true, and where there is none, that nothing was lost
   */
  public static List<DueRun> of(Stream<ServedLife> served, Losses losses, Fits fits) {
    List<DueRun> runs = new ArrayList<>();
    byInstance(served)
        .forEach(
            (key, lives) ->
                runs.addAll(
                    Explanations.isCertain(lives, losses)
                        ? ofInstance(lives)
                        : explained(key, lives, losses, fits)));
    return runs;
  }

  private static List<DueRun> explained(
      InstanceKey key, List<ServedLife> lives, Losses losses, Fits fits) {
    return Explanations.of(lives, losses)
        .map(DueRuns::ofInstance)
        .filter(each -> fits.agree(key.workflow(), key.id(), each))
        .findFirst()
        .orElseGet(() -> ofInstance(lives));
  }

  /**
   * How many of them ended and were not fetched in full, though nothing kept one from it.
   *
   * @param fleetEnd after it answers show the fleet as of this moment
   */
  public static long owed(Stream<ServedLife> served, Instant fleetEnd) {
    return byInstance(served).values().stream()
        .filter(lives -> lives.size() > 1 || lives.get(0).finalDetailAt().isEmpty())
        .flatMap(lives -> ofInstance(lives).stream())
        .filter(run -> run.certainty() == Certainty.EXACT)
        .filter(run -> run.life().ended() && !run.life().fetchedInFull())
        .filter(run -> !run.isGone(fleetEnd))
        .count();
  }

  private static Map<InstanceKey, List<ServedLife>> byInstance(Stream<ServedLife> served) {
    return served.collect(
        Collectors.groupingBy(
            life -> new InstanceKey(life.workflow(), life.instanceId()),
            LinkedHashMap::new,
            Collectors.toList()));
  }

  private static List<DueRun> ofInstance(List<ServedLife> lives) {
    if (lives.isEmpty()) {
      return List.of();
    }
    List<Group> groups = groups(lives);
    List<DueRun> runs = new ArrayList<>();
    long created = createdOn(lives.get(0));
    if (groups.get(0).run != created) {
      runs.add(possible(groups.get(0), created));
    }
    for (int i = 0; i < groups.size(); i++) {
      Optional<Long> next = groups.stream().skip(i + 1L).map(group -> group.run).findFirst();
      runs.add(groups.get(i).due(next));
    }
    return runs;
  }

  private static List<Group> groups(List<ServedLife> lives) {
    List<Group> groups = new ArrayList<>();
    boolean firstNamed = false;
    for (ServedLife life :
        lives.stream().sorted(Comparator.comparing(ServedLife::position)).toList()) {
      long created = createdOn(life);
      boolean told = !life.details().isEmpty();
      boolean first = told && !firstNamed && isNear(life);
      firstNamed |= first;
      if (groups.isEmpty()) {
        groups.add(new Group(first || !told ? created : queued(life)));
      } else if (told && !first) {
        groups.add(new Group(queued(life)));
      }
      groups.get(groups.size() - 1).lives.add(life);
    }
    return groups;
  }

  private static boolean isNear(ServedLife life) {
    return Duration.between(life.createdOn(), life.life().queued()).compareTo(TOLERANCE) <= 0;
  }

  private static long createdOn(ServedLife life) {
    return life.createdOn().toEpochMilli();
  }

  private static long queued(ServedLife life) {
    return life.life().queued().toEpochMilli();
  }

  private static DueRun possible(Group next, long run) {
    ServedLife any = next.lives.get(0);
    ToldLife life =
        new ToldLife(
            any.workflow(),
            any.instanceId(),
            run,
            Optional.of(next.run),
            "",
            run,
            Optional.empty(),
            Optional.empty(),
            any.life().version().id(),
            any.life().trigger().apiName(),
            0,
            Optional.empty(),
            Optional.empty());
    return new DueRun(
        Certainty.POSSIBLE,
        life,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        0,
        false,
        Optional.empty(),
        Optional.empty());
  }

  /** Lives that are one run, in order of time. */
  private static final class Group {
    final long run;
    final List<ServedLife> lives = new ArrayList<>();

    Group(long run) {
      this.run = run;
    }

    /** The life that details told of, else the first. */
    private ServedLife main() {
      return lives.stream()
          .filter(life -> !life.details().isEmpty())
          .findFirst()
          .orElse(lives.get(0));
    }

    DueRun due(Optional<Long> next) {
      ServedLife main = main();
      return due(
          next,
          main,
          main.details(),
          mayBeLeftOut(main)
              ? Optional.of(due(next, main, liveDetails(main), Optional.empty()))
              : Optional.empty());
    }

    private DueRun due(
        Optional<Long> next,
        ServedLife main,
        List<ServedDetail> details,
        Optional<DueRun> leftOut) {
      List<Stretch> sightings = lives.stream().flatMap(life -> life.stretches().stream()).toList();
      Stretch last = sightings.get(sightings.size() - 1);
      Life seen = main.life().asOf(main.lastSeen());
      Optional<Life> told = lastDetail(details).map(main.life()::asOf);
      boolean read = told.filter(life -> isLastSeen(life, last)).isPresent();
      boolean alone = lives.size() == 1;
      boolean exact = alone && (next.isEmpty() || read && last.status().isTerminal());
      Optional<Detail> detail = told.map(Truth::detail);
      List<Long> ends = endsTold(main, details);
      ToldLife life =
          new ToldLife(
              main.workflow(),
              main.instanceId(),
              run,
              next,
              last.status().apiName(),
              told.isPresent() ? queued(main) : run,
              seen.start().map(Instant::toEpochMilli),
              seen.end().map(Instant::toEpochMilli),
              seen.version().id(),
              seen.trigger().apiName(),
              ends.size(),
              detail,
              Optional.empty());
      return new DueRun(
          exact ? Certainty.EXACT : Certainty.CUT_OFF,
          life,
          sightings,
          ends,
          details.stream().map(ServedDetail::at).toList(),
          asTold(main.life(), details),
          (int) details.stream().filter(served -> hasEnded(main, served)).count(),
          isDrawable(details, sightings),
          leftOut,
          next.isEmpty() ? main.gone() : Optional.empty());
    }

    private static boolean hasEnded(ServedLife life, ServedDetail detail) {
      return life.life().asOf(detail.at()).end().isPresent();
    }

    private static List<ServedDetail> liveDetails(ServedLife life) {
      return life.details().stream().filter(detail -> !hasEnded(life, detail)).toList();
    }

    /** A row showed that it completed, before any detail; then it was opened again. */
    private boolean mayBeLeftOut(ServedLife main) {
      List<Stretch> stretches = main.stretches();
      Optional<Stretch> ended =
          stretches.stream().filter(stretch -> stretch.status().isTerminal()).findFirst();
      return ended
          .filter(stretch -> stretch.status() == Status.COMPLETE)
          .filter(stretch -> stretch != stretches.get(stretches.size() - 1))
          .filter(
              stretch ->
                  main.details().stream().allMatch(detail -> detail.at().isAfter(stretch.first())))
          .isPresent();
    }

    private static boolean isDrawable(List<ServedDetail> details, List<Stretch> sightings) {
      return sightings.stream()
          .filter(stretch -> stretch.status().isTerminal())
          .min(Comparator.comparing(Stretch::first))
          .filter(stretch -> stretch.status() == Status.COMPLETE)
          .filter(
              stretch ->
                  details.stream()
                      .filter(ServedDetail::whole)
                      .noneMatch(detail -> detail.at().isBefore(stretch.first())))
          .isPresent();
    }

    /** Nothing was seen of the life after what the detail told. */
    private static boolean isLastSeen(Life told, Stretch last) {
      return told.status() == last.status() && told.statusSince().equals(last.since());
    }

    private static Optional<Instant> lastDetail(List<ServedDetail> details) {
      return details.stream()
          .filter(ServedDetail::whole)
          .map(ServedDetail::at)
          .reduce((earlier, later) -> later);
    }

    private static List<Instant> asTold(Life life, List<ServedDetail> details) {
      List<Instant> same = new ArrayList<>();
      for (int i = details.size() - 1; i >= 0; i--) {
        Instant at = details.get(i).at();
        if (!same.isEmpty() && !tellsTheSame(life.asOf(at), life.asOf(same.get(0)))) {
          break;
        }
        same.add(0, at);
      }
      return same;
    }

    private static boolean tellsTheSame(Life one, Life other) {
      return one.status() == other.status() && Truth.detail(one).equals(Truth.detail(other));
    }

    private static List<Long> endsTold(ServedLife life, List<ServedDetail> details) {
      return details.stream()
          .flatMap(detail -> life.life().asOf(detail.at()).end().stream())
          .map(Instant::toEpochMilli)
          .distinct()
          .sorted()
          .toList();
    }
  }
}
