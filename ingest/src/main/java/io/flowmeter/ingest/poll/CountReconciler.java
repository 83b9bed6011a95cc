package io.flowmeter.ingest.poll;

import io.flowmeter.ingest.observe.Status;
import io.flowmeter.ingest.observe.TrackedInstance;
import io.flowmeter.ingest.source.ApiResponse;
import io.flowmeter.ingest.source.ListedInstance;
import io.flowmeter.ingest.source.ListedWorkflow;
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

/**
 * What a workflow's counts by status say, against what is known and what the rows of a sweep show:
 * which statuses contradict each other, and how many pages it takes to read them. It asks nothing
 * and tells nothing. Used under the planner's lock.
 */
final class CountReconciler {
  static final int PER_PAGE = 100;

  /** The clock by which the counts were taken, and that of creation, may lie so far apart. */
  private static final Duration DOUBT = Duration.ofSeconds(2);

  private final Map<String, Long> reported;

  /** When the counts were taken. */
  private final Instant taken;

  /** Live instances that no row of this sweep showed yet, by id, as they were known before it. */
  private final Map<String, TrackedInstance> unseen;

  private final Set<String> seen = new HashSet<>();

  /** The statuses that were read whole. */
  private final Set<String> read = new HashSet<>();

  /** Statuses that the source does not list: nobody in them is seen but among the newest. */
  private final Set<String> unlisted = new HashSet<>();

  /** Every status is to be read, whether the counts ask for it or not. */
  private boolean whole;

  /** Rows of the newest by status, of those that did not change since the counts were taken. */
  private final Map<String, Long> newest = new HashMap<>();

  private long changed;

  /** Rows of instances that lived when the counts were taken. */
  private long lived;

  private int fresh;
  private int headRows;
  private Optional<Instant> top = Optional.empty();
  private Optional<Instant> bottom = Optional.empty();

  /** When the newest row was made of those that were surely made before the counts were taken. */
  private Optional<Instant> topOfCounted = Optional.empty();

  /** So many more instances were listed than the counts hold, as far as sweeps go back. */
  private long beyond;

  /** Rows of instances made since the counts were taken: surely, and at most. */
  private int surelyAhead;

  private int maybeAhead;

  /**
   * @param listed the counts
   * @param unseen live instances, as they are known
   * @param beyond so many more instances were listed than these counts hold
   * @param whole every status is to be read
   */
  CountReconciler(
      ApiResponse<ListedWorkflow> listed,
      Map<String, TrackedInstance> unseen,
      long beyond,
      boolean whole) {
    this.reported = listed.value().instances();
    this.taken = listed.respondedAt();
    this.unseen = new HashMap<>(unseen);
    this.beyond = beyond;
    this.whole = whole;
  }

