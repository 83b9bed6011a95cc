package io.flowmeter.ingest.source;

import io.flowmeter.ingest.budget.Budget;
import io.flowmeter.ingest.budget.Permit;
import io.flowmeter.ingest.source.WorkflowsApiClient.Authorization;
import io.flowmeter.ingest.telemetry.RequestKind;
import java.net.URI;
import java.util.Optional;
import java.util.OptionalInt;

/** Cloudflare's API: an account, a token, lists of instances by cursor, newest first. */
final class ProductionSource implements Source {
  private static final String PER_PAGE = "100";
  private static final OptionalInt FULL = OptionalInt.of(100);
  private static final Traits TRAITS = new Traits(true, true, true, true);

  private final URI base;
  private final String account;
  private final WorkflowsApiClient api;

  ProductionSource(URI base, String account, WorkflowsApiClient api) {
    this.base = base;
    this.account = account;
    this.api = api;
  }

  @Override
  public String account() {
    return account;
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
    return ApiPath.under(base).segment("accounts").segment(account).segment("workflows");
  }

  @Override
  public ApiResponse<ResponsePage<ListedWorkflow>> workflows(Permit permit, Optional<String> at)
      throws ApiFailureException, InterruptedException {
    return PageNumberPagination.read(
        at,
        FULL,
        page ->
            api.get(
                permit,
                RequestKind.WORKFLOWS,
                workflowsPath().parameter("page", page).parameter("per_page", PER_PAGE),
                Authorization.TOKEN,
                ApiJson.rows(ApiJson::workflow)));
  }

  @Override
  public ApiResponse<ListedWorkflow> workflow(Permit permit, String workflow)
      throws ApiFailureException, InterruptedException {
    return api.get(
            permit,
            RequestKind.WORKFLOW,
            workflowsPath().segment(workflow),
            Authorization.TOKEN,
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
    ApiPath path =
        workflowsPath().segment(workflow).segment("instances").parameter("per_page", PER_PAGE);
    path.parameter("direction", direction == Direction.NEWEST_FIRST ? "desc" : "asc");
    status.ifPresent(one -> path.parameter("status", one));
    at.ifPresent(cursor -> path.parameter("cursor", cursor));
    return api.get(
            permit,
            RequestKind.INSTANCES,
            path,
            Authorization.TOKEN,
            ApiJson.rows(ApiJson::instance))
        .map(
            envelope -> {
              ApiJson.Rows<ListedInstance> rows = envelope.result().orElseThrow();
              return new ResponsePage<>(rows.rows(), rows.skipped(), envelope.paging().cursor());
            });
  }

  @Override
  public ApiResponse<InstanceDetail> instance(Permit permit, String workflow, String id)
      throws ApiFailureException, InterruptedException {
    return api.get(
            permit,
            RequestKind.INSTANCE,
            workflowsPath()
                .segment(workflow)
                .segment("instances")
                .segment(id, api.describe(id))
                .parameter("order", "asc"),
            Authorization.TOKEN,
            api.details()::read)
        .map(envelope -> envelope.result().orElseThrow());
  }

  @Override
  public ApiResponse<ResponsePage<ListedVersion>> versions(
      Permit permit, String workflow, Optional<String> at)
      throws ApiFailureException, InterruptedException {
    return PageNumberPagination.read(
        at,
        FULL,
        page ->
            api.get(
                permit,
                RequestKind.VERSIONS,
                workflowsPath()
                    .segment(workflow)
                    .segment("versions")
                    .parameter("page", page)
                    .parameter("per_page", PER_PAGE),
                Authorization.TOKEN,
                ApiJson.rows(ApiJson::version)));
  }

  @Override
  public void close() {
    api.close();
  }
}
