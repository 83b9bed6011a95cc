package io.flowmeter.ingest.poll;

import io.flowmeter.ingest.source.ApiResponse;
import io.flowmeter.ingest.source.ListedWorkflow;
import io.flowmeter.schemas.fact.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The workflows of an account, as last told. Tells only what changed. Used by one thread. */
final class WorkflowRegistry {
  /** A source that starts may list nothing in place of an error. */
  private static final Duration EMPTY_IS_BELIEVED_AFTER = FullSweep.EMPTY_IS_BELIEVED_AFTER;

  private final String account;
  private final Map<String, Workflow> published = new HashMap<>();
  private final Map<String, Instant> missingSince = new HashMap<>();

  WorkflowRegistry(String account, List<Workflow> stored) {
    this.account = account;
    stored.forEach(workflow -> published.put(workflow.getWorkflow(), workflow));
  }

  /**
   * What a list of workflows changes; a workflow that two whole ones leave out is deleted. Where a
   * list is empty, it is not before it was left out for a minute.
   *
   * @param whole no row of it was skipped: who is in none is not there
   */
  List<Workflow> listed(ApiResponse<List<ListedWorkflow>> list, boolean whole) {
    List<Workflow> changes = new ArrayList<>();
    for (ListedWorkflow workflow : list.value()) {
      missingSince.remove(workflow.name());
      Workflow now = record(account, workflow, list.respondedAt());
      if (isChanged(published.get(workflow.name()), now)) {
        changes.add(now);
      }
    }
    Set<String> present =
        list.value().stream().map(ListedWorkflow::name).collect(Collectors.toSet());
    for (Workflow known : List.copyOf(published.values())) {
      if (whole && !present.contains(known.getWorkflow()) && known.getDeletedAt() == null) {
        Duration atLeast = present.isEmpty() ? EMPTY_IS_BELIEVED_AFTER : Duration.ZERO;
        missing(known, list.respondedAt(), atLeast).ifPresent(changes::add);
      }
    }
    return changes;
  }

  /** The id of a workflow, as last told. */
  Optional<String> id(String name) {
    return Optional.ofNullable(published.get(name)).map(Workflow::getWorkflowId);
  }

  /** When a workflow was made, as last told. */
  Optional<Instant> createdOn(String name) {
    return Optional.ofNullable(published.get(name)).map(Workflow::getCreatedAt);
  }

  /** When a workflow was first not there, where it was told that it is deleted. */
  Optional<Instant> deletedAt(String name) {
    return Optional.ofNullable(published.get(name)).map(Workflow::getDeletedAt);
  }

  /** A change was told, and is not told again. */
  void published(Workflow change) {
    published.put(change.getWorkflow(), change);
    missingSince.remove(change.getWorkflow());
  }

  private Optional<Workflow> missing(Workflow known, Instant at, Duration atLeast) {
    Instant since = missingSince.putIfAbsent(known.getWorkflow(), at);
    if (since == null || at.isBefore(since.plus(atLeast))) {
      return Optional.empty();
    }
    Workflow deleted = Workflow.newBuilder(known).setDeletedAt(since).build();
    deleted.setObservedAt(at);
    deleted.setRevision(at.toEpochMilli());
    return Optional.of(deleted);
  }

  private static Workflow record(String account, ListedWorkflow listed, Instant at) {
    Workflow workflow = new Workflow();
    workflow.setAccountId(account);
    workflow.setWorkflow(listed.name());
    workflow.setWorkflowId(listed.id().orElse(null));
    workflow.setClassName(listed.className().orElse(null));
    workflow.setScriptName(listed.scriptName().orElse(null));
    workflow.setCreatedAt(listed.createdOn().orElse(null));
    workflow.setModifiedAt(listed.modifiedOn().orElse(null));
    workflow.setTriggeredAt(listed.triggeredOn().orElse(null));
    workflow.setObservedAt(at);
    workflow.setRevision(at.toEpochMilli());
    workflow.setDeleted(false);
    return workflow;
  }

  private static boolean isChanged(Workflow before, Workflow now) {
    if (before == null) {
      return true;
    }
    Workflow alike = Workflow.newBuilder(before).build();
    alike.setObservedAt(now.getObservedAt());
    alike.setRevision(now.getRevision());
    return !alike.equals(now);
  }
}
