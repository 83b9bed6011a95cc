package io.flowmeter.verify.required;

import io.flowmeter.simulator.ledger.ServedDetail;
import io.flowmeter.simulator.ledger.ServedRun;
import io.flowmeter.simulator.ledger.StatusInterval;
import io.flowmeter.simulator.model.SimulatedRun;
import io.flowmeter.simulator.model.SimulatedStatus;
import io.flowmeter.verify.expected.ReportedRun;
import io.flowmeter.verify.expected.ReportedRun.Detail;
import io.flowmeter.verify.required.RequiredRun.Certainty;
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
public final class RequiredRuns {

  /** How far the first life's creation and its queueing may lie apart. */
  private static final Duration TOLERANCE = Duration.ofSeconds(5);

  private record InstanceKey(String workflow, String id) {}

  private RequiredRuns() {}

  /** Holds the runs of one instance, none where all that showed it was lost, to what is found. */
  @FunctionalInterface
  public interface Fits {
    boolean agree(String workflow, String instanceId, List<RequiredRun> runs);
  }

  /**
   * All of them, in order of the first sight, where every answer was taken in.
   *
   * @param served all lives that answers showed of some instances
   */
  public static List<RequiredRun> of(Stream<ServedRun> served) {
    return of(served, LossWindows.NONE, (workflow, instance, runs) -> true);
  }

  /**
   * The same where answers may have been lost.
   *
   * @param fits whether what is found agrees with the runs of one instance: the first set of losses
   *     of which that holds is taken for true, and where there is none, that nothing was lost
   */
  public static List<RequiredRun> of(Stream<ServedRun> served, LossWindows losses, Fits fits) {
    List<RequiredRun> runs = new ArrayList<>();
    byInstance(served)
        .forEach(
            (key, lives) ->
                runs.addAll(
                    LossHypotheses.isCertain(lives, losses)
                        ? ofInstance(lives)
                        : explained(key, lives, losses, fits)));
    return runs;
  }

  private static List<RequiredRun> explained(
      InstanceKey key, List<ServedRun> lives, LossWindows losses, Fits fits) {
    return LossHypotheses.of(lives, losses)
        .map(RequiredRuns::ofInstance)
        .filter(each -> fits.agree(key.workflow(), key.id(), each))
        .findFirst()
        .orElseGet(() -> ofInstance(lives));
  }

  /**
   * How many of them ended and were not fetched in full, though nothing kept one from it.
   *
   * @param fleetEnd after it answers show the fleet as of this moment
   */
  public static long owed(Stream<ServedRun> served, Instant fleetEnd) {
    return byInstance(served).values().stream()
        .filter(lives -> lives.size() > 1 || lives.get(0).finalDetailAt().isEmpty())
        .flatMap(lives -> ofInstance(lives).stream())
        .filter(run -> run.certainty() == Certainty.EXACT)
        .filter(run -> run.life().ended() && !run.life().fetchedInFull())
        .filter(run -> !run.isGone(fleetEnd))
        .count();
  }

  private static Map<InstanceKey, List<ServedRun>> byInstance(Stream<ServedRun> served) {
    return served.collect(
        Collectors.groupingBy(
            life -> new InstanceKey(life.workflow(), life.instanceId()),
            LinkedHashMap::new,
            Collectors.toList()));
  }

