package io.flowmeter.ingest.poll;

import io.flowmeter.clock.SteppedClock;
import io.flowmeter.ingest.budget.Budget;
import io.flowmeter.ingest.budget.Permit;
import io.flowmeter.ingest.source.ApiFailure;
import io.flowmeter.ingest.source.ApiFailureException;
import io.flowmeter.ingest.source.ApiResponse;
import io.flowmeter.ingest.source.InstanceDetail;
import io.flowmeter.ingest.source.ListedInstance;
import io.flowmeter.ingest.source.ListedVersion;
import io.flowmeter.ingest.source.ListedWorkflow;
import io.flowmeter.ingest.source.ObservedSteps;
import io.flowmeter.ingest.source.ResponsePage;
import io.flowmeter.ingest.source.Source;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A runtime as small as one can be, which tells what Cloudflare's local one tells: whole lists in
 * pages, newest last here, rows without modification, no word of what is not found. Time passes by
 * a second with every request.
 */
final class LittleRuntime implements Source {
  private static final int PER_PAGE = 3;
  private static final Instant START = Instant.parse("2026-11-24T12:00:00Z");

  private final String account = UUID.randomUUID().toString();
  private final Map<String, Map<String, Shown>> workflows = new ConcurrentSkipListMap<>();
  private final Set<String> ghosts = new ConcurrentSkipListSet<>();
  private final List<String> details = Collections.synchronizedList(new ArrayList<>());
  private final SteppedClock clock = new SteppedClock(START);
  private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
  private final Map<String, Instant> triggered = new ConcurrentSkipListMap<>();
  private final Set<String> failing = new ConcurrentSkipListSet<>();
  private final Set<String> hidden = new ConcurrentSkipListSet<>();
  private int refusedFrom = Integer.MAX_VALUE;
  private int failingFrom = Integer.MAX_VALUE;
  private int repeatingFrom = Integer.MAX_VALUE;
  private int emptyAt = Integer.MAX_VALUE;
  private int emptyPages;
  private int failuresOfEachPage;
  private final Map<String, Integer> failedInARow = new ConcurrentSkipListMap<>();
  private int listsOfWorkflows;
  private boolean listsOfWorkflowsFail;
  private final Set<String> unusable = new ConcurrentSkipListSet<>();
  private boolean allPagesFail;
  private boolean versionsFail;
  private final Map<String, Shown> behind = new TreeMap<>();
  private boolean tellsStartsOfQueued;
  private boolean tellsTriggered;
  private boolean keepsTriggered;
  private volatile boolean pagesFail;
  private volatile boolean detailsFail;
  private volatile boolean detailsBreak;
  private volatile boolean pagesShift;
  private Optional<Random> shift = Optional.empty();
  private Duration skew = Duration.ZERO;
  private final Map<String, String> ids = new ConcurrentSkipListMap<>();
  private final Map<String, Instant> made = new ConcurrentSkipListMap<>();
  private final Set<String> unlisted = new ConcurrentSkipListSet<>();
  private final Set<String> uncounted = new ConcurrentSkipListSet<>();
  private boolean hidesIds;
  private boolean hidesCounts;
  private boolean listsAreEmpty;
  private Optional<String> leftOut = Optional.empty();
  private boolean listsNoWorkflows;
  private Function<String, ObservedSteps> steps = id -> ObservedSteps.NONE;
  private final boolean production;
  private final Budget budget = Budget.unlimited(clock);
  private int pages;
  private int versions;

  private LittleRuntime(boolean production) {
    this.production = production;
  }

  static LittleRuntime local() {
    return new LittleRuntime(false);
  }

  static LittleRuntime production() {
    return new LittleRuntime(true);
  }

  /** The clock that passes with every request. */
  SteppedClock clock() {
    return clock;
  }

  /** Which steps the detail of each instance shows. */
  void shows(Function<String, ObservedSteps> stepsOf) {
    steps = stepsOf;
  }

  int versionsAsked() {
    return versions;
  }

  /** Pages of instances that were read. */
  int pagesRead() {
    return pages;
  }

  /**
   * An instance as it is shown: its status, and when this life of it was queued.
   *
   * @param ended of one that was opened again; else rows tell no end, and details one after 300 ms
   * @param modified the same
   */
  record Shown(
      String status,
      Instant createdOn,
      Instant queued,
      Instant started,
      Optional<Instant> ended,
      Optional<Instant> modified) {
    Shown(String status, Instant createdOn, Instant queued, Instant started) {
      this(status, createdOn, queued, started, Optional.empty(), Optional.empty());
    }

    Shown(String status, Instant createdOn, Instant queued) {
      this(status, createdOn, queued, queued);
    }
  }

  /** Its clock is wrong from now on. */
  void skew(Duration ahead) {
    skew = ahead;
  }

