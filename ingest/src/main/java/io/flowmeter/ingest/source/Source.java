package io.flowmeter.ingest.source;

import io.flowmeter.ingest.budget.Budget;
import io.flowmeter.ingest.budget.Permit;
import java.util.Optional;

/**
 * Where workflows and their instances can be seen. Implementations are safe for use by many
 * threads, bound every request in time, and repeat what may pass.
 *
 * <p>Whoever asks brings a permit of the {@link #budget}, so that what to ask can be chosen when it
 * may go; to repeat a request the source takes further ones.
 *
 * <p>Every method blocks until the answer is in and throws {@link ApiFailureException} where there
 * is none, {@link InterruptedException} where the thread is to stop.
 */
public interface Source extends AutoCloseable {

  /** The account of whatever is seen here; {@code local} where the source has none. */
  String account();

  Traits traits();

  /** Whose permits are spent here. */
  Budget budget();

  /**
   * What a source can tell.
   *
   * @param listCarriesCounts the list of workflows tells each one's instances by status
   * @param newestFirst the list of instances comes newest first, by cursor, and can be asked for
   *     one status; else only the whole list tells all
   * @param tellsNotFound asking for an instance that is gone says so, and does no harm
   * @param tellsModification a row changes when its instance was restarted
   */
  record Traits(
      boolean listCarriesCounts,
      boolean newestFirst,
      boolean tellsNotFound,
      boolean tellsModification) {}

  /**
   * A page of the workflows.
   *
   * @param at empty for the first page, then what the page before named as next
   */
  ApiResponse<ResponsePage<ListedWorkflow>> workflows(Permit permit, Optional<String> at)
      throws ApiFailureException, InterruptedException;

  /** One workflow with its counts of instances by status. */
  ApiResponse<ListedWorkflow> workflow(Permit permit, String workflow)
      throws ApiFailureException, InterruptedException;

  /** In which order of their creation instances are listed. */
  enum Direction {
    NEWEST_FIRST,
    OLDEST_FIRST
  }

  /**
   * A page of a workflow's instances.
   *
   * @param status only instances in it; ignored by sources that are not {@code newestFirst}
   * @param direction ignored by sources that are not {@code newestFirst}
   * @param at empty for the first page, then what the page before named as next
   */
  ApiResponse<ResponsePage<ListedInstance>> instances(
      Permit permit,
      String workflow,
      Optional<String> status,
      Direction direction,
      Optional<String> at)
      throws ApiFailureException, InterruptedException;

  /** An instance's detail. Ask only for ids that a list told. */
  ApiResponse<InstanceDetail> instance(Permit permit, String workflow, String id)
      throws ApiFailureException, InterruptedException;

  /** A page of a workflow's versions; an empty one where the source knows none. */
  ApiResponse<ResponsePage<ListedVersion>> versions(
      Permit permit, String workflow, Optional<String> at)
      throws ApiFailureException, InterruptedException;

  @Override
  void close();
}
