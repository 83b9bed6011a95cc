package io.flowmeter.simulator.ledger;

import io.flowmeter.simulator.api.ApiListener;
import io.flowmeter.simulator.fleet.SimulatedAccount;
import io.flowmeter.simulator.model.Instance;
import io.flowmeter.simulator.model.SimulatedRun;
import io.flowmeter.simulator.model.SimulatedStatus;
import io.flowmeter.simulator.model.Version;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.stream.Stream;

/**
 * What truly happened, read straight from the fleet, and what the API showed of it, as it tells its
 * listeners. Whoever reads the API owes:
 *
 * <ul>
 *   <li>every life that a row or a detail showed ({@link #served}),
 *   <li>all facts of a life that ended and whose detail was served with its steps since ({@link
 *       ServedRun#finalDetailAt}),
 *   <li>what is sampled, as the answers told it: statuses ({@link ServedRun#intervals}), the last
 *       live detail ({@link ServedRun#liveDetailAt}), counts ({@link #servedCounts}).
 * </ul>
 *
 * Lives that no answer showed are owed by nobody and only counted ({@link #unseen}).
 *
 * <p>Thread-safe. Repetitions are not kept, only changes: a life takes about 0.3 KB.
 */
public final class Ledger implements ApiListener {
  private final SimulatedAccount account;
  private final Map<Key, ServedStatuses> runs = new LinkedHashMap<>();
  private final Map<Integer, List<ServedCounts>> counts = new LinkedHashMap<>();
  private final Map<VersionKey, ServedVersion> versions = new LinkedHashMap<>();

  /**
   * A life. Its instance is named by its number, for an id can be given anew when its workflow was
   * deleted; {@code queued} is in milliseconds.
   */
  private record Key(int workflow, long instance, long queued) {
    Key(int workflow, Instance instance, SimulatedRun run) {
      this(workflow, instance.number(), run.queued().toEpochMilli());
    }
  }

  private record VersionKey(int workflow, String id) {}

  /** A ledger of this world; nothing served yet. */
  public Ledger(SimulatedAccount account) {
    this.account = account;
  }

  @Override
  public synchronized void row(int workflow, Instance instance, SimulatedRun shown, Instant at) {
    servedStatuses(workflow, instance, shown).row(shown, at);
  }

  @Override
  public synchronized void detail(
      int workflow, Instance instance, SimulatedRun shown, Instant at, boolean whole) {
    servedStatuses(workflow, instance, shown).detail(shown, at, whole);
  }

  private ServedStatuses servedStatuses(int workflow, Instance instance, SimulatedRun shown) {
    return runs.computeIfAbsent(new Key(workflow, instance, shown), key -> new ServedStatuses());
  }

  @Override
  public synchronized void workflow(
      int workflow, Map<SimulatedStatus, Integer> reported, Instant at) {
    List<ServedCounts> earlier = counts.computeIfAbsent(workflow, any -> new ArrayList<>());
    Map<SimulatedStatus, Integer> last =
        earlier.isEmpty() ? Map.of() : earlier.get(earlier.size() - 1).counts();
    earlier.add(new ServedCounts(at, last.equals(reported) ? last : Map.copyOf(reported)));
  }

  @Override
  public synchronized void version(int workflow, Version version, Instant at) {
    versions.merge(
        new VersionKey(workflow, version.id()),
        new ServedVersion(name(workflow), version, at, at),
        (earlier, now) ->
            new ServedVersion(earlier.workflow(), version, earlier.first(), now.last()));
  }

  private String name(int workflow) {
    return account.models().get(workflow).name();
  }

  /**
   * All lives queued until this moment as they were then, whether anybody saw them or not, in order
   * of workflow and creation.
   */
  public List<LedgerEntry> groundTruth(Instant at) {
    List<LedgerEntry> entries = new ArrayList<>();
    startedUntil(at, begun -> entries.add(begun.entry(account, at)));
    return entries;
  }

  /** One life of an instance; {@code newest} by the moment asked for. */
  private record Begun(int workflow, Instance instance, SimulatedRun run, SimulatedRun newest) {
    LedgerEntry entry(SimulatedAccount account, Instant at) {
      Optional<Instant> gone =
          newest.asOf(at).end().map(end -> end.plus(account.plan().retention()));
      return new LedgerEntry(
          instance.workflow(),
          instance.id(),
          instance.createdOn(),
          run.asOf(at),
          run.equals(newest),
          gone.filter(when -> !when.isAfter(at)).isPresent());
    }
  }

  private void startedUntil(Instant at, Consumer<Begun> action) {
    for (int i = 0; i < account.models().size(); i++) {
      int workflow = i;
      account
          .instances(workflow, at)
          .forEach(
              instance -> {
                List<SimulatedRun> begun =
                    instance.runs().stream().filter(run -> !run.queued().isAfter(at)).toList();
                for (SimulatedRun run : begun) {
                  action.accept(new Begun(workflow, instance, run, begun.get(begun.size() - 1)));
                }
              });
    }
  }

  /** How many lives that were queued until this moment no answer has shown so far. */
  public synchronized long unseen(Instant at) {
    Set<Key> unseen = new HashSet<>();
    startedUntil(at, begun -> unseen.add(new Key(begun.workflow, begun.instance, begun.run)));
    unseen.removeAll(runs.keySet());
    return unseen.size();
  }

  /**
   * Every life that some answer showed, in the order of the first sight. Computed as it is read;
   * what is served meanwhile may be in it or not.
   */
  public Stream<ServedRun> served() {
    return served(workflow -> true);
  }

  /** The same of one workflow. */
  public Stream<ServedRun> served(String workflow) {
    return served(each -> name(each).equals(workflow));
  }

  private Stream<ServedRun> served(IntPredicate workflow) {
    List<Map.Entry<Key, ServedStatuses>> shown;
    synchronized (this) {
      shown = List.copyOf(runs.entrySet());
    }
    return shown.stream()
        .filter(entry -> workflow.test(entry.getKey().workflow()))
        .map(entry -> served(entry.getKey(), entry.getValue()));
  }

  private synchronized ServedRun served(Key key, ServedStatuses statuses) {
    Instance instance = account.instance(key.workflow(), key.instance());
    Instant queued = Instant.ofEpochMilli(key.queued());
    SimulatedRun run = instance.runQueuedAt(queued).orElseThrow();
    return new ServedRun(
        instance.workflow(),
        instance.id(),
        instance.createdOn(),
        instance.runs().indexOf(run),
        run,
        statuses.rows(),
        statuses.intervals(),
        statuses.details(),
        deletedAt(instance));
  }

  private Optional<Instant> deletedAt(Instance instance) {
    SimulatedRun last = instance.runs().get(instance.runs().size() - 1);
    return last.end().map(end -> end.plus(account.plan().retention()));
  }

  /** The counts of a workflow that were served, in order; empty when none were. */
  public synchronized List<ServedCounts> servedCounts(String workflow) {
    return counts.entrySet().stream()
        .filter(entry -> name(entry.getKey()).equals(workflow))
        .flatMap(entry -> entry.getValue().stream())
        .toList();
  }

  /** The workflows that were served. */
  public synchronized List<ServedWorkflow> servedWorkflows() {
    return counts.entrySet().stream()
        .map(
            entry -> {
              List<ServedCounts> reported = entry.getValue();
              return new ServedWorkflow(
                  name(entry.getKey()),
                  reported.get(0).at(),
                  reported.get(reported.size() - 1).at());
            })
        .toList();
  }

  /** The versions that were served. */
  public synchronized List<ServedVersion> servedVersions() {
    return List.copyOf(versions.values());
  }
}
