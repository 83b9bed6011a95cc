package io.flowmeter.bench.polling;

import io.flowmeter.clock.Clock;
import io.flowmeter.ingest.budget.Permit;
import io.flowmeter.ingest.budget.Priority;
import io.flowmeter.ingest.source.ApiFailure;
import io.flowmeter.ingest.source.ApiFailureException;
import io.flowmeter.ingest.source.ApiResponse;
import io.flowmeter.ingest.source.InstanceDetail;
import io.flowmeter.ingest.source.ListedInstance;
import io.flowmeter.ingest.source.ListedWorkflow;
import io.flowmeter.ingest.source.ResponsePage;
import io.flowmeter.ingest.source.Source;
import io.flowmeter.ingest.source.Source.Direction;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Lists all, gets all: pass after pass, every workflow's instances to the end of the list, and the
 * detail of each that is not known to have ended. It asks as fast as answers come, is blocked when
 * that was too fast, waits as long as it is told to, and goes on.
 */
final class NaivePoller implements PollerUnderTest {
  private static final Set<String> ENDED = Set.of("complete", "errored", "terminated");

  /** Else nothing would pass where nothing is to be asked. */
  private static final Duration REST = Duration.ofSeconds(10);

  private final Source source;
  private final Measures measures;
  private final Clock clock;
  private final Set<String> ended = new HashSet<>();
  private Instant end = Instant.MIN;
  private Instant passBegan;
  private Duration pass = REST;

  NaivePoller(Source source, Measures measures, Clock clock) {
    this.source = source;
    this.measures = measures;
    this.clock = clock;
    this.passBegan = clock.instant();
  }

  @Override
  public void runUntil(Instant until) throws InterruptedException {
    end = until;
    while (goesOn()) {
      passBegan = clock.instant();
      for (Optional<String> at = Optional.of(""); at.isPresent() && goesOn(); ) {
        Optional<String> here = at.filter(page -> !page.isEmpty());
        Optional<ResponsePage<ListedWorkflow>> page =
            send(permit -> source.workflows(permit, here));
        for (ListedWorkflow each : page.map(ResponsePage::rows).orElseGet(List::of)) {
          list(each.name());
        }
        at = page.flatMap(ResponsePage::next);
      }
      clock.sleep(REST);
      pass = Duration.between(passBegan, clock.instant());
    }
  }

  private boolean goesOn() {
    return clock.instant().isBefore(end);
  }

  private void list(String workflow) throws InterruptedException {
    for (Optional<String> at = Optional.of(""); at.isPresent() && goesOn(); ) {
      Optional<String> here = at.filter(cursor -> !cursor.isEmpty());
      Optional<ResponsePage<ListedInstance>> page =
          send(
              permit ->
                  source.instances(
                      permit, workflow, Optional.empty(), Direction.NEWEST_FIRST, here));
      for (ListedInstance row : page.map(ResponsePage::rows).orElseGet(List::of)) {
        published(workflow, row.id(), row.endedOn());
        get(workflow, row.id());
      }
      at = page.flatMap(ResponsePage::next);
    }
  }

  private void get(String workflow, String id) throws InterruptedException {
    String key = workflow + "/" + id;
    if (ended.contains(key) || !goesOn()) {
      return;
    }
    Optional<InstanceDetail> detail = send(permit -> source.instance(permit, workflow, id));
    if (detail.filter(each -> ENDED.contains(each.status())).isPresent()) {
      ended.add(key);
      published(workflow, id, detail.get().end());
    }
  }

  private void published(String workflow, String id, Optional<Instant> end) {
    end.ifPresent(at -> measures.published(workflow + "/" + id, at, clock.instant()));
  }

  private interface Asking<T> {
    ApiResponse<T> send(Permit permit) throws ApiFailureException, InterruptedException;
  }

  /** What was refused for the limit is asked again when that is over; what failed is left out. */
  private <T> Optional<T> send(Asking<T> asking) throws InterruptedException {
    while (goesOn()) {
      try {
        return Optional.of(asking.send(source.budget().acquire(Priority.USUAL)).value());
      } catch (ApiFailureException e) {
        if (!(e.failure() instanceof ApiFailure.RateLimited)) {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }

  @Override
  public Duration interval() {
    return pass;
  }

  /** It is always behind. */
  @Override
  public boolean hasBacklog() {
    return true;
  }

  @Override
  public void close() {}
}
