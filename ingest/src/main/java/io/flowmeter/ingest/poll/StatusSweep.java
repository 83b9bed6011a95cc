package io.flowmeter.ingest.poll;

import io.flowmeter.ingest.observe.Memory;
import io.flowmeter.ingest.observe.Status;
import io.flowmeter.ingest.poll.Details.Owed;
import io.flowmeter.ingest.poll.Details.Why;
import io.flowmeter.ingest.poll.Question.Failure;
import io.flowmeter.ingest.source.Answer;
import io.flowmeter.ingest.source.ListedInstance;
import io.flowmeter.ingest.source.ListedWorkflow;
import io.flowmeter.ingest.source.Page;
import io.flowmeter.ingest.source.Source.Direction;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
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
final class StatusSweep implements Sweep {
  private static final int PER_PAGE = 100;

  /** So many rows at the bottom of a page that were listed before end the list of the newest. */
  private static final int OVERLAP = 3;

  private static final int TRIES = 3;

  /**
   * A page of the newest is worth its request where it spares more details than this. It is more
   * than one, for a detail that is not spared is not lost: it tells a run in full.
   */
  private static final int SPARES = 8;

  /** The clock by which the counts were taken, and that of creation, may lie so far apart. */
  private static final Duration DOUBT = Duration.ofSeconds(2);

  private static final long UNKNOWN = Integer.MAX_VALUE;

  private final Polling polling;
  private final KnownWorkflow workflow;
  private final Rows rows;
  private final Details details;
  private final Answer<ListedWorkflow> listed;

  /** Reads every status, whether the counts ask for it or not. */
  private boolean whole;

  /** Pages that may be read in doubt. */
  private final Spare spare;

  /** Live instances that no row of this sweep showed yet, by id, as they were known before it. */
  private final Map<String, Memory> unseen = new HashMap<>();

  private final Set<String> seen = new HashSet<>();

  /** Rows of the newest by status, of those that did not change since the counts were taken. */
  private final Map<String, Long> newest = new HashMap<>();

  private long changed;

  /** Rows of instances that lived when the counts were taken. */
  private long lived;

  private int fresh;
  private int headRows;
  private Optional<Instant> top = Optional.empty();
  private Optional<Instant> bottom = Optional.empty();
  private boolean headReachedKnown;

  /** So many more instances were listed than the counts hold, as far as sweeps go back. */
  private long beyond;

  /** Rows of instances made since the counts were taken: surely, and at most. */
  private int surelyAhead;

  private int maybeAhead;

  private final Set<String> read = new HashSet<>();

  private Optional<Reading> reading = Optional.empty();
  private boolean asked;
  private int failures;
  private Instant notBefore = Instant.MIN;
  private boolean gaveUp;
  private boolean agrees = true;
  private int pages;

  /** Pages when the lists by status are read that contradict now. */
  private long planned;

  /** A list that is being read; without a status, that of the newest. */
  private record Reading(Optional<String> status, Optional<String> at) {}

  StatusSweep(
      Polling polling,
      KnownWorkflow workflow,
      Rows rows,
      Details details,
      Answer<ListedWorkflow> listed,
      Spare spare,
      boolean withNewest,
      boolean whole) {
    this.polling = polling;
    this.workflow = workflow;
    this.rows = rows;
    this.details = details;
    this.listed = listed;
    this.spare = spare;
    this.whole = whole;
    workflow.instances().stream()
        .filter(each -> each.getValue().live())
        .filter(each -> !details.awaitsEnd(workflow.instance(each.getKey())))
        .forEach(each -> unseen.put(each.getKey(), each.getValue()));
    beyond =
        workflow
            .agreed
            .map(before -> workflow.beyond - total(reported()) + total(before))
            .orElse(UNKNOWN);
    if (withNewest) {
      reading = Optional.of(new Reading(Optional.empty(), Optional.empty()));
    } else {
      headReachedKnown = true;
      readNext(Optional.empty());
    }
  }

  Map<String, Long> reported() {
    return listed.value().instances();
  }

  /** All that was to be read was read. */
  boolean complete() {
    return !gaveUp;
  }

  /** What is known agrees with the counts now, all rows being taken in. */
  boolean agrees() {
    return !gaveUp && agrees;
  }

  @Override
  public boolean asks(Instant now) {
    return !asked && reading.isPresent() && !now.isBefore(notBefore);
  }

  @Override
  public boolean over() {
    return !asked && reading.isEmpty();
  }

  @Override
  public long pagesLeft() {
    if (reading.isEmpty()) {
      return 0;
    }
    boolean chosen = reading.get().status().isPresent();
    return Math.max(1, (chosen ? planned : bound()) - pages);
  }