  void deploy(String name) {
    ids.putIfAbsent(name, UUID.randomUUID().toString());
    made.putIfAbsent(name, pass(Duration.ZERO));
    workflows.putIfAbsent(name, new ConcurrentSkipListMap<>());
  }

  /** Lists of instances show none, as they may while it starts. */
  void listsAreEmpty(boolean now) {
    listsAreEmpty = now;
  }

  /** One instance is in no list, though it is counted. */
  void listsLeaveOut(Optional<String> id) {
    leftOut = id;
  }

  /** The list of workflows shows none. */
  void listsNoWorkflows(boolean now) {
    listsNoWorkflows = now;
  }

  /** It takes no such status as a filter of its lists. */
  void listsNo(String status) {
    unlisted.add(status);
  }

  /** It does not count who is in this status. */
  void countsNo(String status) {
    uncounted.add(status);
  }

  /** Lists of workflows fail. */
  void listsOfWorkflowsFail(boolean fail) {
    listsOfWorkflowsFail = fail;
  }

  /** How often the list of workflows was asked for. */
  int listsOfWorkflows() {
    return listsOfWorkflows;
  }

  /** Of a workflow the list shows a row that is of no use. */
  void showsUnusable(String name) {
    unusable.add(name);
  }

  /** Workflows do not tell their ids. */
  void hideWorkflowIds() {
    hidesIds = true;
  }

  /** The list of workflows tells no counts. */
  void hideCounts(boolean now) {
    hidesCounts = now;
  }

  void removeWorkflow(String name) {
    ids.remove(name);
    made.remove(name);
    workflows.remove(name);
  }

  void create(String workflow, String id, String status) {
    Instant at = pass(Duration.ofSeconds(1));
    triggered.compute(workflow, (name, before) -> keepsTriggered ? before : at);
    workflows.get(workflow).put(id, new Shown(status, at, at.plusMillis(20)));
  }

  /** It was made, and waited so long for its start. */
  void createQueued(String workflow, String id, String status, Duration wait) {
    Instant at = pass(Duration.ofSeconds(1));
    triggered.compute(workflow, (name, before) -> keepsTriggered ? before : at);
    Instant queued = at.plusMillis(20);
    workflows.get(workflow).put(id, new Shown(status, at, queued, queued.plus(wait)));
  }

  /** It starts anew in the life it has. */
  void startAnew(String workflow, String id, String status) {
    Instant at = pass(Duration.ofSeconds(1));
    workflows
        .get(workflow)
        .computeIfPresent(id, (key, was) -> new Shown(status, was.createdOn(), was.queued(), at));
  }

  /** It goes on to another status. */
  void move(String workflow, String id, String status) {
    workflows
        .get(workflow)
        .computeIfPresent(
            id, (key, was) -> new Shown(status, was.createdOn(), was.queued(), was.started()));
  }

  /** It is restarted from a step, and ends in a status at once. */
  void reopen(String workflow, String id, String status) {
    Instant at = pass(Duration.ofSeconds(1));
    workflows
        .get(workflow)
        .computeIfPresent(
            id,
            (key, was) ->
                new Shown(
                    status,
                    was.createdOn(),
                    was.queued(),
                    was.started(),
                    Optional.of(at),
                    Optional.of(at)));
  }

  /** It is restarted from a step, and goes on. */
  void goOn(String workflow, String id, String status) {
    Optional<Instant> at = Optional.of(pass(Duration.ofSeconds(1)));
    workflows
        .get(workflow)
        .computeIfPresent(
            id,
            (key, was) ->
                new Shown(
                    status, was.createdOn(), was.queued(), was.started(), Optional.empty(), at));
  }

  /** Rows of what is queued tell when the run before it started. */
  void rowsTellStartsOfQueued() {
    tellsStartsOfQueued = true;
  }

  /** It is restarted, and ends in a status at once. */
  void restart(String workflow, String id, String status) {
    Instant at = pass(Duration.ofSeconds(1));
    workflows
        .get(workflow)
        .computeIfPresent(id, (key, was) -> new Shown(status, was.createdOn(), at));
  }

  void remove(String workflow, String id) {
    workflows.get(workflow).remove(id);
  }

  /** Its detail stays as it is, whatever its row tells. */
  void detailLags(String workflow, String id) {
    behind.put(id, workflows.get(workflow).get(id));
  }

  /** It is restarted, and ends in a status at once, which its row does not tell. */
  void detailRestarts(String workflow, String id, String status) {
    Instant at = pass(Duration.ofSeconds(1));
    Shown was = workflows.get(workflow).get(id);
    behind.put(id, new Shown(status, was.createdOn(), at));
  }

  void detailsCatchUp() {
    behind.clear();
  }

  void pagesFail(boolean fail) {
    pagesFail = fail;
  }

