package io.flowmeter.ingest.poll;

import io.flowmeter.ingest.observe.ChangeDetection;
import io.flowmeter.ingest.observe.InstanceKey;
import io.flowmeter.ingest.observe.Memory;
import io.flowmeter.ingest.observe.Status;
import io.flowmeter.ingest.poll.Details.Owed;
import io.flowmeter.ingest.poll.Details.Why;
import io.flowmeter.ingest.source.Answer;
import io.flowmeter.ingest.source.ListedInstance;
import io.flowmeter.ingest.telemetry.Loss;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Takes rows of lists in: tells what a row tells by itself, and owes the detail where the row is
 * not enough. Used under the planner's lock.
 */
final class Rows {
  /**
   * Ended instances are remembered as long after they were listed or ended. What is not remembered
   * and was created so long before the newest row listed was settled; what was created later is
   * new, however late its row shows, and however wrong the source's clock was by minutes.
   */
  static final Duration REMEMBERED = Duration.ofHours(1);

  private final Polling polling;
  private final Details details;

  Rows(Polling polling, Details details) {
    this.polling = polling;
    this.details = details;
  }

  /** Whether the row is of an instance that was listed before, known or settled. */
  boolean listedBefore(KnownWorkflow workflow, ListedInstance row) {
    return !workflow.memory(row.id()).isNew()
        || !details.idle(workflow.instance(row.id()))
        || settled(workflow, row)
        || workflow.backfill.isAhead(row);
  }

  private static boolean settled(KnownWorkflow workflow, ListedInstance row) {
    return workflow.listedTo.isPresent()
        && row.createdOn().isPresent()
        && row.createdOn().get().isBefore(workflow.listedTo.get().minus(REMEMBERED));
  }

  /** A row of a list of the newest, or of one status. */
  void take(KnownWorkflow workflow, Answer<ListedInstance> row) throws InterruptedException {
    ListedInstance seen = row.value();
    Memory memory = workflow.memory(seen.id());
    InstanceKey key = workflow.instance(seen.id());
    workflow.nameVersion(seen.versionId());
    if (details.asked(key)
        || memory.lookedAt().filter(at -> !row.asked().isAfter(at)).isPresent()) {
      // A detail that was asked for later tells more.
      return;
    }
    if (!polling.traits().tellsModification()) {
      takeOrVisit(workflow, memory, row);
    } else if (memory.isNew()) {
      if (!Status.ended(seen.status())) {
        takeLive(workflow, memory, row);
      } else if (!settled(workflow, seen) && !workflow.backfill.isAhead(seen)) {
        takeEnded(workflow, memory, row, false);
      }
    } else if (memory.sampledOut() && !memory.vanished()) {
      takeOfSampledOut(workflow, memory, row);
    } else if (memory.ended() || memory.vanished()) {
      takeOrVisit(workflow, memory, row);
    } else if (Status.ended(seen.status())) {
      takeEnded(workflow, memory, row, false);
    } else {
      takeLive(workflow, memory, row);
    }
  }

  /** Re-opened, it stays left out; of a new life nothing was decided yet. */
  private void takeOfSampledOut(KnownWorkflow workflow, Memory memory, Answer<ListedInstance> row)
      throws InterruptedException {
    if (!ChangeDetection.isNews(memory, row)) {
      return;
    }
    if (memory.startedOn().isPresent() && memory.startedOn().equals(row.value().startedOn())) {
      tell(workflow, memory, row);
    } else {
      owe(workflow, Why.REBORN, row, true);
    }
  }

  /** A row of what was there before the first listing. */
  void takeOfBackfill(KnownWorkflow workflow, Answer<ListedInstance> row)
      throws InterruptedException {
    Memory memory = workflow.memory(row.value().id());
    if (!memory.isNew() || !details.idle(workflow.instance(row.value().id()))) {
      return;
    }
    workflow.nameVersion(row.value().versionId());
    if (Status.ended(row.value().status())) {
      takeEnded(workflow, memory, row, true);
    } else {
      takeLive(workflow, memory, row);
    }
  }

  /** Where any change of a row may be a restart. */
  private void takeOrVisit(KnownWorkflow workflow, Memory memory, Answer<ListedInstance> row)
      throws InterruptedException {
    if (!ChangeDetection.wantsDetail(memory, row)) {
      tell(workflow, memory, row);
    } else if (Status.ended(row.value().status())) {
      owe(workflow, Why.of(row.value().status()), row, true);
    } else {
      owe(workflow, Why.REBORN, row, true);
    }
  }

  private void takeLive(KnownWorkflow workflow, Memory memory, Answer<ListedInstance> row)
      throws InterruptedException {
    if (ChangeDetection.mayBeReborn(memory, row.value())) {
      owe(workflow, Why.REBORN, row, true);
    } else {
      tell(workflow, memory, row);
    }
  }

  private void takeEnded(
      KnownWorkflow workflow, Memory memory, Answer<ListedInstance> row, boolean backfill)
      throws InterruptedException {
    ListedInstance seen = row.value();
    boolean sampled = workflow.stratum.k() > 1 && seen.startedOn().isPresent();
    Why why = backfill ? Why.BACKFILL : Why.of(seen.status());
    if (seen.createdOn().isEmpty() || ChangeDetection.mayBeReborn(memory, seen) && !sampled) {
      owe(workflow, why, row, true);
      return;
    }
    boolean drawable =
        seen.status().equals("complete") && !memory.toldLive() && memory.weight().isEmpty();
    if (!backfill && drawable) {
      workflow.stratum.drawable();
    } else if (!backfill) {
      workflow.stratum.other();
    }
    long run = memory.lives().newest().orElse(seen.createdOn().get().toEpochMilli());
    long weight = drawable ? workflow.stratum.weight(seen.id(), run) : 1;
    tell(workflow, memory.weighed(weight), row);
    if (backfill) {
      workflow.backfill.known();
    }
    if (workflow.memory(seen.id()).sampledOut()) {
      polling.telemetry().lost(Loss.SAMPLED_OUT, 1);
    } else {
      owe(workflow, why, row, false);
    }
  }

  private void tell(KnownWorkflow workflow, Memory memory, Answer<ListedInstance> row)
      throws InterruptedException {
    String id = row.value().id();
    workflow.take(polling, id, ChangeDetection.row(workflow.instance(id), memory, row));
  }

  private void owe(KnownWorkflow workflow, Why why, Answer<ListedInstance> row, boolean withRow) {
    ListedInstance seen = row.value();
    Instant end = seen.endedOn().orElse(row.answered());
    details.owe(
        new Owed(workflow, seen.id(), why, end, withRow ? Optional.of(row) : Optional.empty()));
  }
}
