package io.flowmeter.ingest.poll;

import io.flowmeter.ingest.observe.ChangeDetection;
import io.flowmeter.ingest.observe.TrackedInstance;
import io.flowmeter.ingest.poll.ApiRequest.Failure;
import io.flowmeter.ingest.poll.DetailRequest.Why;
import io.flowmeter.ingest.source.ApiResponse;
import io.flowmeter.ingest.source.ListedInstance;
import io.flowmeter.ingest.source.ListedWorkflow;
import io.flowmeter.ingest.source.ResponsePage;
import io.flowmeter.ingest.source.Source.Direction;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A sweep of a source that only whole lists tell all of, as Cloudflare's local runtime is: the
 * counts, every page, the details of what is new, changed or due, and the counts again. Who is
 * absent from two whole lists is gone, where these are not empty.
 */
final class FullSweep implements Sweep {
  /**
   * A runtime that starts may show nothing in place of an error, and asking it for a detail would
   * make a ghost; so nothing is gone because of empty lists before there were only such for so
   * long.
   */
  static final Duration EMPTY_IS_BELIEVED_AFTER = Duration.ofMinutes(1);

  private final PollerContext polling;
  private final WorkflowState workflow;
  private final ListRowHandler rows;
  private final DetailQueue details;
  private final Set<String> seen = new HashSet<>();
  private final List<ApiResponse<ListedInstance>> due = new ArrayList<>();
  private Step step = Step.COUNT;
  private boolean asked;
  private Optional<String> at = Optional.empty();
  private boolean listedAll;
  private int skipped;
  private Instant began;
  private Instant latest;
  private Map<String, Long> before = Map.of();
  private Map<String, Long> after = Map.of();

  private enum Step {
    COUNT,
    LIST,
    VISIT,
    COUNT_AGAIN,
    OVER
  }

  FullSweep(
      PollerContext polling,
      WorkflowState workflow,
      ListRowHandler rows,
      DetailQueue details,
      ApiResponse<ListedWorkflow> listed) {
    this.polling = polling;
    this.workflow = workflow;
    this.rows = rows;
    this.details = details;
    this.began = listed.asked();
    this.latest = listed.answered();
  }

  Instant latest() {
    return latest;
  }

  Map<String, Long> before() {
    return before;
  }

  Map<String, Long> after() {
    return after;
  }

  /** The list was read whole, and all visits told something. */
  @Override
  public boolean complete() {
    return listedAll && workflow.problems.isEmpty();
  }

  private void goOn() {
    if (step == Step.VISIT && workflow.pending == 0) {
      step = worthCounting() ? Step.COUNT_AGAIN : Step.OVER;
    }
  }

  @Override
  public boolean asks(Instant now) {
    goOn();
    return !asked && step != Step.VISIT && step != Step.OVER;
  }

  /** Where nothing moves the counts before are those after. */
  private boolean worthCounting() {
    after = before;
    return !before.isEmpty() && listedAll && (workflow.told || workflow.live() > 0);
  }

  @Override
  public boolean over() {
    goOn();
    return !asked && step == Step.OVER;
  }

  @Override
  public Optional<ApiRequest<?>> next(Instant now) {
    if (!asks(now)) {
      return Optional.empty();
    }
    asked = true;
    return Optional.of(step == Step.LIST ? page() : counts());
  }

  private ApiRequest<ListedWorkflow> counts() {
    return new ApiRequest<>(
        "counting " + workflow.name(),
        (source, permit) -> source.workflow(permit, workflow.name()),
        counted -> {
          asked = false;
          latest = counted.answered();
          counted(counted.value().instances());
        },
        failure -> {
          failed(failure);
          counted(Map.of());
        });
  }

  private void counted(Map<String, Long> counts) {
    if (step == Step.COUNT) {
      before = counts;
      step = Step.LIST;
    } else {
      after = counts;
      step = Step.OVER;
    }
  }

