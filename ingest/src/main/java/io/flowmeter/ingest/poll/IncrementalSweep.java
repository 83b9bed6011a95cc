package io.flowmeter.ingest.poll;

import io.flowmeter.ingest.observe.Status;
import io.flowmeter.ingest.observe.TrackedInstance;
import io.flowmeter.ingest.poll.ApiRequest.Failure;
import io.flowmeter.ingest.poll.DetailRequest.Why;
import io.flowmeter.ingest.source.ApiFailure;
import io.flowmeter.ingest.source.ApiResponse;
import io.flowmeter.ingest.source.ListedInstance;
import io.flowmeter.ingest.source.ListedWorkflow;
import io.flowmeter.ingest.source.ResponsePage;
import io.flowmeter.ingest.source.Source.Direction;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A sweep of a workflow whose counts moved, with no more pages than it takes to agree with them:
 * the newest, down to what was listed before; then, of the live instances older than that, only the
 * statuses in which the counts contradict what is known. Who was known in a status that was read
 * whole and is in no list has ended, or is gone: its detail tells.
 */
final class IncrementalSweep implements Sweep {
  /** So many rows at the bottom of a page that were listed before end the list of the newest. */
  private static final int OVERLAP = 3;

  /** So often in a row a page is asked for. */
  private static final int TRIES = 3;

  /**
   * A page of the newest is worth its request where it spares more details than this. It is more
   * than one, for a detail that is not spared is not lost: it tells a run in full.
   */
  private static final int SPARES = 8;

  private static final long UNKNOWN = Integer.MAX_VALUE;

  private final PollerContext context;
  private final WorkflowState workflow;
  private final ListRowHandler rows;
  private final DetailQueue details;
  private final ApiResponse<ListedWorkflow> listed;

  /** Pages that may be read in doubt. */
  private final PageAllowance allowance;

  private final CountReconciler reconciler;
  private boolean headReachedKnown;

  private Optional<Reading> reading = Optional.empty();

  /** The list by status that goes on once the newest were read again. */
  private Optional<Reading> resumed = Optional.empty();

  private boolean newestAgain;

  /** When the newest instance was made, as the workflow's row told when the newest were read. */
  private Optional<Instant> triggered;

  private boolean requested;
  private int failures;
  private Instant notBefore = Instant.MIN;
  private boolean gaveUp;
  private boolean agrees = true;
  private int pages;

  /** Pages when the lists by status are read that contradict now. */
  private long planned;

  /** A list that is being read; without a status, that of the newest. */
  private record Reading(Optional<String> status, Optional<String> at, Cursors cursors) {
    static Reading started(Optional<String> status) {
      return new Reading(status, Optional.empty(), new Cursors());
    }

    Reading from(String next) {
      return new Reading(status, Optional.of(next), cursors);
    }

    boolean isRepeated() {
      return at.filter(cursors::isRepeated).isPresent();
    }
  }

  IncrementalSweep(
      PollerContext context,
      WorkflowState workflow,
      ListRowHandler rows,
      DetailQueue details,
      ApiResponse<ListedWorkflow> listed,
      PageAllowance allowance,
      boolean withNewest,
      boolean whole) {
    this.context = context;
    this.workflow = workflow;
    this.rows = rows;
    this.details = details;
    this.listed = listed;
    this.allowance = allowance;
    this.triggered = listed.value().triggeredOn();
    this.reconciler = new CountReconciler(listed, unseen(), listedBeyond(), whole);
    workflow.unlisted(context.clock().instant()).forEach(reconciler::unlisted);
    if (withNewest) {
      reading = Optional.of(Reading.started(Optional.empty()));
    } else {
      headReachedKnown = true;
      readNext(Optional.empty());
    }
  }

