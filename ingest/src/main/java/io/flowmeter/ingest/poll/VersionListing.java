package io.flowmeter.ingest.poll;

import io.flowmeter.ingest.budget.Urgency;
import io.flowmeter.ingest.source.Answer;
import io.flowmeter.ingest.source.Fault;
import io.flowmeter.ingest.source.FaultException;
import io.flowmeter.ingest.source.ListedVersion;
import io.flowmeter.ingest.source.Page;
import io.flowmeter.schemas.fact.Version;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lists a workflow's versions, now and then, and when an instance names one that is not known. */
final class VersionListing {
  private static final Logger LOG = LoggerFactory.getLogger(VersionListing.class);

  private final Polling polling;
  private final KnownWorkflow workflow;

  VersionListing(Polling polling, KnownWorkflow workflow) {
    this.polling = polling;
    this.workflow = workflow;
  }

  void run(Instant now) throws InterruptedException {
    boolean recent =
        workflow
            .versionsListedAt
            .filter(at -> at.plus(polling.settings().versionsEvery()).isAfter(now))
            .isPresent();
    if (recent && workflow.versionsNamed.isEmpty()) {
      return;
    }
    Set<String> named = Set.copyOf(workflow.versionsNamed);
    try {
      list();
      workflow.versionsListedAt = Optional.of(now);
      workflow.versionsNamed.removeAll(named);
      named.stream()
          .filter(version -> !workflow.versions.containsKey(version))
          .forEach(workflow.versionsMissed::add);
    } catch (FaultException e) {
      LOG.warn("{}", e.getMessage());
      polling.tally().problem(e.getMessage());
    }
  }

  private void list() throws FaultException, InterruptedException {
    Optional<String> at = Optional.empty();
    do {
      Answer<Page<ListedVersion>> page;
      try {
        page =
            polling
                .source()
                .versions(polling.source().budget().acquire(Urgency.USUAL), workflow.name(), at);
      } catch (FaultException e) {
        if (e.fault() instanceof Fault.NotFound) {
          // The local runtime knows no versions.
          return;
        }
        throw e;
      }
      for (ListedVersion version : page.value().rows()) {
        Optional<Version> changed = changed(version, page.answered());
        if (changed.isPresent()) {
          polling.publisher().put(polling.units().version(changed.get()));
        }
      }
      at = page.value().next();
    } while (at.isPresent());
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
