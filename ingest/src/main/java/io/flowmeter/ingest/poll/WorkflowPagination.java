package io.flowmeter.ingest.poll;

import io.flowmeter.ingest.source.ApiResponse;
import io.flowmeter.ingest.source.ListedWorkflow;
import io.flowmeter.ingest.source.ResponsePage;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Puts the pages of the list of workflows together. Used under the planner's lock. */
final class WorkflowPagination {
  private final Map<String, ApiResponse<ListedWorkflow>> shown = new LinkedHashMap<>();
  private Optional<String> at = Optional.empty();
  private Optional<Instant> firstAsked = Optional.empty();
  private int skipped;

  /**
   * A list.
   *
   * @param each each workflow once, in the order of the pages, and as of its page: between the
   *     first and the last the budget can be silent for minutes
   * @param requestedAt when the first page was asked for
   * @param respondedAt when the last page came
   * @param skipped rows that could not be used
   */
  record Listed(
      List<ApiResponse<ListedWorkflow>> each,
      Instant requestedAt,
      Instant respondedAt,
      int skipped) {
    /** All of it as one answer. */
    ApiResponse<List<ListedWorkflow>> rows() {
      return new ApiResponse<>(
          each.stream().map(ApiResponse::value).toList(), requestedAt, respondedAt);
    }

    /** Who is not in it is not there. */
    boolean whole() {
      return skipped == 0;
    }
  }

  /** Where the next page begins. */
  Optional<String> at() {
    return at;
  }

  /** What was read is put away: the next page is the first. */
  void restart() {
    shown.clear();
    at = Optional.empty();
    firstAsked = Optional.empty();
    skipped = 0;
  }

  /**
   * Adds a page. One that shows no other workflow ends the list, whatever is said to follow, for a
   * source that takes no notice of page numbers tells the same for ever.
   *
   * @return the list, where this was its last page
   */
  Optional<Listed> take(ApiResponse<ResponsePage<ListedWorkflow>> page) {
    firstAsked = firstAsked.or(() -> Optional.of(page.requestedAt()));
    int before = shown.size();
    page.value().rows().forEach(row -> shown.put(row.name(), page.map(any -> row)));
    skipped += page.value().skipped();
    at = page.value().next().filter(next -> shown.size() > before);
    if (at.isPresent()) {
      return Optional.empty();
    }
    Listed listed =
        new Listed(
            List.copyOf(shown.values()), firstAsked.orElseThrow(), page.respondedAt(), skipped);
    restart();
    return Optional.of(listed);
  }
}
