package io.flowmeter.ingest.poll;

import io.flowmeter.ingest.budget.Urgency;
import io.flowmeter.ingest.observe.ChangeDetection;
import io.flowmeter.ingest.observe.InstanceKey;
import io.flowmeter.ingest.observe.Memory;
import io.flowmeter.ingest.observe.Status;
import io.flowmeter.ingest.publish.Units.SweepEnd;
import io.flowmeter.ingest.source.Answer;
import io.flowmeter.ingest.source.FaultException;
import io.flowmeter.ingest.source.ListedInstance;
import io.flowmeter.ingest.source.ListedWorkflow;
import io.flowmeter.ingest.source.Page;
import io.flowmeter.ingest.source.Source;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pass over a workflow. Lists its instances, visits those that are new, changed or due, finds
 * out who is missing, and tells its end to all partitions.
 */
final class Sweep {
  private static final Logger LOG = LoggerFactory.getLogger(Sweep.class);

  private final Polling polling;
  private final KnownWorkflow workflow;
  private final Set<String> seen = new HashSet<>();
  private final List<Answer<ListedInstance>> due = new ArrayList<>();
  private final List<Future<Visit.Outcome>> visits = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();
  private boolean told;
  private int skipped;
  private Instant began;
  private Instant latest;

  Sweep(Polling polling, KnownWorkflow workflow) {
    this.polling = polling;
    this.workflow = workflow;
  }

  /**
   * @param listed the workflow as just listed
   */
  void run(Answer<ListedWorkflow> listed) throws InterruptedException {
    began = listed.asked();
    latest = listed.answered();
    Map<String, Long> before = listed.value().instances();
    if (!polling.source().traits().listCarriesCounts()) {
      before = counts();
    }
    boolean listedAll =
        polling.source().traits().newestFirst() ? listNewestFirst(before) : listWhole();
    lookAtDue();
    boolean whole = listedAll && findMissing();
    awaitVisits();
    whole &= !polling.stopping().getAsBoolean();
    workflow.skippedRows = skipped;
    forgetOld();
    if (listedAll && workflow.instances.keySet().containsAll(seen)) {
      workflow.listedTo = Optional.of(began);
    }
    end(whole && problems.isEmpty(), before);
    tellProblems();
  }

  private Map<String, Long> counts() throws InterruptedException {
    try {
      Answer<ListedWorkflow> counted =
          polling
              .source()
              .workflow(polling.source().budget().acquire(Urgency.USUAL), workflow.name());
      latest = counted.answered();
      return counted.value().instances();
    } catch (FaultException e) {
      problems.add(e.getMessage());
      return Map.of();
    }
  }

  private boolean listWhole() throws InterruptedException {
    return list(Optional.empty(), Integer.MAX_VALUE, false);
  }

  /** The live ones by their status, then what is new, from the newest back to what is known. */
  private boolean listNewestFirst(Map<String, Long> reported) throws InterruptedException {
    boolean all = true;
    for (Map.Entry<String, Long> count : reported.entrySet()) {
      if (count.getValue() > 0 && !Status.ended(count.getKey())) {
        all &= list(Optional.of(count.getKey()), polling.settings().visitsPerList(), false);
      }
    }
    return list(Optional.empty(), polling.settings().visitsPerList(), true) && all;
  }

  /**
   * Reads a list page by page.
   *
   * @param most visits after which it is left for the next sweep
   * @param toKnown ends at what was listed before, too
   * @return true where its end was reached
   */
  private boolean list(Optional<String> status, int most, boolean toKnown)
      throws InterruptedException {
    int planned = visits.size();
    Optional<String> at = Optional.empty();
    do {
      if (polling.stopping().getAsBoolean() || visits.size() - planned >= most) {
        return false;
      }
      Answer<Page<ListedInstance>> page;
      try {
        page =
            polling
                .source()
                .instances(
                    polling.source().budget().acquire(Urgency.USUAL),
                    workflow.name(),
                    status,
                    Source.Direction.NEWEST_FIRST,
                    at);
      } catch (FaultException e) {
        problems.add(e.getMessage());
        return false;
      }
      latest = page.answered();
      skipped += page.value().skipped();
      boolean settled = true;
      for (ListedInstance row : page.value().rows()) {
        settled &= take(page.map(any -> row));
      }
      if (toKnown && settled && reachesKnown(page.value().rows())) {
        return true;
      }
      at = page.value().next();
    } while (at.isPresent());
    return true;
  }

  /** Rows were listed before, up to the oldest of these. */
  private boolean reachesKnown(List<ListedInstance> rows) {
    return workflow.listedTo.isPresent()
        && rows.stream()
            .flatMap(row -> row.createdOn().stream())
            .anyMatch(workflow.listedTo.get()::isAfter);
  }

  /** Takes a row in; true where it brought nothing new. */
  private boolean take(Answer<ListedInstance> row) throws InterruptedException {
    String id = row.value().id();
    Memory memory = workflow.memory(id);
    if (!seen.add(id)) {
      return true;
    }
    workflow.missingOnce.remove(id);
    if (ChangeDetection.wantsDetail(memory, row)) {
      visit(id, Optional.of(row));
      return false;
    }
    boolean settled = !ChangeDetection.isNews(memory, row);
    told |= new Visit(polling, workflow, id).byRow(row);
    if (polling.settings().looks().due(workflow.memory(id), row.answered())) {
      due.add(row);
    }
    return settled;
  }

