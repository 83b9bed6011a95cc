package io.flowmeter.ingest.source;

import io.flowmeter.ingest.budget.Budget;
import io.flowmeter.ingest.budget.Permit;
import io.flowmeter.ingest.source.WorkflowsApiClient.Authorization;
import io.flowmeter.ingest.telemetry.RequestKind;
import java.net.URI;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Cloudflare's local runtime ({@code wrangler dev}): no account, no token, numbered pages, rows of
 * id, status and creation only. A GET of an id that was never created makes a ghost, so absence
 * shows in whole lists alone.
 */
final class LocalRuntimeSource implements Source {
  /** Stands in the place of the account, which the local runtime has none of. */
  static final String ACCOUNT = "local";

  private static final String PER_PAGE = "100";
  private static final Traits TRAITS = new Traits(false, false, false, false);

  private final URI base;
  private final WorkflowsApiClient api;

  LocalRuntimeSource(URI base, WorkflowsApiClient api) {
    this.base = base;
    this.api = api;
  }

  @Override
  public String account() {
    return ACCOUNT;
  }

  @Override
  public Traits traits() {
    return TRAITS;
  }

  @Override
  public Budget budget() {
    return api.budget();
  }

  private ApiPath workflowsPath() {
    return ApiPath.under(base).segment("workflows");
  }

  @Override
  public ApiResponse<ResponsePage<ListedWorkflow>> workflows(Permit permit, Optional<String> at)
      throws ApiFailureException, InterruptedException {
    return PageNumberPagination.read(
        at,
        OptionalInt.empty(),
        page ->
            api.get(
                permit,
                RequestKind.WORKFLOWS,
                workflowsPath().parameter("page", page).parameter("per_page", PER_PAGE),
                Authorization.NONE,
                ApiJson.rows(ApiJson::workflow)));
  }

  @Override
  public ApiResponse<ListedWorkflow> workflow(Permit permit, String workflow)
      throws ApiFailureException, InterruptedException {
    return api.get(
            permit,
            RequestKind.WORKFLOW,
            workflowsPath().segment(workflow),
            Authorization.NONE,
            ApiJson::workflow)
        .map(envelope -> envelope.result().orElseThrow());
  }

  @Override
  public ApiResponse<ResponsePage<ListedInstance>> instances(
      Permit permit,
      String workflow,
      Optional<String> status,
      Direction direction,
      Optional<String> at)
      throws ApiFailureException, InterruptedException {
    return PageNumberPagination.read(
        at,
        OptionalInt.empty(),
        page ->
            api.get(
                permit,
                RequestKind.INSTANCES,
                workflowsPath()
                    .segment(workflow)
                    .segment("instances")
                    .parameter("page", page)
                    .parameter("per_page", PER_PAGE),
                Authorization.NONE,
                ApiJson.rows(ApiJson::instance)));
  }

  @Override
  public ApiResponse<InstanceDetail> instance(Permit permit, String workflow, String id)
      throws ApiFailureException, InterruptedException {
    return api.get(
            permit,
            RequestKind.INSTANCE,
            workflowsPath().segment(workflow).segment("instances").segment(id, api.describe(id)),
            Authorization.NONE,
            api.details()::read)
        .map(envelope -> envelope.result().orElseThrow());
  }

  /** It knows no versions; asking costs a 404 in plain text. */
  @Override
  public ApiResponse<ResponsePage<ListedVersion>> versions(
      Permit permit, String workflow, Optional<String> at)
      throws ApiFailureException, InterruptedException {
    return PageNumberPagination.read(
        at,
        OptionalInt.empty(),
        page ->
            api.get(
                permit,
                RequestKind.VERSIONS,
                workflowsPath()
                    .segment(workflow)
                    .segment("versions")
                    .parameter("page", page)
                    .parameter("per_page", PER_PAGE),
                Authorization.NONE,
                ApiJson.rows(ApiJson::version)));
  }

  @Override
  public void close() {
    api.close();
  }
}