  /** Pages from a row on are refused, as where their cursor does not work any more. */
  void pagesRefusedFrom(int row) {
    refusedFrom = row;
  }

  /** Pages from a row on fail in passing. */
  void pagesFailFrom(int row) {
    failingFrom = row;
  }

  /** Pages from a row on have the cursor that they were asked with. */
  void cursorsRepeatFrom(int row) {
    repeatingFrom = row;
  }

  /** Before the page that begins at a row there are so many that show nothing. */
  void emptyPagesAt(int row, int pagesThere) {
    emptyAt = row;
    emptyPages = pagesThere;
  }

  /** Each page fails so often before it comes. */
  void eachPageFails(int times) {
    failuresOfEachPage = times;
  }

  /** All pages fail. */
  void allPagesFail(boolean fail) {
    allPagesFail = fail;
  }

  /** The detail of one instance fails. */
  void detailFails(String id, boolean fail) {
    if (fail) {
      failing.add(id);
    } else {
      failing.remove(id);
    }
  }

  /** An instance is in lists, and its detail is not found. */
  void hideDetail(String id) {
    hidden.add(id);
  }

  /** Instances name a version, and lists of versions fail. */
  void versionsFail() {
    versionsFail = true;
  }

  /** Workflows tell when their newest instance was made. */
  void tellsTriggered() {
    tellsTriggered = true;
  }

  /** Workflows go on to tell what they tell now of when their newest instance was made. */
  void keepsTriggered() {
    keepsTriggered = true;
  }

  /** Kinds of requests in their order. */
  List<String> asked() {
    return List.copyOf(asked);
  }

  void detailsFail(boolean fail) {
    detailsFail = fail;
  }

  /** Reading a detail fails as only a programming error makes it fail. */
  void detailsBreak(boolean fail) {
    detailsBreak = fail;
  }

  /** Pages repeat rows of the one before, and tell theirs in any order. */
  void pagesShift(Random random) {
    shift = Optional.of(random);
  }

  boolean shows(String workflow, String id, String status) {
    return workflows.get(workflow).get(id).status().equals(status);
  }

  /** Every page repeats the last row of the one before. */
  void pagesShift() {
    pagesShift = true;
  }

  /** Ids that were asked for without being there: real ones would have been made by it. */
  Set<String> ghosts() {
    return Set.copyOf(ghosts);
  }

  int detailsAsked(String id) {
    return Collections.frequency(List.copyOf(details), id);
  }

  synchronized Instant pass(Duration time) {
    clock.sleep(time);
    return clock.instant().plus(skew);
  }

  private <T> ApiResponse<T> answer(T value) {
    Instant requestedAt = pass(Duration.ofMillis(10));
    return new ApiResponse<>(value, requestedAt, pass(Duration.ofMillis(10)));
  }

  private ApiFailureException fault(String request) {
    return new ApiFailureException(
        new ApiFailure.Unreachable(request, "IOException"), pass(Duration.ZERO));
  }

  @Override
  public String account() {
    return account;
  }

  @Override
  public Traits traits() {
    return new Traits(production, production, production, production);
  }

  @Override
  public Budget budget() {
    return budget;
  }

  private ListedWorkflow listed(String name, boolean counts) {
    Map<String, Long> instances =
        workflows.getOrDefault(name, Map.of()).values().stream()
            .filter(shown -> !uncounted.contains(shown.status()))
            .collect(Collectors.groupingBy(Shown::status, TreeMap::new, Collectors.counting()));
    return new ListedWorkflow(
        name,
        production && !hidesIds ? Optional.ofNullable(ids.get(name)) : Optional.empty(),
        Optional.of(name),
        Optional.empty(),
        production ? Optional.ofNullable(made.get(name)) : Optional.empty(),
        Optional.empty(),
        tellsTriggered ? Optional.ofNullable(triggered.get(name)) : Optional.empty(),
        counts && !hidesCounts ? Optional.of(instances) : Optional.empty());
  }

  @Override
  public ApiResponse<ResponsePage<ListedWorkflow>> workflows(Permit permit, Optional<String> at)
      throws ApiFailureException {
    listsOfWorkflows++;
    if (listsOfWorkflowsFail) {
      throw fault("the workflows");
    }
    List<ListedWorkflow> rows =
        workflows.keySet().stream()
            .filter(name -> !listsNoWorkflows && !unusable.contains(name))
            .map(name -> listed(name, production))
            .toList();
    return answer(new ResponsePage<>(rows, unusable.size(), Optional.empty()));
  }

  @Override
  public ApiResponse<ListedWorkflow> workflow(Permit permit, String workflow) {
    return answer(listed(workflow, true));
  }

