package io.flowmeter.bench.polling;

import io.flowmeter.clock.Clock;
import io.flowmeter.ingest.budget.Budget;
import io.flowmeter.ingest.budget.Permit;
import io.flowmeter.ingest.source.ApiFailureException;
import io.flowmeter.ingest.source.ApiResponse;
import io.flowmeter.ingest.source.InstanceDetail;
import io.flowmeter.ingest.source.ListedInstance;
import io.flowmeter.ingest.source.ListedVersion;
import io.flowmeter.ingest.source.ListedWorkflow;
import io.flowmeter.ingest.source.ResponsePage;
import io.flowmeter.ingest.source.Source;
import java.util.Optional;

/** Passes everything on and lets the measures see it. */
record WatchedSource(Source source, Measures measures, Clock clock) implements Source {

  private interface Asking<T> {
    ApiResponse<T> send() throws ApiFailureException, InterruptedException;
  }

  private <T> ApiResponse<T> watched(Asking<T> asking)
      throws ApiFailureException, InterruptedException {
    try {
      return asking.send();
    } finally {
      measures.requested(clock.nanos());
    }
  }

  @Override
  public String account() {
    return source.account();
  }

  @Override
  public Traits traits() {
    return source.traits();
  }

  @Override
  public Budget budget() {
    return source.budget();
  }

  @Override
  public ApiResponse<ResponsePage<ListedWorkflow>> workflows(Permit permit, Optional<String> at)
      throws ApiFailureException, InterruptedException {
    var response = watched(() -> source.workflows(permit, at));
    measures.workflows(response.value(), at.isEmpty());
    return response;
  }

  @Override
  public ApiResponse<ListedWorkflow> workflow(Permit permit, String workflow)
      throws ApiFailureException, InterruptedException {
    return watched(() -> source.workflow(permit, workflow));
  }

  @Override
  public ApiResponse<ResponsePage<ListedInstance>> instances(
      Permit permit,
      String workflow,
      Optional<String> status,
      Direction direction,
      Optional<String> at)
      throws ApiFailureException, InterruptedException {
    return watched(() -> source.instances(permit, workflow, status, direction, at));
  }

  @Override
  public ApiResponse<InstanceDetail> instance(Permit permit, String workflow, String id)
      throws ApiFailureException, InterruptedException {
    var response = watched(() -> source.instance(permit, workflow, id));
    measures.detail(workflow, id, response.value(), clock.instant());
    return response;
  }

  @Override
  public ApiResponse<ResponsePage<ListedVersion>> versions(
      Permit permit, String workflow, Optional<String> at)
      throws ApiFailureException, InterruptedException {
    return watched(() -> source.versions(permit, workflow, at));
  }

  @Override
  public void close() {
    source.close();
  }
}
