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

  private final PollerContext context;
  private final WorkflowState workflow;
  private final ListRowHandler rows;
  private final DetailQueue details;
  private final Set<String> seen = new HashSet<>();
  private final List<ApiResponse<ListedInstance>> due = new ArrayList<>();
  private Step step = Step.COUNT;
  private boolean requested;
  private Optional<String> at = Optional.empty();
  private boolean listedAll;
  private int skipped;
  private Instant startedAt;
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
      PollerContext context,
      WorkflowState workflow,
      ListRowHandler rows,
      DetailQueue details,
      ApiResponse<ListedWorkflow> listed) {
    this.context = context;
    this.workflow = workflow;
    this.rows = rows;
    this.details = details;
    this.startedAt = listed.requestedAt();
    this.latest = listed.respondedAt();
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
  public boolean wantsRequest(Instant now) {
    goOn();
    return !requested && step != Step.VISIT && step != Step.OVER;
  }

  /** Where nothing moves the counts before are those after. */
  private boolean worthCounting() {
    after = before;
    return !before.isEmpty() && listedAll && (workflow.published || workflow.live() > 0);
  }

  @Override
  public boolean over() {
    goOn();
    return !requested && step == Step.OVER;
  }

  @Override
  public Optional<ApiRequest<?>> next(Instant now) {
    if (!wantsRequest(now)) {
      return Optional.empty();
    }
    requested = true;
    return Optional.of(step == Step.LIST ? page() : counts());
  }

  private ApiRequest<ListedWorkflow> counts() {
    return new ApiRequest<>(
        "counting " + workflow.name(),
        (source, permit) -> source.workflow(permit, workflow.name()),
        counted -> {
          requested = false;
          latest = counted.respondedAt();
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
          requested = false;
          take(page);
        },
        failure -> {
          failed(failure);
          listed(false);
        });
  }

  private void failed(Failure failure) {
    requested = false;
    workflow.problems.add(failure.message());
  }

  private void take(ApiResponse<ResponsePage<ListedInstance>> page) throws InterruptedException {
    latest = page.respondedAt();
    skipped += page.value().skipped();
    context.stats().listedPage();
    context.telemetry().skippedRows(page.value().skipped());
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

  private void take(ListedInstance row, ApiResponse<ListedInstance> response)
      throws InterruptedException {
    workflow.missingOnce.remove(row.id());
    rows.take(workflow, response);
    boolean idle = details.idle(workflow.instance(row.id()));
    if (idle
        && context.settings().rechecks().due(workflow.memory(row.id()), response.respondedAt())) {
      due.add(response);
    }
  }

  private void listed(boolean all) throws InterruptedException {
    listedAll = all;
    step = Step.VISIT;
    workflow.skippedRows = skipped;
    recheckDue();
    if (all) {
      findMissing();
    }
  }

  /** Those that were not looked at for longest go first; the others wait for the next sweep. */
  private void recheckDue() {
    due.stream()
        .sorted(Comparator.comparing(this::polledAt))
        .limit(context.settings().looksPerSweep())
        .forEach(
            row ->
                details.enqueue(
                    new DetailRequest(
                        workflow, row.value().id(), Why.LOOK, polledAt(row), Optional.of(row))));
  }

  private Instant polledAt(ApiResponse<ListedInstance> row) {
    return workflow.memory(row.value().id()).polledAt().orElse(Instant.MIN);
  }

  private void findMissing() throws InterruptedException {
    boolean believed = isBelieved();
    for (String id : workflow.liveIds()) {
      TrackedInstance tracked = workflow.memory(id);
      if (!seen.contains(id) && (believed || tracked.missingSince().isEmpty())) {
        workflow.take(context, id, ChangeDetection.missing(workflow.instance(id), tracked, latest));
      }
    }
    for (Map.Entry<String, TrackedInstance> known : List.copyOf(workflow.instances())) {
      String id = known.getKey();
      // Ended instances that two whole lists left out were removed.
      if (!known.getValue().live()
          && !seen.contains(id)
          && !workflow.missingOnce.add(id)
          && believed) {
        workflow.evict(context, id);
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
    evictOld();
    if (listedAll && seen.stream().noneMatch(id -> workflow.memory(id).isNew())) {
      workflow.listedTo = Optional.of(startedAt);
    }
  }

  private void evictOld() throws InterruptedException {
    Duration retention = context.settings().retention();
    for (Map.Entry<String, TrackedInstance> known : List.copyOf(workflow.instances())) {
      TrackedInstance tracked = known.getValue();
      Optional<Instant> over = tracked.vanished() ? tracked.missingSince() : tracked.endSeenAt();
      if (!tracked.live()
          && !seen.contains(known.getKey())
          && over.filter(end -> end.plus(retention).isBefore(latest)).isPresent()) {
        workflow.evict(context, known.getKey());
      }
    }
  }
}
