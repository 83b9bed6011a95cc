package io.flowmeter.ingest.poll;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.ingest.poll.WorkflowPagination.Listed;
import io.flowmeter.ingest.source.ApiResponse;
import io.flowmeter.ingest.source.ListedWorkflow;
import io.flowmeter.ingest.source.ResponsePage;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WorkflowPaginationTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

  private final WorkflowPagination pages = new WorkflowPagination();
  private int seconds;

  private static ListedWorkflow workflow(String name) {
    return new ListedWorkflow(
        name,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** A page that leads on, a second after the one before. */
  private Optional<Listed> page(int skipped, String... names) {
    return take(skipped, Optional.of("next"), names);
  }

  private Optional<Listed> lastPage(int skipped, String... names) {
    return take(skipped, Optional.empty(), names);
  }

  private Optional<Listed> take(int skipped, Optional<String> next, String... names) {
    Instant requestedAt = NOON.plusSeconds(seconds++);
    return pages.take(
        new ApiResponse<>(
            new ResponsePage<>(
                Arrays.stream(names).map(WorkflowPaginationTest::workflow).toList(), skipped, next),
            requestedAt,
            requestedAt.plusMillis(100)));
  }

  @Test
  void pagesAreOneListThatWasAskedForWithTheFirst() {
    assertThat(page(0, "a", "b")).isEmpty();
    assertThat(pages.at()).contains("next");
    Listed listed = lastPage(0, "b", "c").orElseThrow();
    assertThat(listed.rows().value())
        .extracting(ListedWorkflow::name)
        .containsExactly("a", "b", "c");
    assertThat(listed.rows().requestedAt()).isEqualTo(NOON);
    assertThat(listed.rows().respondedAt()).isEqualTo(NOON.plusMillis(1_100));
    assertThat(listed.each())
        .as("each as of the page that showed it last")
        .extracting(ApiResponse::respondedAt)
        .containsExactly(NOON.plusMillis(100), NOON.plusMillis(1_100), NOON.plusMillis(1_100));
    assertThat(listed.whole()).isTrue();
    assertThat(pages.at()).isEmpty();
  }

  @Test
  void aPageThatShowsNoOtherEndsTheListThoughItLeadsOn() {
    assertThat(page(0, "a", "b")).isEmpty();
    assertThat(page(0, "a", "b")).isPresent();
  }

  @Test
  void aListIsNotWholeWhereARowOfAnyPageWasSkipped() {
    assertThat(page(1, "a")).isEmpty();
    assertThat(lastPage(0, "b").orElseThrow().whole()).isFalse();
    assertThat(lastPage(0, "a", "b").orElseThrow().whole()).as("the next list").isTrue();
  }

  @Test
  void whatWasReadBeforeAFailureIsPutAway() {
    assertThat(page(1, "a")).isEmpty();
    pages.restart();
    assertThat(pages.at()).isEmpty();
    Listed listed = lastPage(0, "b").orElseThrow();
    assertThat(listed.rows().value()).hasSize(1);
    assertThat(listed.whole()).isTrue();
  }
}