  @Override
  public Optional<Question<?>> next(Instant now) {
    if (!asks(now)) {
      return Optional.empty();
    }
    asked = true;
    Reading list = reading.orElseThrow();
    Direction direction =
        list.status().isPresent() ? Direction.OLDEST_FIRST : Direction.NEWEST_FIRST;
    return Optional.of(
        new Question<>(
            "a page of " + workflow.name(),
            (source, permit) ->
                source.instances(permit, workflow.name(), list.status(), direction, list.at()),
            page -> {
              asked = false;
              try {
                take(list, page);
              } catch (RuntimeException e) {
                giveUp();
                headReachedKnown = false;
                throw e;
              }
            },
            this::failed));
  }

  private void failed(Failure failure) {
    asked = false;
    workflow.problems.add(failure.message());
    failures++;
    if (failures >= TRIES) {
      giveUp();
    } else {
      Duration pause = polling.settings().interval().dividedBy(2);
      notBefore = polling.clock().instant().plus(pause);
    }
  }

  private void giveUp() {
    gaveUp = true;
    reading = Optional.empty();
  }

  private void take(Reading list, Answer<Page<ListedInstance>> page) throws InterruptedException {
    pages++;
    polling.tally().listedPage();
    workflow.skippedRows += page.value().skipped();
    polling.telemetry().skippedRows(page.value().skipped());
    boolean head = list.status().isEmpty();
    List<ListedInstance> all = page.value().rows();
    boolean knownBottom = !all.isEmpty();
    beyond += page.value().skipped();
    for (int i = 0; i < all.size(); i++) {
      ListedInstance row = all.get(i);
      boolean before = seen.contains(row.id()) || rows.listedBefore(workflow, row);
      knownBottom &= before || i < all.size() - OVERLAP;
      beyond += before ? 0 : 1;
      surelyAhead += !before && madeAfter(row, listed.answered().plus(DOUBT)) ? 1 : 0;
      maybeAhead += !before && madeAfter(row, listed.answered().minus(DOUBT)) ? 1 : 0;
      if (head) {
        count(row, before);
      }
      if (seen.add(row.id())) {
        lived += livedThen(row) ? 1 : 0;
        unseen.remove(row.id());
        take(page.map(any -> row));
      }
    }
    Optional<String> next = page.value().next();
    if (head && workflow.listedTo.isEmpty() && all.isEmpty() && page.value().skipped() > 0) {
      // Nothing of it could be used: nothing was listed.
      giveUp();
      headReachedKnown = false;
    } else if (head) {
      headReachedKnown |= next.isEmpty() || knownBottom && belowListed();
      readNewestOn(next);
    } else if (next.isPresent() && !reachesNewest(all)) {
      reading = Optional.of(new Reading(list.status(), next));
    } else {
      read.add(list.status().get());
      readNext(Optional.empty());
    }
  }

  /** What had ended when a workflow is listed for the first time is of the past, too. */
  private void take(Answer<ListedInstance> row) throws InterruptedException {
    agrees &= !rows.leavesToDetail(workflow, row);
    if (workflow.listedTo.isEmpty() && Status.ended(row.value().status())) {
      rows.takeOfBackfill(workflow, row);
    } else {
      rows.take(workflow, row);
    }
  }

  private void count(ListedInstance row, boolean before) {
    headRows++;
    fresh += before ? 0 : 1;
    top = latest(top, row.createdOn(), 1);
    bottom = latest(bottom, row.createdOn(), -1);
    if (seen.contains(row.id())) {
      return;
    }
    if (madeAfter(row, listed.answered())) {
      return;
    }
    if (changedSince(row)) {
      changed++;
    } else {
      newest.merge(row.status(), 1L, Long::sum);
    }
  }

  private boolean changedSince(ListedInstance row) {
    return row.modifiedOn().or(row::endedOn).filter(listed.answered()::isBefore).isPresent();
  }

  /** It lived when the counts were taken; what changed since did, for restarts are rare. */
  private boolean livedThen(ListedInstance row) {
    return !madeAfter(row, listed.answered()) && (!Status.ended(row.status()) || changedSince(row));
  }

  private static boolean madeAfter(ListedInstance row, Instant at) {
    return row.createdOn().filter(at::isBefore).isPresent();
  }

  private static Optional<Instant> latest(Optional<Instant> a, Optional<Instant> b, int sign) {
    if (a.isEmpty() || b.isEmpty()) {
      return a.isPresent() ? a : b;
    }
    return a.get().compareTo(b.get()) * sign >= 0 ? a : b;
  }

