package io.flowmeter.ingest.poll;

import io.flowmeter.ingest.poll.ApiRequest.Failure;
import io.flowmeter.ingest.source.ApiFailure;
import io.flowmeter.ingest.source.ApiResponse;
import io.flowmeter.ingest.source.ListedVersion;
import io.flowmeter.ingest.source.ResponsePage;
import io.flowmeter.schemas.fact.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lists a workflow's versions, now and then, and when an instance names one that is not known. Used
 * under the planner's lock.
 */
final class VersionListing {
  private static final Logger LOG = LoggerFactory.getLogger(VersionListing.class);

  private static final Duration AFTER_FAILURE = Duration.ofMinutes(1);

  private final PollerContext context;
  private final WorkflowState workflow;
  private final Set<String> named;
  private final Set<String> listed = new HashSet<>();
  private Optional<String> at = Optional.empty();

  private VersionListing(PollerContext context, WorkflowState workflow) {
    this.context = context;
    this.workflow = workflow;
    this.named = Set.copyOf(workflow.versionsNamed);
  }

  static boolean due(WorkflowState workflow, Instant now, Duration every) {
    return !workflow.versionsAsked
        && !now.isBefore(workflow.versionsNotBefore)
        && (!workflow.versionsNamed.isEmpty()
            || workflow.versionsListedAt.filter(last -> last.plus(every).isAfter(now)).isEmpty());
  }

  /** The question for the first page; the others follow by themselves. */
  static ApiRequest<?> first(PollerContext context, WorkflowState workflow, Instant now) {
    workflow.versionsAsked = true;
    workflow.versionsListedAt = Optional.of(now);
    return new VersionListing(context, workflow).page();
  }

  private ApiRequest<ResponsePage<ListedVersion>> page() {
    Optional<String> next = at;
    return new ApiRequest<>(
        "a page of the versions of " + workflow.name(),
        (source, permit) -> source.versions(permit, workflow.name(), next),
        this::take,
        this::failed);
  }

  private void take(ApiResponse<ResponsePage<ListedVersion>> page) throws InterruptedException {
    boolean leadsOn = false;
    for (ListedVersion version : page.value().rows()) {
      leadsOn |= listed.add(version.id());
      Optional<Version> changed = changed(version, page.respondedAt());
      if (changed.isPresent()) {
        context.sink().version(changed.get());
      }
    }
    at = page.value().next();
    if (at.isPresent() && leadsOn) {
      workflow.moreVersions = Optional.of(page());
    } else {
      listed();
    }
  }

  private void listed() {
    workflow.versionsAsked = false;
    workflow.versionsFailures = 0;
    workflow.versionsNamed.removeAll(named);
    named.stream()
        .filter(version -> !workflow.versions.containsKey(version))
        .forEach(workflow.versionsMissed::add);
  }

  private void failed(Failure failure) {
    if (failure.fault().filter(e -> e.failure() instanceof ApiFailure.NotFound).isPresent()) {
      // The local runtime knows no versions.
      listed();
      return;
    }
    workflow.versionsAsked = false;
    workflow.versionsFailures++;
    workflow.versionsNotBefore =
        context
            .clock()
            .instant()
            .plus(RetryBackoff.after(workflow.versionsFailures, AFTER_FAILURE));
    LOG.warn("{}", failure.message());
    context.stats().problem(failure.message());
  }

  /** The record of a version, where it is not the one last told. */
  private Optional<Version> changed(ListedVersion listed, Instant at) {
    Version version = new Version();
    version.setAccountId(workflow.key().account());
    version.setWorkflow(workflow.name());
    version.setVersionId(listed.id());
    version.setCreatedAt(listed.createdOn().orElse(null));
    version.setModifiedAt(listed.modifiedOn().orElse(null));
    version.setClassName(listed.className().orElse(null));
    version.setHasDag(listed.hasDag().orElse(null));
    version.setStepLimit(listed.stepLimit().isPresent() ? listed.stepLimit().getAsLong() : null);
    version.setLanguage(listed.language().orElse(null));
    version.setObservedAt(at);
    version.setRevision(at.toEpochMilli());
    version.setDeleted(false);
    Version before = workflow.versions.put(listed.id(), version);
    if (before == null) {
      return Optional.of(version);
    }
    Version alike = Version.newBuilder(before).build();
    alike.setObservedAt(version.getObservedAt());
    alike.setRevision(version.getRevision());
    return alike.equals(version) ? Optional.empty() : Optional.of(version);
  }
}