  @Override
  public ApiResponse<ResponsePage<ListedInstance>> instances(
      Permit permit,
      String workflow,
      Optional<String> status,
      Direction direction,
      Optional<String> at)
      throws ApiFailureException {
    String[] place = at.orElse("0").split("/", 2);
    int from = Integer.parseInt(place[0]);
    int passed = place.length == 1 ? 0 : Integer.parseInt(place[1]);
    asked.add("page");
    String page = workflow + " " + status + " " + at;
    if (failedInARow.merge(page, 1, Integer::sum) <= failuresOfEachPage) {
      throw fault("a page");
    }
    failedInARow.remove(page);
    if (allPagesFail || pagesFail && from > 0 || from >= failingFrom) {
      throw fault("a page");
    }
    if (from >= refusedFrom || status.filter(unlisted::contains).isPresent()) {
      throw new ApiFailureException(
          new ApiFailure.Unexpected(
              new ApiFailure.Head("a page", 400, "application/json", 9), List.of()),
          pass(Duration.ZERO));
    }
    requireWorkflow(workflow);
    pages++;
    if (from == emptyAt && passed < emptyPages) {
      return answer(new ResponsePage<>(List.of(), 0, Optional.of(from + "/" + (passed + 1))));
    }
    List<ListedInstance> all = new ArrayList<>();
    workflows.get(workflow).entrySet().stream()
        .filter(entry -> !listsAreEmpty && !leftOut.equals(Optional.of(entry.getKey())))
        .filter(entry -> status.filter(one -> !one.equals(entry.getValue().status())).isEmpty())
        .sorted(Comparator.comparing(entry -> entry.getValue().createdOn()))
        .forEach(entry -> all.add(row(entry.getKey(), entry.getValue())));
    if (direction == Direction.NEWEST_FIRST) {
      Collections.reverse(all);
    }
    int to = Math.min(all.size(), from + PER_PAGE);
    int next = pagesShift ? to - 1 : to - shift.map(random -> random.nextInt(PER_PAGE)).orElse(0);
    List<ListedInstance> rows = new ArrayList<>(all.subList(from, to));
    shift.ifPresent(random -> Collections.shuffle(rows, random));
    if (from >= repeatingFrom) {
      return answer(new ResponsePage<>(rows, 0, at));
    }
    return answer(
        new ResponsePage<>(
            rows, 0, to < all.size() ? Optional.of(Integer.toString(next)) : Optional.empty()));
  }

  private void requireWorkflow(String name) throws ApiFailureException {
    if (!workflows.containsKey(name)) {
      throw new ApiFailureException(
          new ApiFailure.NotFound(
              new ApiFailure.Head(name, 404, "application/json", 9), List.of(10200L)),
          pass(Duration.ZERO));
    }
  }

  private ListedInstance row(String id, Shown shown) {
    return new ListedInstance(
        id,
        shown.status(),
        Optional.of(shown.createdOn()),
        production && (tellsStartsOfQueued || !shown.status().equals("queued"))
            ? Optional.of(shown.started())
            : Optional.empty(),
        shown.ended(),
        shown.modified(),
        versionsFail ? Optional.of("a version") : Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  @Override
  public ApiResponse<InstanceDetail> instance(Permit permit, String workflow, String id)
      throws ApiFailureException {
    details.add(id);
    asked.add("detail");
    if (detailsFail || failing.contains(id)) {
      throw fault("a detail");
    }
    if (detailsBreak) {
      throw new IllegalStateException("a detail that nothing was ready for");
    }
    requireWorkflow(workflow);
    Shown shown = behind.getOrDefault(id, workflows.get(workflow).get(id));
    if ((shown == null || hidden.contains(id)) && production) {
      throw new ApiFailureException(
          new ApiFailure.NotFound(
              new ApiFailure.Head("a detail", 404, "application/json", 9), List.of(10400L)),
          pass(Duration.ZERO));
    }
    if (shown == null) {
      ghosts.add(id);
      throw fault("a ghost");
    }
    boolean ended = !shown.status().equals("running");
    return answer(
        new InstanceDetail(
            shown.status(),
            Optional.of(shown.queued()),
            Optional.of(shown.started()).filter(any -> !shown.status().equals("queued")),
            ended
                ? shown.ended().or(() -> Optional.of(shown.queued().plusMillis(300)))
                : Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            Optional.empty(),
            Optional.empty(),
            steps.apply(id)));
  }

  @Override
  public ApiResponse<ResponsePage<ListedVersion>> versions(
      Permit permit, String workflow, Optional<String> at) throws ApiFailureException {
    versions++;
    if (versionsFail) {
      throw fault("versions");
    }
    throw new ApiFailureException(
        new ApiFailure.NotFound(new ApiFailure.Head("versions", 404, "text/plain", 13), List.of()),
        pass(Duration.ZERO));
  }

  @Override
  public void close() {}
}