  static long total(Map<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  static Instant created(TrackedInstance tracked) {
    return Instant.ofEpochMilli(tracked.instanceRunss().known().get(0).run());
  }

  Map<String, Long> reported() {
    return reported;
  }

  /** A row was there that could not be used. */
  void skipped(int rows) {
    beyond += rows;
  }

  boolean showed(ListedInstance row) {
    return seen.contains(row.id());
  }

  /**
   * A row, once in each list that shows it.
   *
   * @param ofNewest it is in the list of the newest
   * @param before it was listed before, in this sweep or another
   */
  void takeIn(ListedInstance row, boolean ofNewest, boolean before) {
    if (!before) {
      beyond++;
      surelyAhead += madeAfter(row, taken.plus(DOUBT)) ? 1 : 0;
      maybeAhead += madeAfter(row, taken.minus(DOUBT)) ? 1 : 0;
    }
    if (ofNewest) {
      headRows++;
      fresh += before ? 0 : 1;
      top = latest(top, row.createdOn(), 1);
      if (!madeAfter(row, taken.minus(DOUBT))) {
        topOfCounted = latest(topOfCounted, row.createdOn(), 1);
      }
      bottom = latest(bottom, row.createdOn(), -1);
    }
    if (!seen.add(row.id())) {
      return;
    }
    unseen.remove(row.id());
    boolean made = madeAfter(row, taken);
    boolean moved = row.modifiedOn().or(row::endedOn).filter(taken::isBefore).isPresent();
    // What changed since the counts were taken lived then, for restarts are rare.
    lived += !made && (moved || !Status.ended(row.status())) ? 1 : 0;
    if (ofNewest && !made && moved) {
      changed++;
    } else if (ofNewest && !made) {
      newest.merge(row.status(), 1L, Long::sum);
    }
  }

  private static boolean madeAfter(ListedInstance row, Instant at) {
    return row.createdOn().filter(at::isBefore).isPresent();
  }

  static Optional<Instant> latest(Optional<Instant> a, Optional<Instant> b, int sign) {
    if (a.isEmpty() || b.isEmpty()) {
      return a.isPresent() ? a : b;
    }
    return a.get().compareTo(b.get()) * sign >= 0 ? a : b;
  }

  /** When the newest row listed was made. */
  Optional<Instant> top() {
    return top;
  }

  /** When the oldest row of the list of the newest was made. */
  Optional<Instant> bottom() {
    return bottom;
  }

  /** An instance that the counts hold was surely made after this moment. */
  boolean showsNewerThan(Instant moment) {
    return topOfCounted.filter(moment.plus(DOUBT)::isBefore).isPresent();
  }

  /** The counts surely hold more than was listed. */
  boolean someHidden() {
    return beyond < surelyAhead;
  }

  /** So many more were listed than the counts hold; what is hidden then was looked for. */
  long beyond() {
    // More than can be ahead was deleted.
    return Math.max(surelyAhead, Math.min(beyond, maybeAhead));
  }

  /** All rows of the status were read, but those among the newest. */
  void readWhole(String status) {
    read.add(status);
  }

  Set<String> read() {
    return Set.copyOf(read);
  }

  /** The status is not listed. Who is in it is not reckoned with, where no count tells of them. */
  void unlisted(String status) {
    unlisted.add(status);
    if (!reported.containsKey(status)) {
      unseen.values().removeIf(tracked -> tracked.status().equals(status));
    }
  }

  boolean isUnlisted(String status) {
    return unlisted.contains(status);
  }

  void readAll() {
    whole = true;
  }

  boolean readsAll() {
    return whole;
  }

  /** Who was known in a status that was read whole, or is not listed, and is in no list. */
  List<Map.Entry<String, TrackedInstance>> absent() {
    return unseen.entrySet().stream().filter(each -> isDone(each.getValue().status())).toList();
  }

  private boolean isDone(String status) {
    return read.contains(status) || unlisted.contains(status);
  }

  /** So many ended, by the counts, of those that no list showed. */
  long ended() {
    return unseen.size() - (live() - lived);
  }

  /** So many of these lived in a status that was not read whole yet. */
  long endedUnread() {
    long known =
        unseen.values().stream().filter(tracked -> !read.contains(tracked.status())).count();
    return known - (live() - lived);
  }

  int unseen() {
    return unseen.size();
  }

  /** Live statuses whose counts are not what is known of them, the shortest list first. */
  List<String> contradicting() {
    Map<String, Long> known = new HashMap<>();
    unseen.values().stream()
        .filter(tracked -> !unlisted.contains(tracked.status()))
        .forEach(tracked -> known.merge(tracked.status(), 1L, Long::sum));
    Set<String> statuses = new HashSet<>(known.keySet());
    statuses.addAll(reported.keySet());
    statuses.removeIf(status -> Status.ended(status) || isDone(status));
    List<String> contradicting =
        shortestFirst(
            statuses.stream()
                .filter(status -> whole && older(status) > 0 || contradicts(status, known))
                .toList());
    if (!contradicting.isEmpty() || !read.isEmpty()) {
      return contradicting;
    }
    long reportedOlder = statuses.stream().mapToLong(this::older).sum() - changed;
    long knownOlder = total(known);
    return reportedOlder == knownOlder
        ? List.of()
        : shortestFirst(statuses.stream().filter(known::containsKey).toList());
  }

  private List<String> shortestFirst(List<String> statuses) {
    return statuses.stream()
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
    return Math.max(0, reported.getOrDefault(status, 0L) - newest.getOrDefault(status, 0L));
  }

  /** Live statuses that have instances older than the newest read, and were not read whole. */
  List<String> unread() {
    return reported.keySet().stream()
        .filter(status -> !Status.ended(status) && !isDone(status) && older(status) > 0)
        .toList();
  }

  /** Pages that these lists by status take. */
  long pagesOf(Collection<String> statuses) {
    return statuses.stream()
        .mapToLong(status -> Math.max(1, (older(status) + PER_PAGE - 1) / PER_PAGE))
        .sum();
  }

  /**
   * Pages of the newest, from the last one read down to the oldest that is known in one of these
   * statuses and was not seen; empty where there is none.
   */
  Optional<Long> pagesDownTo(Collection<String> statuses) {
    return unseen.values().stream()
        .filter(tracked -> statuses.contains(tracked.status()))
        .map(CountReconciler::created)
        .min(Comparator.naturalOrder())
        .filter(oldest -> headRows > 0 && bottom.isPresent())
        .map(oldest -> Math.max(0, millis(oldest, bottom.get())) * rowsPerMilli() / PER_PAGE)
        .map(pages -> (long) Math.ceil(pages));
  }

  /** Of those not seen yet so many are to be expected on the next page of the newest. */
  long unseenOnNextPage() {
    Instant from = bottom.orElseThrow().minusMillis((long) (PER_PAGE / rowsPerMilli()));
    return unseen.values().stream().filter(tracked -> created(tracked).isAfter(from)).count();
  }

  private double rowsPerMilli() {
    return headRows / (double) Math.max(1, millis(bottom.orElseThrow(), top.orElseThrow()));
  }

  private static long millis(Instant from, Instant to) {
    return Duration.between(from, to).toMillis();
  }

  /** The least pages that a sweep takes: of the new ones, and of the live ones. */
  long bound() {
    return (fresh + PER_PAGE - 1) / PER_PAGE + (live() + PER_PAGE - 1) / PER_PAGE;
  }

  /** Instances that lived when the counts were taken. */
  private long live() {
    return reported.entrySet().stream()
        .filter(count -> !Status.ended(count.getKey()))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }
}