  private static List<RequiredRun> ofInstance(List<ServedRun> lives) {
    if (lives.isEmpty()) {
      return List.of();
    }
    List<Group> groups = groups(lives);
    List<RequiredRun> runs = new ArrayList<>();
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

  private static List<Group> groups(List<ServedRun> lives) {
    List<Group> groups = new ArrayList<>();
    boolean firstNamed = false;
    for (ServedRun life :
        lives.stream().sorted(Comparator.comparing(ServedRun::position)).toList()) {
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

  private static boolean isNear(ServedRun life) {
    return Duration.between(life.createdOn(), life.life().queued()).compareTo(TOLERANCE) <= 0;
  }

  private static long createdOn(ServedRun life) {
    return life.createdOn().toEpochMilli();
  }

  private static long queued(ServedRun life) {
    return life.life().queued().toEpochMilli();
  }

  private static RequiredRun possible(Group next, long run) {
    ServedRun any = next.lives.get(0);
    ReportedRun life =
        new ReportedRun(
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
    return new RequiredRun(
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
    final List<ServedRun> lives = new ArrayList<>();

    Group(long run) {
      this.run = run;
    }

    /** The life that details told of, else the first. */
    private ServedRun main() {
      return lives.stream()
          .filter(life -> !life.details().isEmpty())
          .findFirst()
          .orElse(lives.get(0));
    }

    RequiredRun due(Optional<Long> next) {
      ServedRun main = main();
      return due(
          next,
          main,
          main.details(),
          mayBeLeftOut(main)
              ? Optional.of(due(next, main, liveDetails(main), Optional.empty()))
              : Optional.empty());
    }

    private RequiredRun due(
        Optional<Long> next,
        ServedRun main,
        List<ServedDetail> details,
        Optional<RequiredRun> leftOut) {
      List<StatusInterval> sightings =
          lives.stream().flatMap(life -> life.stretches().stream()).toList();
      StatusInterval last = sightings.get(sightings.size() - 1);
      SimulatedRun seen = main.life().asOf(main.lastSeen());
      Optional<SimulatedRun> told = lastDetail(details).map(main.life()::asOf);
      boolean read = told.filter(life -> isLastSeen(life, last)).isPresent();
      boolean alone = lives.size() == 1;
      boolean exact = alone && (next.isEmpty() || read && last.status().isTerminal());
      Optional<Detail> detail = told.map(GroundTruth::detail);
      List<Long> ends = endsTold(main, details);
      ReportedRun life =
          new ReportedRun(
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
      return new RequiredRun(
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

    private static boolean hasEnded(ServedRun life, ServedDetail detail) {
      return life.life().asOf(detail.at()).end().isPresent();
    }

    private static List<ServedDetail> liveDetails(ServedRun life) {
      return life.details().stream().filter(detail -> !hasEnded(life, detail)).toList();
    }

    /** A row showed that it completed, before any detail; then it was opened again. */
    private boolean mayBeLeftOut(ServedRun main) {
      List<StatusInterval> stretches = main.stretches();
      Optional<StatusInterval> ended =
          stretches.stream().filter(stretch -> stretch.status().isTerminal()).findFirst();
      return ended
          .filter(stretch -> stretch.status() == SimulatedStatus.COMPLETE)
          .filter(stretch -> stretch != stretches.get(stretches.size() - 1))
          .filter(
              stretch ->
                  main.details().stream().allMatch(detail -> detail.at().isAfter(stretch.first())))
          .isPresent();
    }

    private static boolean isDrawable(List<ServedDetail> details, List<StatusInterval> sightings) {
      return sightings.stream()
          .filter(stretch -> stretch.status().isTerminal())
          .min(Comparator.comparing(StatusInterval::first))
          .filter(stretch -> stretch.status() == SimulatedStatus.COMPLETE)
          .filter(
              stretch ->
                  details.stream()
                      .filter(ServedDetail::whole)
                      .noneMatch(detail -> detail.at().isBefore(stretch.first())))
          .isPresent();
    }

    /** Nothing was seen of the life after what the detail told. */
    private static boolean isLastSeen(SimulatedRun told, StatusInterval last) {
      return told.status() == last.status() && told.statusSince().equals(last.since());
    }

    private static Optional<Instant> lastDetail(List<ServedDetail> details) {
      return details.stream()
          .filter(ServedDetail::whole)
          .map(ServedDetail::at)
          .reduce((earlier, later) -> later);
    }

    private static List<Instant> asTold(SimulatedRun life, List<ServedDetail> details) {
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

    private static boolean tellsTheSame(SimulatedRun one, SimulatedRun other) {
      return one.status() == other.status()
          && GroundTruth.detail(one).equals(GroundTruth.detail(other));
    }

    private static List<Long> endsTold(ServedRun life, List<ServedDetail> details) {
      return details.stream()
          .flatMap(detail -> life.life().asOf(detail.at()).end().stream())
          .map(Instant::toEpochMilli)
          .distinct()
          .sorted()
          .toList();
    }
  }
}