  /** Those that were not looked at for longest go first; the others wait for the next sweep. */
  private void lookAtDue() {
    due.stream()
        .sorted(
            Comparator.comparing(
                row -> workflow.memory(row.value().id()).lookedAt().orElse(Instant.MIN)))
        .limit(polling.settings().looksPerSweep())
        .takeWhile(row -> polling.settings().lookAllowance().tryTake())
        .forEach(row -> visit(row.value().id(), Optional.of(row)));
  }

  /**
   * Whoever was live and is in no list: it ended, or is gone.
   *
   * @return false where so many are that some wait for the next sweep
   */
  private boolean findMissing() throws InterruptedException {
    List<String> missing = workflow.live().stream().filter(id -> !seen.contains(id)).toList();
    if (!polling.source().traits().tellsNotFound()) {
      for (String id : missing) {
        told |= new Visit(polling, workflow, id).missing(latest);
      }
      forgetMissing();
      return true;
    }
    int most = polling.settings().visitsPerList();
    missing.stream().limit(most).forEach(id -> visit(id, Optional.empty()));
    visitOwed();
    return missing.size() <= most;
  }

  /** Ended runs whose detail could not be had, and whose row is on no page that is still read. */
  private void visitOwed() {
    workflow.instances.entrySet().stream()
        .filter(entry -> entry.getValue().owed() && !seen.contains(entry.getKey()))
        .limit(polling.settings().visitsPerList())
        .forEach(entry -> visit(entry.getKey(), Optional.empty()));
  }

  /** Ended instances that two whole lists left out were removed. */
  private void forgetMissing() throws InterruptedException {
    for (Map.Entry<String, Memory> entry : workflow.instances.entrySet()) {
      String id = entry.getKey();
      if (!entry.getValue().live() && !seen.contains(id) && !workflow.missingOnce.add(id)) {
        forget(id);
      }
    }
  }

  private void forgetOld() throws InterruptedException {
    Duration retention = polling.settings().retention();
    for (Map.Entry<String, Memory> entry : workflow.instances.entrySet()) {
      Memory memory = entry.getValue();
      Optional<Instant> over = memory.vanished() ? memory.missingSince() : memory.endSeenAt();
      if (!memory.live()
          && !seen.contains(entry.getKey())
          && over.filter(at -> at.plus(retention).isBefore(latest)).isPresent()) {
        forget(entry.getKey());
      }
    }
  }

  private void forget(String id) throws InterruptedException {
    InstanceKey key = workflow.instance(id);
    workflow.instances.remove(id);
    workflow.missingOnce.remove(id);
    polling.publisher().put(polling.units().forgotten(key));
  }

  private void visit(String id, Optional<Answer<ListedInstance>> row) {
    if (polling.stopping().getAsBoolean()) {
      return;
    }
    Callable<Visit.Outcome> work =
        () -> {
          try {
            return polling.stopping().getAsBoolean()
                ? Visit.Outcome.NOTHING
                : new Visit(polling, workflow, id).byDetail(row);
          } finally {
            polling.tally().visitDone();
          }
        };
    polling.tally().visitPlanned();
    visits.add(polling.visits().submit(work));
  }

  private void awaitVisits() throws InterruptedException {
    for (Future<Visit.Outcome> visit : visits) {
      try {
        Visit.Outcome outcome = visit.get();
        outcome.problem().ifPresent(problems::add);
        told |= outcome.told();
      } catch (ExecutionException e) {
        if (e.getCause() instanceof InterruptedException) {
          throw new InterruptedException();
        }
        LOG.error(
            "a visit of {} failed: {}", workflow.name(), e.getCause().toString(), e.getCause());
        problems.add(e.getCause().toString());
      }
    }
  }

  private void end(boolean whole, Map<String, Long> before) throws InterruptedException {
    boolean worthTelling =
        told || !polling.stopping().getAsBoolean() && !isAsLastTold(whole, before);
    if (worthTelling) {
      Map<String, Long> after = Map.of();
      if (!polling.stopping().getAsBoolean() && !before.isEmpty() && whole) {
        after = told || !workflow.live().isEmpty() ? counts() : before;
        whole = problems.isEmpty();
      }
      workflow.sweep++;
      polling
          .publisher()
          .put(
              polling
                  .units()
                  .sweepEnded(
                      workflow.key(),
                      latest,
                      new SweepEnd(workflow.sweep, whole, before, after),
                      polling.publisher().partitions(),
                      workflow.toCheckpoint()));
      workflow.lastTold = Optional.of(new KnownWorkflow.Told(latest, whole, before));
    }
    polling.tally().swept(latest);
  }

  /** The same was told a short time ago. */
  private boolean isAsLastTold(boolean whole, Map<String, Long> reported) {
    return workflow
        .lastTold
        .filter(last -> last.at().plus(polling.settings().toldAtLeast()).isAfter(latest))
        .filter(last -> last.complete() == whole && last.reported().equals(reported))
        .isPresent();
  }

  /**
   * One line when a workflow's sweeps begin to be incomplete, and one when they are whole again.
   */
  private void tellProblems() {
    if (problems.isEmpty()) {
      workflow.outage.over("sweeps of " + workflow.name() + " are whole again");
      return;
    }
    polling.tally().problem(problems.get(0));
    workflow.outage.told(
        "sweeps of "
            + workflow.name()
            + " are incomplete; of this one "
            + problems.size()
            + " requests told nothing, the first: "
            + problems.get(0));
  }
}