  private ApiRequest<ResponsePage<ListedInstance>> page() {
    return new ApiRequest<>(
        "a page of " + workflow.name(),
        (source, permit) ->
            source.instances(permit, workflow.name(), Optional.empty(), Direction.NEWEST_FIRST, at),
        page -> {
          asked = false;
          take(page);
        },
        failure -> {
          failed(failure);
          listed(false);
        });
  }

  private void failed(Failure failure) {
    asked = false;
    workflow.problems.add(failure.message());
  }

  private void take(ApiResponse<ResponsePage<ListedInstance>> page) throws InterruptedException {
    latest = page.answered();
    skipped += page.value().skipped();
    polling.tally().listedPage();
    polling.telemetry().skippedRows(page.value().skipped());
    for (ListedInstance row : page.value().rows()) {
      if (seen.add(row.id())) {
        take(row, page.map(any -> row));
      }
    }
    at = page.value().next();
    if (at.isEmpty()) {
      listed(true);
    }
  }

  private void take(ListedInstance row, ApiResponse<ListedInstance> answer)
      throws InterruptedException {
    workflow.missingOnce.remove(row.id());
    rows.take(workflow, answer);
    boolean idle = details.idle(workflow.instance(row.id()));
    if (idle && polling.settings().looks().due(workflow.memory(row.id()), answer.answered())) {
      due.add(answer);
    }
  }

  private void listed(boolean all) throws InterruptedException {
    listedAll = all;
    step = Step.VISIT;
    workflow.skippedRows = skipped;
    lookAtDue();
    if (all) {
      findMissing();
    }
  }

  /** Those that were not looked at for longest go first; the others wait for the next sweep. */
  private void lookAtDue() {
    due.stream()
        .sorted(Comparator.comparing(this::lookedAt))
        .limit(polling.settings().looksPerSweep())
        .forEach(
            row ->
                details.owe(
                    new DetailRequest(
                        workflow, row.value().id(), Why.LOOK, lookedAt(row), Optional.of(row))));
  }

  private Instant lookedAt(ApiResponse<ListedInstance> row) {
    return workflow.memory(row.value().id()).lookedAt().orElse(Instant.MIN);
  }

  private void findMissing() throws InterruptedException {
    boolean believed = isBelieved();
    for (String id : workflow.liveIds()) {
      TrackedInstance memory = workflow.memory(id);
      if (!seen.contains(id) && (believed || memory.missingSince().isEmpty())) {
        workflow.take(polling, id, ChangeDetection.missing(workflow.instance(id), memory, latest));
      }
    }
    for (Map.Entry<String, TrackedInstance> known : List.copyOf(workflow.instances())) {
      String id = known.getKey();
      // Ended instances that two whole lists left out were removed.
      if (!known.getValue().live()
          && !seen.contains(id)
          && !workflow.missingOnce.add(id)
          && believed) {
        workflow.forget(polling, id);
      }
    }
  }

  /** Whether who is absent once more is gone. */
  private boolean isBelieved() {
    if (!seen.isEmpty()) {
      workflow.emptySince = Optional.empty();
      return true;
    }
    Instant since = workflow.emptySince.orElse(latest);
    workflow.emptySince = Optional.of(since);
    return !latest.isBefore(since.plus(EMPTY_IS_BELIEVED_AFTER));
  }

  /** Takes in what the whole sweep says. */
  void end() throws InterruptedException {
    forgetOld();
    if (listedAll && seen.stream().noneMatch(id -> workflow.memory(id).isNew())) {
      workflow.listedTo = Optional.of(began);
    }
  }

  private void forgetOld() throws InterruptedException {
    Duration retention = polling.settings().retention();
    for (Map.Entry<String, TrackedInstance> known : List.copyOf(workflow.instances())) {
      TrackedInstance memory = known.getValue();
      Optional<Instant> over = memory.vanished() ? memory.missingSince() : memory.endSeenAt();
      if (!memory.live()
          && !seen.contains(known.getKey())
          && over.filter(end -> end.plus(retention).isBefore(latest)).isPresent()) {
        workflow.forget(polling, known.getKey());
      }
    }
  }
}