  /**
   * Below what was listed before. Where the counts surely hold more than was listed, the rest is
   * further down: it shows late, or the source's clock went back.
   */
  private boolean belowListed() {
    if (workflow.listedTo.isEmpty() || bottom.isEmpty()) {
      return true;
    }
    Instant listed = workflow.listedTo.get();
    boolean hidden = beyond < surelyAhead;
    return bottom.get().isBefore(hidden ? listed.minus(Rows.REMEMBERED) : listed);
  }

  private static long total(Map<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /** What follows in a list that is oldest first was seen among the newest. */
  private boolean reachesNewest(List<ListedInstance> page) {
    return !page.isEmpty()
        && bottom.isPresent()
        && page.get(page.size() - 1).createdOn().filter(bottom.get()::isBefore).isPresent();
  }

  private void readNewestOn(Optional<String> next) {
    if (workflow.listedTo.isEmpty()) {
      // Listed for the first time: what is below this page is left to the backfill.
      workflow.backfill.begin(bottom, next);
      headReachedKnown = true;
      readNext(Optional.empty());
    } else if (headReachedKnown) {
      readNext(next);
    } else {
      reading = Optional.of(new Reading(Optional.empty(), next));
    }
  }

  /**
   * Chooses what to read next, if anything.
   *
   * @param below where the list of the newest goes on; empty where it does not, or was left
   */
  private void readNext(Optional<String> below) {
    List<String> contradicting = contradicting();
    if (!contradicting.isEmpty() && below.isPresent() && goesOnBelow(contradicting)) {
      reading = Optional.of(new Reading(Optional.empty(), below));
      return;
    }
    if (!contradicting.isEmpty()
        && !whole
        && endedUnseen() > 0
        && spare.allows(pages + pagesOf(unread()), bound())) {
      whole = true;
      contradicting = contradicting();
    }
    if (contradicting.isEmpty()) {
      reading = Optional.empty();
    } else {
      planned = pages + pagesOf(contradicting);
      reading = Optional.of(new Reading(Optional.of(contradicting.get(0)), Optional.empty()));
    }
  }

  /** So many ended, by the counts, of those that no list showed yet. */
  private long endedUnseen() {
    long known = unseen.values().stream().filter(memory -> !read.contains(memory.status())).count();
    return known - (live() - lived);
  }

  /** Live statuses whose counts are not what is known of them, the shortest list first. */
  private List<String> contradicting() {
    Map<String, Long> known = new HashMap<>();
    unseen.values().forEach(memory -> known.merge(memory.status(), 1L, Long::sum));
    Set<String> statuses = new HashSet<>(known.keySet());
    statuses.addAll(reported().keySet());
    statuses.removeIf(status -> Status.ended(status) || read.contains(status));
    List<String> contradicting =
        statuses.stream()
            .filter(status -> whole && older(status) > 0 || contradicts(status, known))
            .sorted(Comparator.comparingLong(this::older).thenComparing(Comparator.naturalOrder()))
            .toList();
    if (!contradicting.isEmpty() || !read.isEmpty()) {
      return contradicting;
    }
    long reportedOlder = statuses.stream().mapToLong(this::older).sum() - changed;
    long knownOlder = known.values().stream().mapToLong(Long::longValue).sum();
    return reportedOlder == knownOlder
        ? List.of()
        : statuses.stream()
            .filter(known::containsKey)
            .sorted(Comparator.comparingLong(this::older).thenComparing(Comparator.naturalOrder()))
            .toList();
  }

  private boolean contradicts(String status, Map<String, Long> known) {
    long older = older(status);
    long of = known.getOrDefault(status, 0L);
    return of > older || of < older - changed;
  }

  /** Instances in the status that are older than the newest read, at most. */
  private long older(String status) {
    long seenOf = newest.getOrDefault(status, 0L);
    return Math.max(0, reported().getOrDefault(status, 0L) - seenOf);
  }

  /**
   * Whether reading on in the list of the newest takes no more pages than the lists by status; or,
   * where runs are sampled, whether its rows spare details of runs that would else be known by
   * their absence alone.
   */
  private boolean goesOnBelow(List<String> contradicting) {
    if (bottom.isEmpty() || top.isEmpty() || headRows == 0) {
      return false;
    }
    Optional<Instant> oldest =
        unseen.values().stream()
            .filter(memory -> contradicting.contains(memory.status()))
            .map(StatusSweep::created)
            .min(Comparator.naturalOrder());
    if (oldest.isEmpty()) {
      return false;
    }
    double rowsPerMs =
        headRows / (double) Math.max(1, Duration.between(bottom.get(), top.get()).toMillis());
    double toOldest =
        Math.max(0, Duration.between(oldest.get(), bottom.get()).toMillis()) * rowsPerMs;
    long byStatus = pagesOf(contradicting);
    if (Math.ceil(toOldest / PER_PAGE) <= byStatus) {
      return true;
    }
    Map<String, Long> next = unseenWithin(PER_PAGE / rowsPerMs);
    return workflow.stratum.k() > 1 && total(next) * endedUnseen() > SPARES * unseen.size();
  }

  /** By status, those not seen yet that are to be expected on the next page of the newest. */
  private Map<String, Long> unseenWithin(double millis) {
    Instant from = bottom.orElseThrow().minusMillis((long) millis);
    return unseen.values().stream()
        .filter(memory -> created(memory).isAfter(from))
        .collect(Collectors.groupingBy(Memory::status, Collectors.counting()));
  }

  private static Instant created(Memory memory) {
    return Instant.ofEpochMilli(memory.lives().known().get(0).run());
  }

  private long pagesOf(Collection<String> statuses) {
    return pagesOf(statuses, Map.of());
  }

  /** Pages that lists by status take where so many rows fewer are in them. */
  private long pagesOf(Collection<String> statuses, Map<String, Long> fewer) {
    return statuses.stream()
        .mapToLong(status -> older(status) - fewer.getOrDefault(status, 0L))
        .map(rows -> Math.max(1, (rows + PER_PAGE - 1) / PER_PAGE))
        .sum();
  }

  /** Live statuses that have instances older than the newest read, and were not read whole. */
  private List<String> unread() {
    return reported().keySet().stream()
        .filter(status -> !Status.ended(status) && !read.contains(status) && older(status) > 0)
        .toList();
  }

  /** The least pages that such a sweep takes: of the new ones, and of the live ones. */
  long bound() {
    return (fresh + PER_PAGE - 1) / PER_PAGE + (live() + PER_PAGE - 1) / PER_PAGE;
  }

  /** Instances that lived when the counts were taken. */
  private long live() {
    return reported().entrySet().stream()
        .filter(count -> !Status.ended(count.getKey()))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /** Takes in what the whole sweep says. */
  void end() {
    spare.took(pages, bound());
    if (headReachedKnown) {
      workflow.listedTo = latest(workflow.listedTo, top.or(() -> firstListing()), 1);
      workflow.triggeredOn = listed.value().triggeredOn();
    }
    // More than can be ahead was deleted; what is hidden was looked for.
    workflow.beyond = Math.max(surelyAhead, Math.min(beyond, maybeAhead));
    if (gaveUp) {
      return;
    }
    oweAbsent();
  }

  /**
   * Owes the details of as many as ended by the counts, who was absent before and who was seen
   * longest ago first. The others moved to a status that had been read already, or ended since: the
   * next sweep shows them, or finds them absent again.
   */
  private void oweAbsent() {
    long ended = unseen.size() - (live() - lived);
    Set<String> before = Set.copyOf(workflow.absentOnce);
    workflow.absentOnce.clear();
    List<Map.Entry<String, Memory>> absent =
        unseen.entrySet().stream()
            .filter(each -> read.contains(each.getValue().status()))
            .filter(each -> workflow.memory(each.getKey()).live())
            .sorted(
                Comparator.comparing(
                        (Map.Entry<String, Memory> each) -> !before.contains(each.getKey()))
                    .thenComparing(each -> each.getValue().seenAt().orElse(Instant.MIN))
                    .thenComparing(Map.Entry::getKey))
            .toList();
    for (Map.Entry<String, Memory> each : absent) {
      if (before.contains(each.getKey()) || ended > 0) {
        owe(each.getKey(), each.getValue());
        ended--;
      } else {
        workflow.absentOnce.add(each.getKey());
      }
    }
  }

  private void owe(String id, Memory known) {
    if (details.idle(workflow.instance(id))) {
      workflow.stratum.other();
      Instant last = known.seenAt().orElse(Instant.MIN);
      details.owe(new Owed(workflow, id, Why.ENDED, last, Optional.empty()));
    }
  }

  /** A workflow that has no instances yet is listed up to now. */
  private Optional<Instant> firstListing() {
    return workflow.listedTo.isEmpty() ? Optional.of(listed.asked()) : Optional.empty();
  }

  /** The statuses that were read whole. */
  Set<String> read() {
    return Set.copyOf(read);
  }
}