  private Map<String, TrackedInstance> unseen() {
    return workflow.instances().stream()
        .filter(each -> each.getValue().live())
        .filter(each -> !details.awaitsEnd(workflow.instance(each.getKey())))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  private long listedBeyond() {
    Optional<Long> now = counts().map(CountReconciler::total);
    return now.isEmpty() || workflow.agreed.isEmpty()
        ? UNKNOWN
        : workflow.beyond - now.get() + CountReconciler.total(workflow.agreed.get());
  }

  /** The counts that it began from; empty where they were not told. */
  Optional<Map<String, Long>> counts() {
    return listed.value().counts();
  }

  Map<String, Long> reported() {
    return reconciler.reported();
  }

  /** All that was to be read was read. */
  @Override
  public boolean complete() {
    return !gaveUp;
  }

  /** What is known agrees with the counts now, all rows being taken in. */
  boolean agrees() {
    return !gaveUp && agrees;
  }

  @Override
  public boolean wantsRequest(Instant now) {
    return !requested && reading.isPresent() && !now.isBefore(notBefore);
  }

  @Override
  public boolean over() {
    return !requested && reading.isEmpty();
  }

  /**
   * The workflow was listed while this goes on. Lists by status can take hours: what was made
   * meanwhile is read between two of their pages.
   */
  void listedMeanwhile(ListedWorkflow row) {
    boolean byStatus = reading.filter(list -> list.status().isPresent()).isPresent();
    boolean maybeMade = row.triggeredOn().isEmpty() || !row.triggeredOn().equals(triggered);
    if (byStatus && maybeMade && workflow.listedTo.isPresent()) {
      newestAgain = true;
      triggered = row.triggeredOn();
    }
  }

  private void turnToTheNewest() {
    newestAgain = false;
    resumed = reading;
    reading = Optional.of(Reading.started(Optional.empty()));
  }

  @Override
  public long pagesLeft() {
    if (reading.isEmpty()) {
      return 0;
    }
    if (newestAgain || resumed.isPresent()) {
      return 1;
    }
    boolean chosen = reading.get().status().isPresent();
    return Math.max(1, (chosen ? planned : bound()) - pages);
  }

  @Override
  public Optional<ApiRequest<?>> next(Instant now) {
    if (!wantsRequest(now)) {
      return Optional.empty();
    }
    requested = true;
    if (newestAgain && reading.orElseThrow().status().isPresent()) {
      turnToTheNewest();
    }
    Reading list = reading.orElseThrow();
    Direction direction =
        list.status().isPresent() ? Direction.OLDEST_FIRST : Direction.NEWEST_FIRST;
    return Optional.of(
        new ApiRequest<>(
            "a page of " + workflow.name(),
            (source, permit) ->
                source.instances(permit, workflow.name(), list.status(), direction, list.at()),
            page -> {
              requested = false;
              try {
                take(list, page);
              } catch (RuntimeException e) {
                giveUp();
                headReachedKnown = false;
                throw e;
              }
            },
            failure -> failed(list, failure)));
  }

  private void failed(Reading list, Failure failure) {
    requested = false;
    if (list.at().isEmpty() && list.status().isPresent() && refusesStatus(failure)) {
      workflow.doesNotList(list.status().get(), context.clock().instant());
      reconciler.unlisted(list.status().get());
      failures = 0;
      readNext(Optional.empty());
      return;
    }
    workflow.problems.add(failure.message());
    failures++;
    if (failures >= TRIES) {
      giveUp();
    } else {
      Duration pause = context.settings().interval().dividedBy(2);
      notBefore = context.clock().instant().plus(pause);
    }
  }

  /** The request is at fault: all that may be wrong with it is the status that it asks for. */
  private static boolean refusesStatus(Failure failure) {
    return failure
        .fault()
        .filter(
            e -> e.failure() instanceof ApiFailure.Unexpected unexpected && unexpected.badRequest())
        .isPresent();
  }

  private void giveUp() {
    gaveUp = true;
    headReachedKnown &= resumed.isEmpty();
    reading = Optional.empty();
  }

  private void take(Reading list, ApiResponse<ResponsePage<ListedInstance>> page)
      throws InterruptedException {
    pages++;
    context.stats().listedPage();
    workflow.skippedRows += page.value().skipped();
    context.telemetry().skippedRows(page.value().skipped());
    boolean head = list.status().isEmpty();
    List<ListedInstance> all = page.value().rows();
    boolean knownBottom = !all.isEmpty();
    reconciler.skipped(page.value().skipped());
    for (int i = 0; i < all.size(); i++) {
      ListedInstance row = all.get(i);
      boolean before = reconciler.showed(row) || rows.listedBefore(workflow, row);
      knownBottom &= before || i < all.size() - OVERLAP;
      reconciler.takeIn(row, head, before);
      // A list that is read again may show another end in the same status, which no count tells.
      take(page.map(any -> row));
    }
    failures = 0;
    Optional<Reading> next = list.cursors().after(list.at(), page.value()).map(list::from);
    if (head && workflow.listedTo.isEmpty() && all.isEmpty() && page.value().skipped() > 0) {
      // Nothing of it could be used: nothing was listed.
      giveUp();
      headReachedKnown = false;
    } else if (head && resumed.isPresent()) {
      reading = next.isEmpty() || knownBottom ? resumed : next;
      resumed = next.isEmpty() || knownBottom ? Optional.empty() : resumed;
    } else if (head) {
      headReachedKnown |= next.isEmpty() || knownBottom && belowListed();
      readNewestOn(next);
    } else if (next.isPresent() && !reachesNewest(all)) {
      reading = next;
    } else {
      reconciler.readWhole(list.status().get());
      readNext(Optional.empty());
    }
    if (reading.filter(Reading::isRepeated).isPresent()) {
      workflow.problems.add(Cursors.problem("a page of " + workflow.name()));
      giveUp();
    }
  }

  /** What had ended when a workflow is listed for the first time is of the past, too. */
  private void take(ApiResponse<ListedInstance> row) throws InterruptedException {
    agrees &= !rows.leavesToDetail(workflow, row);
    if (workflow.listedTo.isEmpty() && Status.ended(row.value().status())) {
      rows.takeOfBackfill(workflow, row);
    } else {
      rows.take(workflow, row);
    }
  }

  /**
   * Below what was listed before. Where the counts surely hold more than was listed, the rest is
   * further down: it shows late, or the source's clock went back.
   */
  private boolean belowListed() {
    Optional<Instant> bottom = reconciler.bottom();
    if (workflow.listedTo.isEmpty() || bottom.isEmpty()) {
      return true;
    }
    Instant listed = workflow.listedTo.get();
    return bottom
        .get()
        .isBefore(reconciler.someHidden() ? listed.minus(ListRowHandler.REMEMBERED) : listed);
  }

  /** What follows in a list that is oldest first was seen among the newest. */
  private boolean reachesNewest(List<ListedInstance> page) {
    Optional<Instant> bottom = reconciler.bottom();
    return !page.isEmpty()
        && bottom.isPresent()
        && page.get(page.size() - 1).createdOn().filter(bottom.get()::isBefore).isPresent();
  }

  private void readNewestOn(Optional<Reading> next) {
    if (workflow.listedTo.isEmpty() && (next.isEmpty() || reconciler.bottom().isPresent())) {
      // Listed for the first time: what is below this page is left to the backfill.
      workflow.backfill.start(reconciler.bottom(), next.flatMap(Reading::at));
      headReachedKnown = true;
      readNext(Optional.empty());
    } else if (headReachedKnown) {
      readNext(next);
    } else {
      reading = next;
    }
  }

  /**
   * Chooses what to read next, if anything.
   *
   * @param below where the list of the newest goes on; empty where it does not, or was left
   */
  private void readNext(Optional<Reading> below) {
    List<String> contradicting = reconciler.contradicting();
    if (!contradicting.isEmpty() && below.isPresent() && goesOnBelow(contradicting)) {
      reading = below;
      return;
    }
    if (!contradicting.isEmpty() && !reconciler.readsAll() && mayReadAll()) {
      reconciler.readAll();
      contradicting = reconciler.contradicting();
    }
    if (contradicting.isEmpty()) {
      reading = Optional.empty();
    } else {
      planned = pages + reconciler.pagesOf(contradicting);
      reading = Optional.of(Reading.started(Optional.of(contradicting.get(0))));
    }
  }

  /** Some ended of whom no list shows it, and pages for all lists were saved. */
  private boolean mayReadAll() {
    return reconciler.endedUnread() > 0
        && allowance.allows(pages + reconciler.pagesOf(reconciler.unread()), bound());
  }

  /**
   * Whether reading on in the list of the newest takes no more pages than the lists by status; or,
   * where runs are sampled, whether its rows spare details of runs that would else be known by
   * their absence alone.
   */
  private boolean goesOnBelow(List<String> contradicting) {
    Optional<Long> below = reconciler.pagesDownTo(contradicting);
    if (below.isEmpty() || below.get() <= reconciler.pagesOf(contradicting)) {
      return below.isPresent();
    }
    return workflow.sampler.k() > 1
        && reconciler.unseenOnNextPage() * reconciler.endedUnread() > SPARES * reconciler.unseen();
  }

  /** The least pages that such a sweep takes. */
  long bound() {
    return reconciler.bound();
  }

  /** Takes in what the whole sweep says. */
  void end() {
    allowance.took(pages, bound());
    if (headReachedKnown) {
      workflow.listedTo =
          CountReconciler.latest(workflow.listedTo, reconciler.top().or(this::firstListing), 1);
      workflow.triggeredOn = listed.value().triggeredOn();
      workflow.triggeredLags |= workflow.triggeredOn.filter(reconciler::showsNewerThan).isPresent();
    }
    workflow.beyond = reconciler.beyond();
    if (gaveUp) {
      return;
    }
    enqueueAbsent();
  }

  /**
   * Owes the details of as many as ended by the counts, who was absent before and who was seen
   * longest ago first. The others moved to a status that had been read already, or ended since: the
   * next sweep shows them, or finds them absent again. Who is in a status that is not listed is
   * always absent, and owed by the counts alone.
   */
  private void enqueueAbsent() {
    long ended = reconciler.ended();
    Set<String> before = Set.copyOf(workflow.absentOnce);
    workflow.absentOnce.clear();
    List<Map.Entry<String, TrackedInstance>> absent =
        reconciler.absent().stream()
            .filter(each -> workflow.memory(each.getKey()).live())
            .sorted(
                Comparator.comparing(
                        (Map.Entry<String, TrackedInstance> each) ->
                            !before.contains(each.getKey()))
                    .thenComparing(each -> each.getValue().seenAt().orElse(Instant.MIN))
                    .thenComparing(Map.Entry::getKey))
            .toList();
    for (Map.Entry<String, TrackedInstance> each : absent) {
      boolean unlisted = reconciler.isUnlisted(each.getValue().status());
      if (before.contains(each.getKey()) || ended > 0) {
        enqueue(each.getKey(), each.getValue());
        ended--;
        // It may be another one that left the status.
        agrees &= !unlisted;
      } else if (!unlisted) {
        workflow.absentOnce.add(each.getKey());
      }
    }
  }

  private void enqueue(String id, TrackedInstance known) {
    if (details.idle(workflow.instance(id))) {
      workflow.sampler.other();
      Instant last = known.seenAt().orElse(Instant.MIN);
      details.enqueue(new DetailRequest(workflow, id, Why.ABSENT, last, Optional.empty()));
    }
    // What is on its way may have been asked for before it left its status.
    agrees &= !details.isRequested(workflow.instance(id));
  }

  /** A workflow that has no instances yet is listed up to now. */
  private Optional<Instant> firstListing() {
    return workflow.listedTo.isEmpty() ? Optional.of(listed.requestedAt()) : Optional.empty();
  }

  /** The statuses that were read whole. */
  Set<String> read() {
    return reconciler.read();
  }
}
