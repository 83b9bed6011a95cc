package io.flowmeter.bench.polling;

import io.flowmeter.ingest.source.ListedWorkflow;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The least number of list requests that can tell all: each interval one page for 100 workflows,
 * and for each workflow whose counts moved ⌈new ÷ 100⌉ + ⌈live ÷ 100⌉. From the simulator's own
 * counts, as its list of workflows tells them; nothing vanishes within a day, so that their sum
 * grows by what is new.
 */
final class ListBound {
  private static final int PER_PAGE = 100;
  private static final Set<String> ENDED = Set.of("complete", "errored", "terminated");

  private final Map<String, Map<String, Long>> last = new HashMap<>();
  private long requests;

  /** An interval begins with these counts. */
  void interval(List<ListedWorkflow> workflows) {
    requests += Math.max(1, pages(workflows.size()));
    Set<String> names = new HashSet<>();
    for (ListedWorkflow each : workflows) {
      names.add(each.name());
      Map<String, Long> before = last.put(each.name(), each.instances());
      if (!each.instances().equals(before)) {
        long fresh = sum(each.instances()) - (before == null ? 0 : sum(before));
        requests += pages(Math.max(0, fresh)) + pages(live(each.instances()));
      }
    }
    last.keySet().retainAll(names);
  }

  long requests() {
    return requests;
  }

  /** How many have ended, by these counts. */
  static long ended(List<ListedWorkflow> workflows) {
    return workflows.stream()
        .mapToLong(each -> sum(each.instances()) - live(each.instances()))
        .sum();
  }

  private static long pages(long rows) {
    return (rows + PER_PAGE - 1) / PER_PAGE;
  }

  private static long sum(Map<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  private static long live(Map<String, Long> counts) {
    return counts.entrySet().stream()
        .filter(count -> !ENDED.contains(count.getKey()))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }
}
