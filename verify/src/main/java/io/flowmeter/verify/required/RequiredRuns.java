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
            (key, servedRuns) ->
                runs.addAll(
                    LossHypotheses.isCertain(servedRuns, losses)
                        ? ofInstance(servedRuns)
                        : explained(key, servedRuns, losses, fits)));
    return runs;
  }

  private static List<RequiredRun> explained(
      InstanceKey key, List<ServedRun> runs, LossWindows losses, Fits fits) {
    return LossHypotheses.of(runs, losses)
        .map(RequiredRuns::ofInstance)
        .filter(each -> fits.agree(key.workflow(), key.id(), each))
        .findFirst()
        .orElseGet(() -> ofInstance(runs));
  }

  /**
   * How many of them ended and were not fetched in full, though nothing kept one from it.
   *
   * @param fleetEnd after it answers show the fleet as of this moment
   */
  public static long required(Stream<ServedRun> served, Instant fleetEnd) {
    return byInstance(served).values().stream()
        .filter(runs -> runs.size() > 1 || runs.get(0).finalDetailAt().isEmpty())
        .flatMap(runs -> ofInstance(runs).stream())
        .filter(run -> run.certainty() == Certainty.EXACT)
        .filter(run -> run.run().ended() && !run.run().fetchedInFull())
        .filter(run -> !run.isDeleted(fleetEnd))
        .count();
  }

  private static Map<InstanceKey, List<ServedRun>> byInstance(Stream<ServedRun> served) {
    return served.collect(
        Collectors.groupingBy(
            run -> new InstanceKey(run.workflow(), run.instanceId()),
            LinkedHashMap::new,
            Collectors.toList()));
  }

  private static List<RequiredRun> ofInstance(List<ServedRun> servedRuns) {
    if (servedRuns.isEmpty()) {
      return List.of();
    }
    List<Group> groups = groups(servedRuns);
    List<RequiredRun> runs = new ArrayList<>();
    long created = createdOn(servedRuns.get(0));
    if (groups.get(0).run != created) {
      runs.add(possible(groups.get(0), created));
    }
    for (int i = 0; i < groups.size(); i++) {
      Optional<Long> next = groups.stream().skip(i + 1L).map(group -> group.run).findFirst();
      runs.add(groups.get(i).due(next));
    }
    return runs;
  }

  private static List<Group> groups(List<ServedRun> runs) {
    List<Group> groups = new ArrayList<>();
    boolean firstNamed = false;
    for (ServedRun run : runs.stream().sorted(Comparator.comparing(ServedRun::position)).toList()) {
      long created = createdOn(run);
      boolean published = !run.details().isEmpty();
      boolean first = published && !firstNamed && isNear(run);
      firstNamed |= first;
      if (groups.isEmpty()) {
        groups.add(new Group(first || !published ? created : queued(run)));
      } else if (published && !first) {
        groups.add(new Group(queued(run)));
      }
      groups.get(groups.size() - 1).runs.add(run);
    }
    return groups;
  }

  private static boolean isNear(ServedRun run) {
    return Duration.between(run.createdOn(), run.run().queued()).compareTo(TOLERANCE) <= 0;
  }

  private static long createdOn(ServedRun run) {
    return run.createdOn().toEpochMilli();
  }

  private static long queued(ServedRun run) {
    return run.run().queued().toEpochMilli();
  }

  private static RequiredRun possible(Group next, long run) {
    ServedRun any = next.runs.get(0);
    ReportedRun reportedRun =
        new ReportedRun(
            any.workflow(),
            any.instanceId(),
            run,
            Optional.of(next.run),
            "",
            run,
            Optional.empty(),
            Optional.empty(),
            any.run().version().id(),
            any.run().trigger().apiName(),
            0,
            Optional.empty(),
            Optional.empty());
    return new RequiredRun(
        Certainty.POSSIBLE,
        reportedRun,
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
    final List<ServedRun> runs = new ArrayList<>();

    Group(long run) {
      this.run = run;
    }

    /** The life that details told of, else the first. */
    private ServedRun main() {
      return runs.stream()
          .filter(servedRun -> !servedRun.details().isEmpty())
          .findFirst()
          .orElse(runs.get(0));
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
      List<StatusInterval> intervals =
          runs.stream().flatMap(servedRun -> servedRun.intervals().stream()).toList();
      StatusInterval last = intervals.get(intervals.size() - 1);
      SimulatedRun seen = main.run().asOf(main.lastSeen());
      Optional<SimulatedRun> reported = lastDetail(details).map(main.run()::asOf);
      boolean read = reported.filter(servedRun -> isLastSeen(servedRun, last)).isPresent();
      boolean alone = runs.size() == 1;
      boolean exact = alone && (next.isEmpty() || read && last.status().isTerminal());
      Optional<Detail> detail = reported.map(GroundTruth::detail);
      List<Long> ends = publishedEnds(main, details);
      ReportedRun servedRun =
          new ReportedRun(
              main.workflow(),
              main.instanceId(),
              run,
              next,
              last.status().apiName(),
              reported.isPresent() ? queued(main) : run,
              seen.start().map(Instant::toEpochMilli),
              seen.end().map(Instant::toEpochMilli),
              seen.version().id(),
              seen.trigger().apiName(),
              ends.size(),
              detail,
              Optional.empty());
      return new RequiredRun(
          exact ? Certainty.EXACT : Certainty.CUT_OFF,
          servedRun,
          intervals,
          ends,
          details.stream().map(ServedDetail::at).toList(),
          asReported(main.run(), details),
          (int) details.stream().filter(served -> hasEnded(main, served)).count(),
          isDrawable(details, intervals),
          leftOut,
          next.isEmpty() ? main.gone() : Optional.empty());
    }

    private static boolean hasEnded(ServedRun servedRun, ServedDetail detail) {
      return servedRun.run().asOf(detail.at()).end().isPresent();
    }

    private static List<ServedDetail> liveDetails(ServedRun servedRun) {
      return servedRun.details().stream().filter(detail -> !hasEnded(servedRun, detail)).toList();
    }

    /** A row showed that it completed, before any detail; then it was opened again. */
    private boolean mayBeLeftOut(ServedRun main) {
      List<StatusInterval> intervals = main.intervals();
      Optional<StatusInterval> ended =
          intervals.stream().filter(interval -> interval.status().isTerminal()).findFirst();
      return ended
          .filter(interval -> interval.status() == SimulatedStatus.COMPLETE)
          .filter(interval -> interval != intervals.get(intervals.size() - 1))
          .filter(
              interval ->
                  main.details().stream().allMatch(detail -> detail.at().isAfter(interval.first())))
          .isPresent();
    }

    private static boolean isDrawable(List<ServedDetail> details, List<StatusInterval> intervals) {
      return intervals.stream()
          .filter(interval -> interval.status().isTerminal())
          .min(Comparator.comparing(StatusInterval::first))
          .filter(interval -> interval.status() == SimulatedStatus.COMPLETE)
          .filter(
              interval ->
                  details.stream()
                      .filter(ServedDetail::whole)
                      .noneMatch(detail -> detail.at().isBefore(interval.first())))
          .isPresent();
    }

    /** Nothing was seen of the life after what the detail told. */
    private static boolean isLastSeen(SimulatedRun reported, StatusInterval last) {
      return reported.status() == last.status() && reported.statusSince().equals(last.since());
    }

    private static Optional<Instant> lastDetail(List<ServedDetail> details) {
      return details.stream()
          .filter(ServedDetail::whole)
          .map(ServedDetail::at)
          .reduce((earlier, later) -> later);
    }

    private static List<Instant> asReported(SimulatedRun simulatedRun, List<ServedDetail> details) {
      List<Instant> same = new ArrayList<>();
      for (int i = details.size() - 1; i >= 0; i--) {
        Instant at = details.get(i).at();
        if (!same.isEmpty()
            && !reportsTheSame(simulatedRun.asOf(at), simulatedRun.asOf(same.get(0)))) {
          break;
        }
        same.add(0, at);
      }
      return same;
    }

    private static boolean reportsTheSame(SimulatedRun one, SimulatedRun other) {
      return one.status() == other.status()
          && GroundTruth.detail(one).equals(GroundTruth.detail(other));
    }

    private static List<Long> publishedEnds(ServedRun servedRun, List<ServedDetail> details) {
      return details.stream()
          .flatMap(detail -> servedRun.run().asOf(detail.at()).end().stream())
          .map(Instant::toEpochMilli)
          .distinct()
          .sorted()
          .toList();
    }
  }
}
