package io.flowmeter.ingest.poll;

import io.flowmeter.ingest.budget.Urgency;
import io.flowmeter.ingest.observe.Memory;
import io.flowmeter.ingest.publish.Publisher;
import io.flowmeter.ingest.publish.Stored;
import io.flowmeter.ingest.publish.Units;
import io.flowmeter.ingest.source.Answer;
import io.flowmeter.ingest.source.FaultException;
import io.flowmeter.ingest.source.ListedWorkflow;
import io.flowmeter.ingest.source.Page;
import io.flowmeter.ingest.source.Source;
import io.flowmeter.schemas.checkpoint.Checkpoint;
import io.flowmeter.schemas.fact.Version;
import io.flowmeter.schemas.fact.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lists the workflows of an account at every interval and sweeps those whose sweep before has
 * ended, side by side, so that one that hangs does not hold up the others.
 */
public final class Poller implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Poller.class);

  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(1);

  private final Source source;
  private final PollSettings settings;
  private final Polling polling;
  private final Directory directory;
  private final Map<String, KnownWorkflow> workflows = new ConcurrentHashMap<>();
  private final Set<String> busy = ConcurrentHashMap.newKeySet();
  private final ExecutorService sweeps;
  private final ExecutorService visits;
  private final Thread loop;
  private final Outage outage = new Outage();
  private int lastListed;
  private final CountDownLatch stopping = new CountDownLatch(1);

  public Poller(
      Source source,
      PollSettings settings,
      Stored stored,
      Units units,
      Publisher publisher,
      Tally tally) {
    this.source = source;
    this.settings = settings;
    this.directory = new Directory(source.account(), stored.workflows());
    this.sweeps =
        Executors.newFixedThreadPool(
            settings.concurrency(), work -> new Thread(work, "flowmeter-ingest-sweep"));
    this.visits =
        Executors.newFixedThreadPool(
            settings.concurrency(), work -> new Thread(work, "flowmeter-ingest-visit"));
    this.polling =
        new Polling(
            source, units, publisher, visits, settings, tally, () -> stopping.getCount() == 0);
    for (Checkpoint checkpoint : stored.checkpoints()) {
      workflow(checkpoint.getWorkflow()).restore(checkpoint);
    }
    for (Version version : stored.versions()) {
      workflow(version.getWorkflow()).versions.put(version.getVersionId(), version);
    }
    this.loop = new Thread(this::run, "flowmeter-ingest-poller");
    loop.start();
  }

  private KnownWorkflow workflow(String name) {
    return workflows.computeIfAbsent(name, any -> new KnownWorkflow(source.account(), name));
  }

  /** Whom the poller knows of. */
  public record Known(int workflows, int instances, int live, int ended, int skippedRows) {}

  public Known known() {
    int instances = 0;
    int live = 0;
    int ended = 0;
    int skipped = 0;
    for (KnownWorkflow workflow : workflows.values()) {
      skipped += workflow.skippedRows;
      for (Memory memory : workflow.instances.values()) {
        instances++;
        live += memory.live() ? 1 : 0;
        ended += memory.ended() ? 1 : 0;
      }
    }
    return new Known(workflows.size(), instances, live, ended, skipped);
  }

  private void run() {
    try {
      do {
        round();
      } while (!stopping.await(settings.interval().toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      LOG.debug("poller interrupted");
    }
  }

  private void round() throws InterruptedException {
    if (lastListed > 0 && busy.size() >= lastListed) {
      return;
    }
    try {
      Answer<List<ListedWorkflow>> list = list();
      lastListed = list.value().size();
      outage.over("the source lists its workflows again");
      for (Workflow change : directory.listed(list)) {
        if (change.getDeletedAt() != null) {
          LOG.info("workflow {} was deleted", change.getWorkflow());
        } else if (!workflows.containsKey(change.getWorkflow())) {
          LOG.info("workflow {} is new", change.getWorkflow());
        }
        polling.publisher().put(polling.units().workflow(change));
      }
      for (ListedWorkflow listed : list.value()) {
        if (busy.add(listed.name())) {
          sweeps.execute(() -> sweep(workflow(listed.name()), list.map(any -> listed)));
        }
      }
    } catch (FaultException e) {
      outage.told(e.getMessage());
      polling.tally().problem(e.getMessage());
    } catch (RuntimeException e) {
      failed("listing the workflows", e);
    }
  }

  private Answer<List<ListedWorkflow>> list() throws FaultException, InterruptedException {
    List<ListedWorkflow> all = new ArrayList<>();
    Optional<Instant> asked = Optional.empty();
    Optional<String> at = Optional.empty();
    Answer<Page<ListedWorkflow>> page;
    do {
      page = source.workflows(source.budget().acquire(Urgency.USUAL), at);
      asked = asked.isPresent() ? asked : Optional.of(page.asked());
      all.addAll(page.value().rows());
      at = page.value().next();
    } while (at.isPresent());
    return new Answer<>(all, asked.orElseThrow(), page.answered());
  }

  private void sweep(KnownWorkflow workflow, Answer<ListedWorkflow> listed) {
    try {
      new VersionListing(polling, workflow).run(listed.answered());
      new Sweep(polling, workflow).run(listed);
    } catch (InterruptedException e) {
      LOG.debug("sweep of {} interrupted", workflow.name());
    } catch (RuntimeException e) {
      failed("the sweep of " + workflow.name(), e);
    } finally {
      busy.remove(workflow.name());
    }
  }

  private void failed(String what, RuntimeException e) {
    LOG.error("{} failed", what, e);
    polling.tally().problem(what + " failed: " + e);
  }

  /** Plans nothing more; what is on its way is taken in. */
  public void stop() {
    stopping.countDown();
  }

  /** Waits for what is on its way; false where it took too long. */
  public boolean awaitStopped(Duration timeout) throws InterruptedException {
    long until = System.nanoTime() + timeout.toNanos();
    loop.join(Math.max(1, timeout.toMillis()));
    sweeps.shutdown();
    boolean swept = sweeps.awaitTermination(until - System.nanoTime(), TimeUnit.NANOSECONDS);
    visits.shutdown();
    return swept && visits.awaitTermination(until - System.nanoTime(), TimeUnit.NANOSECONDS);
  }

  @Override
  public void close() {
    stop();
    try {
      // Whoever hands work over ends before whoever takes it.
      loop.interrupt();
      loop.join(CLOSE_WITHIN.toMillis());
      sweeps.shutdownNow();
      boolean swept = sweeps.awaitTermination(CLOSE_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
      visits.shutdownNow();
      boolean visited = visits.awaitTermination(CLOSE_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
      if (!swept || !visited) {
        LOG.warn("requests on their way did not end in time and are left alone");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
