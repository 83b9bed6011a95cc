package io.flowmeter.e2e.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.flowmeter.ingest.budget.Permit;
import io.flowmeter.ingest.budget.Priority;
import io.flowmeter.ingest.source.ApiFailure;
import io.flowmeter.ingest.source.ApiFailureException;
import io.flowmeter.ingest.source.InstanceDetail;
import io.flowmeter.ingest.source.ListedInstance;
import io.flowmeter.ingest.source.ListedWorkflow;
import io.flowmeter.ingest.source.ResponsePage;
import io.flowmeter.ingest.source.Source;
import io.flowmeter.ingest.source.Source.Direction;
import io.flowmeter.schemas.observation.Attempt;
import io.flowmeter.schemas.observation.Step;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * What Flowmeter expects of a source, whoever answers: run against the simulator and against
 * Cloudflare's own runtime, so that the simulator cannot drift from the real thing. Where the two
 * may differ, the source's traits say so.
 *
 * <p>Whoever provides the source provides instances of each kind too, all of them at rest: nothing
 * changes but by {@link #restart}.
 */
abstract class SourceExpectations {
  private static final Duration QUEUED_WITHIN = Duration.ofMinutes(1);
  private static final Set<String> ENDED = Set.of("complete", "errored", "terminated");
  private static final Pattern NAME = Pattern.compile("(?s)(.{1,256})-([1-9]\\d*)");

  /** Step and last attempt are told with ends that differ by so much. */
  private static final Duration ROUNDING = Duration.ofMillis(1);

  /** The runtime reads its clock for the attempt, and then for the step. */
  private static final Duration A_MOMENT = Duration.ofSeconds(10);

  /** Details looked at of each workflow and status. */
  private static final int EXAMPLES = 10;

  /** An instance by its address. */
  record Named(String workflow, String id) {}

  /** An instance as its row and its detail tell it. */
  record Seen(String workflow, ListedInstance row, InstanceDetail detail) {
    boolean ended() {
      return ENDED.contains(detail.status());
    }

    @Override
    public String toString() {
      return workflow + "/" + row.id() + ", " + row.status();
    }
  }

  /** The source looked at, the same in all tests of the class. */
  abstract Source source();

  /** Where the raw API lists the workflows. */
  abstract URI address();

  /** Whether answers bear a Date, so that the source's clock may be another one than ours. */
  abstract boolean bearsDates();

  /** The ids of all instances, by the names of all workflows, as whoever created them knows. */
  abstract Map<String, Set<String>> created();

  /** An instance that ended {@code complete} and was never restarted. */
  abstract Named neverRestarted();

  /** A text within what {@link #neverRestarted} was given or returned, and nowhere else. */
  abstract String payload();

  /** An ended instance that the test may restart. */
  abstract Named toBeRestarted();

  /** Restarts an instance; when this returns, the new life is there and at rest. */
  abstract void restart(Named instance);

  @Test
  void everyWorkflowIsListedOnceWithItsName() throws Exception {
    assertThat(workflows())
        .extracting(ListedWorkflow::name)
        .containsExactlyInAnyOrderElementsOf(created().keySet());
  }

  @Test
  void aWorkflowAskedForByNameIsTheOneListed() throws Exception {
    for (ListedWorkflow listed : workflows()) {
      ListedWorkflow asked = source().workflow(permit(), listed.name()).value();

      assertThat(asked.name()).isEqualTo(listed.name());
      assertThat(asked.className()).isEqualTo(listed.className()).isPresent();
      assertThat(asked.scriptName()).isEqualTo(listed.scriptName()).isPresent();
    }
  }

  @Test
  void pagingToTheEndTellsEveryInstanceOnce() throws Exception {
    int most = 0;
    for (String workflow : created().keySet()) {
      List<ResponsePage<ListedInstance>> pages =
          pages(workflow, Optional.empty(), Direction.NEWEST_FIRST);
      most = Math.max(most, pages.size());

      assertThat(rows(pages))
          .as(workflow)
          .extracting(ListedInstance::id)
          .containsExactlyInAnyOrderElementsOf(created().get(workflow));
      assertThat(pages).as(workflow).allMatch(page -> page.skipped() == 0);
    }
    assertThat(most).as("pages of the longest list").isGreaterThan(1);
  }

  @Test
  void everyRowTellsStatusAndCreation() throws Exception {
    for (String workflow : created().keySet()) {
      assertThat(rows(workflow))
          .allSatisfy(
              row -> {
                assertThat(row.id()).isNotEmpty();
                assertThat(row.status()).isNotIn("", "unknown");
                assertThat(row.createdOn()).isPresent();
                assertThat(row.modifiedOn().isPresent())
                    .isEqualTo(source().traits().tellsModification());
              });
    }
  }

  @Test
  void countsByStatusAddUpToTheRows() throws Exception {
    for (ListedWorkflow workflow : workflows()) {
      Map<String, Long> counts = new TreeMap<>(workflow.instances());
      counts.values().removeIf(count -> count == 0);
      Map<String, Long> rows =
          rows(workflow.name()).stream()
              .collect(
                  Collectors.groupingBy(
                      ListedInstance::status, TreeMap::new, Collectors.counting()));

      assertThat(counts)
          .as(workflow.name())
          .isEqualTo(source().traits().listCarriesCounts() ? rows : Map.of());
    }
  }

  @Test
  void listsAreInOrderOfCreationAndOfOneStatusWhereThatCanBeAsked() throws Exception {
    assumeThat(source().traits().newestFirst()).isTrue();
    for (String workflow : created().keySet()) {
      List<ListedInstance> newestFirst = rows(workflow);
      List<ListedInstance> oldestFirst =
          rows(pages(workflow, Optional.empty(), Direction.OLDEST_FIRST));
      Comparator<ListedInstance> byCreation =
          Comparator.comparing(row -> row.createdOn().orElseThrow());

      assertThat(newestFirst).isSortedAccordingTo(byCreation.reversed());
      assertThat(oldestFirst).isSortedAccordingTo(byCreation).hasSameSizeAs(newestFirst);
      for (String status : ENDED) {
        assertThat(rows(pages(workflow, Optional.of(status), Direction.NEWEST_FIRST)))
            .as("%s, %s", workflow, status)
            .containsExactlyElementsOf(
                newestFirst.stream().filter(row -> row.status().equals(status)).toList());
      }
    }
  }

  @Test
  void rowAndDetailAgreeOnTheStatusAndTimesRise() throws Exception {
    for (Seen seen : examples()) {
      InstanceDetail detail = seen.detail();
      Instant queued = detail.queued().orElseThrow();

      assertThat(detail.status()).as(seen.toString()).isEqualTo(seen.row().status());
      assertThat(seen.row().createdOn().orElseThrow()).isBeforeOrEqualTo(queued);
      assertThat(detail.start().orElse(queued)).as(seen.toString()).isAfterOrEqualTo(queued);
      assertThat(detail.end().isPresent()).as(seen + " has an end").isEqualTo(seen.ended());
      detail
          .end()
          .ifPresent(end -> assertThat(end).isAfterOrEqualTo(detail.start().orElse(queued)));
    }
  }

  @Test
  void anInstanceIsQueuedSoonAfterItsCreation() throws Exception {
    Seen seen = seen(neverRestarted());
    Instant created = seen.row().createdOn().orElseThrow();

    assertThat(seen.detail().queued().orElseThrow())
        .isBetween(created, created.plus(QUEUED_WITHIN));
  }

  @Test
  void aCompleteInstanceHasNoErrorAndNothingUnfinished() throws Exception {
    assertThat(examples("complete"))
        .isNotEmpty()
        .allSatisfy(
            seen -> {
              assertThat(seen.detail().start()).isPresent();
              assertThat(seen.detail().error()).isEmpty();
              assertThat(seen.detail().steps())
                  .as(seen.toString())
                  .allMatch(step -> step.getStart() != null && step.getEnd() != null);
            });
  }

  @Test
  void anErroredInstanceTellsItsError() throws Exception {
    assertThat(examples("errored"))
        .isNotEmpty()
        .allSatisfy(
            seen -> {
              assertThat(seen.detail().error()).isPresent();
              assertThat(seen.detail().error().get().getName()).isNotEmpty();
              assertThat(seen.detail().error().get().getMessage()).isNotEmpty();
            });
  }

  /** Code can throw between its steps, too: then none has failed. */
  @Test
  void anErrorComesFromTheLastStepOrFromNone() throws Exception {
    List<Seen> errored = examples("errored");

    assertThat(errored).allMatch(seen -> lastStepFailed(seen) || noStepFailed(seen));
    assertThat(errored).as("an error of a step").anyMatch(SourceExpectations::lastStepFailed);
    assertThat(errored).as("an error of no step").anyMatch(SourceExpectations::noStepFailed);
  }

  private static boolean lastStepFailed(Seen seen) {
    return forward(seen).stream()
        .filter(step -> step.getEnd() != null)
        .reduce((one, next) -> next.getEnd().isBefore(one.getEnd()) ? one : next)
        .filter(SourceExpectations::failed)
        .isPresent();
  }

  private static boolean noStepFailed(Seen seen) {
    return forward(seen).stream().noneMatch(SourceExpectations::failed);
  }

  /** Its steps but those that undo others, which begin after the failure. */
  private static List<Step> forward(Seen seen) {
    return seen.detail().steps().stream()
        .filter(step -> !step.getType().equals("rollback"))
        .toList();
  }

  @Test
  void aTerminatedInstanceKeepsUnfinishedStepsWithoutEnd() throws Exception {
    List<Seen> terminated = examples("terminated");

    assertThat(terminated).isNotEmpty().allMatch(seen -> seen.detail().error().isEmpty());
    assertThat(steps(terminated))
        .anyMatch(step -> step.getEnd() == null && !step.getType().equals("termination"));
  }

  @Test
  void whoSleepsOrWaitsShowsItAsAStepWithoutEnd() throws Exception {
    List<Step> unfinished =
        steps(examples().stream().filter(seen -> !seen.ended()).toList()).stream()
            .filter(step -> step.getEnd() == null)
            .toList();

    assertThat(unfinished).extracting(Step::getType).contains("sleep", "waitForEvent");
    assertThat(unfinished)
        .allMatch(step -> step.getStart() != null && !Boolean.TRUE.equals(step.getFinished()));
  }

  @Test
  void stepsAndTheirAttemptsComeInOrderOfTheirStarts() throws Exception {
    for (Seen seen : examples()) {
      assertThat(seen.detail().steps())
          .as(seen.toString())
          .extracting(Step::getStart)
          .filteredOn(start -> start != null)
          .isSorted();
      for (Step step : seen.detail().steps()) {
        assertThat(step.getAttempts())
            .as("%s: %s", seen, step.getName())
            .extracting(Attempt::getStart)
            .isSorted();
        assertTheLastAttemptEndsTheStep(step);
      }
    }
  }

  private static void assertTheLastAttemptEndsTheStep(Step step) {
    List<Attempt> attempts = step.getAttempts();
    if (step.getEnd() != null && !attempts.isEmpty()) {
      Instant end = attempts.get(attempts.size() - 1).getEnd();
      assertThat(end).isBetween(step.getEnd().minus(A_MOMENT), step.getEnd().plus(ROUNDING));
    }
  }

  @Test
  void theLimitOfAStepCountsRetries() throws Exception {
    List<Step> limited =
        steps(examples()).stream().filter(step -> step.getRetryLimit() != null).toList();

    assertThat(limited).allMatch(step -> step.getAttempts().size() <= step.getRetryLimit() + 1);
    assertThat(limited)
        .as("a step that failed in its first attempt and all its retries")
        .anyMatch(
            step ->
                step.getRetryLimit() > 0
                    && failed(step)
                    && step.getAttempts().size() == step.getRetryLimit() + 1);
  }

  @Test
  void namesCarryACounterThatBeginsWithOne() throws Exception {
    boolean counted = false;
    for (Seen seen : examples()) {
      Set<String> names = new HashSet<>();
      for (Step step : seen.detail().steps()) {
        if (Set.of("step", "sleep", "waitForEvent").contains(step.getType())) {
          Matcher name = NAME.matcher(step.getName());
          assertThat(name.matches()).as("%s: %s", seen, step.getName()).isTrue();
          names.add(step.getName());
          if (!name.group(2).equals("1")) {
            counted = true;
            assertThat(names).contains(name.group(1) + "-" + (Integer.parseInt(name.group(2)) - 1));
          }
        }
      }
    }
    assertThat(counted).as("a name that was used twice").isTrue();
  }

  /** To ask for it in the local runtime would make a ghost. */
  @Test
  void anUnknownIdIsNotFoundInTheApisOwnWords() throws Exception {
    assumeThat(source().traits().tellsNotFound()).isTrue();
    String workflow = created().keySet().iterator().next();

    ApiFailureException thrown =
        catchThrowableOfType(
            ApiFailureException.class,
            () -> source().instance(permit(), workflow, "never-created"));

    assertThat(thrown.failure()).isInstanceOf(ApiFailure.NotFound.class);
    assertThat(((ApiFailure.NotFound) thrown.failure()).saysNoSuchInstance()).isTrue();
    assertThat(rows(workflow)).extracting(ListedInstance::id).doesNotContain("never-created");
  }

  @Test
  void whatAnInstanceWorkedOnIsMeasuredAndNotKept() throws Exception {
    Named instance = neverRestarted();
    InstanceDetail detail = seen(instance).detail();

    assertThat(raw("/" + instance.workflow() + "/instances/" + instance.id()).body())
        .contains(payload());
    assertThat(detail.toString()).doesNotContain(payload());
    assertThat(detail.steps()).anyMatch(step -> step.getOutputBytes() != null);
  }

  @Test
  void aRestartKeepsTheIdAndIsQueuedAnew() throws Exception {
    Named instance = toBeRestarted();
    Seen before = seen(instance);

    restart(instance);

    Seen after = seen(instance);
    assertThat(after.detail().queued().orElseThrow())
        .isAfter(before.detail().queued().orElseThrow())
        .isAfterOrEqualTo(before.detail().end().orElseThrow());
    assertThat(after.row().createdOn()).isEqualTo(before.row().createdOn());
    assertThat(after.ended()).isFalse();
    assertThat(rows(instance.workflow()))
        .extracting(ListedInstance::id)
        .containsOnlyOnce(instance.id());
  }

  @Test
  void answersBearTheDateThatTheyAreStampedBy() throws Exception {
    Optional<Instant> date =
        raw("")
            .headers()
            .firstValue("date")
            .map(text -> ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME))
            .map(ZonedDateTime::toInstant);
    Instant respondedAt = source().workflows(permit(), Optional.empty()).respondedAt();

    assertThat(date.isPresent()).isEqualTo(bearsDates());
    assertThat(date.orElse(respondedAt))
        .isBetween(respondedAt.minusSeconds(60), respondedAt.plusSeconds(3));
  }

  private HttpResponse<String> raw(String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(address() + path))
            .timeout(Duration.ofSeconds(30))
            .build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
  }

  /** A failed step says so; a wait whose time is over may tell only its error. */
  private static boolean failed(Step step) {
    return Boolean.FALSE.equals(step.getSuccess()) || step.getError() != null;
  }

  private static List<Step> steps(List<Seen> instances) {
    return instances.stream().flatMap(seen -> seen.detail().steps().stream()).toList();
  }

  private List<Seen> examples(String status) throws Exception {
    return examples().stream().filter(seen -> seen.row().status().equals(status)).toList();
  }

  /** Some of each workflow and status. */
  private List<Seen> examples() throws Exception {
    List<Seen> examples = new ArrayList<>();
    for (String workflow : created().keySet()) {
      Map<String, Integer> taken = new TreeMap<>();
      for (ListedInstance row : rows(workflow)) {
        if (taken.merge(row.status(), 1, Integer::sum) <= EXAMPLES) {
          examples.add(seen(workflow, row));
        }
      }
    }
    return examples;
  }

  private Seen seen(Named instance) throws Exception {
    for (ListedInstance row : rows(instance.workflow())) {
      if (row.id().equals(instance.id())) {
        return seen(instance.workflow(), row);
      }
    }
    throw new AssertionError(instance + " is not listed");
  }

  private Seen seen(String workflow, ListedInstance row) throws Exception {
    return new Seen(workflow, row, source().instance(permit(), workflow, row.id()).value());
  }

  private List<ListedWorkflow> workflows() throws Exception {
    return rows(pages(at -> source().workflows(permit(), at).value()));
  }

  private List<ListedInstance> rows(String workflow) throws Exception {
    return rows(pages(workflow, Optional.empty(), Direction.NEWEST_FIRST));
  }

  private static <T> List<T> rows(List<ResponsePage<T>> pages) {
    return pages.stream().flatMap(page -> page.rows().stream()).toList();
  }

  private List<ResponsePage<ListedInstance>> pages(
      String workflow, Optional<String> status, Direction direction) throws Exception {
    return pages(at -> source().instances(permit(), workflow, status, direction, at).value());
  }

  /** A page of a list from where the page before said. */
  private interface Pages<T> {
    ResponsePage<T> at(Optional<String> next) throws Exception;
  }

  private static <T> List<ResponsePage<T>> pages(Pages<T> list) throws Exception {
    List<ResponsePage<T>> pages = new ArrayList<>();
    Optional<String> next = Optional.empty();
    do {
      ResponsePage<T> page = list.at(next);
      pages.add(page);
      next = page.next();
    } while (next.isPresent());
    return pages;
  }

  private Permit permit() throws InterruptedException {
    return source().budget().acquire(Priority.USUAL);
  }
}
