package io.flowmeter.bench.polling;

import io.flowmeter.clock.Clock;
import io.flowmeter.ingest.budget.Budget;
import io.flowmeter.ingest.budget.Permit;
import io.flowmeter.ingest.source.Answer;
import io.flowmeter.ingest.source.FaultException;
import io.flowmeter.ingest.source.InstanceDetail;
import io.flowmeter.ingest.source.ListedInstance;
import io.flowmeter.ingest.source.ListedVersion;
import io.flowmeter.ingest.source.ListedWorkflow;
import io.flowmeter.ingest.source.Page;
import io.flowmeter.ingest.source.Source;
import java.util.Optional;

/** Passes everything on and lets the measures see it. */
record WatchedSource(Source source, Measures measures, Clock clock) implements Source {

  private interface Asking<T> {
    Answer<T> ask() throws FaultException, InterruptedException;
  }

  private <T> Answer<T> asked(Asking<T> asking) throws FaultException, InterruptedException {
    try {
      return asking.ask();
    } finally {
      measures.asked(clock.nanos());
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
  public Answer<Page<ListedWorkflow>> workflows(Permit permit, Optional<String> at)
      throws FaultException, InterruptedException {
    var answer = asked(() -> source.workflows(permit, at));
    measures.workflows(answer.value(), at.isEmpty());
    return answer;
  }

  @Override
  public Answer<ListedWorkflow> workflow(Permit permit, String workflow)
      throws FaultException, InterruptedException {
    return asked(() -> source.workflow(permit, workflow));
  }

  @Override
  public Answer<Page<ListedInstance>> instances(
      Permit permit,
      String workflow,
      Optional<String> status,
      Direction direction,
      Optional<String> at)
      throws FaultException, InterruptedException {
    return asked(() -> source.instances(permit, workflow, status, direction, at));
  }

  @Override
  public Answer<InstanceDetail> instance(Permit permit, String workflow, String id)
      throws FaultException, InterruptedException {
    var answer = asked(() -> source.instance(permit, workflow, id));
    measures.detail(workflow, id, answer.value(), clock.instant());
    return answer;
  }

  @Override
  public Answer<Page<ListedVersion>> versions(Permit permit, String workflow, Optional<String> at)
      throws FaultException, InterruptedException {
    return asked(() -> source.versions(permit, workflow, at));
  }

  @Override
  public void close() {
    source.close();
  }
}
