package io.flowmeter.verify;

import io.flowmeter.verify.due.DueRun;
import io.flowmeter.verify.due.DueRun.Certainty;
import io.flowmeter.verify.due.DueRuns;
import io.flowmeter.verify.expected.ToldLife;
import io.flowmeter.verify.relation.Relation;
import io.flowmeter.verify.relation.Row;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Whether the rows of an instance are those that certain answers come to. It decides which answers
 * were lost where some may have been; all that is due of the others is compared thereafter.
 */
final class Agreement implements DueRuns.Fits {
  private final String account;
  private final Leeway leeway;
  private final SightedTransitions transitions;
  private final Map<List<Object>, List<Row>> instances = new HashMap<>();
  private final Map<List<Object>, List<Row>> byRun = new HashMap<>();

  /**
   * @param found rows of instances and of transitions
   */
  Agreement(
      String account,
      Map<Relation, List<Row>> found,
      Leeway leeway,
      SightedTransitions transitions) {
    this.account = account;
    this.leeway = leeway;
    this.transitions = transitions;
    for (Row row : found.get(Relation.INSTANCES)) {
      instances
          .computeIfAbsent(
              List.of(row.text("workflow"), row.text("instance_id")), any -> new ArrayList<>())
          .add(row);
    }
    for (Row row : found.get(Relation.TRANSITIONS)) {
      byRun.computeIfAbsent(row.key(Relation.INSTANCES), any -> new ArrayList<>()).add(row);
    }
    byRun.values().forEach(rows -> rows.sort(Comparator.comparing(row -> row.number("seq"))));
  }

  @Override
  public boolean agree(String workflow, String instanceId, List<DueRun> runs) {
    Set<List<Object>> left = new HashSet<>();
    Map<List<Object>, Row> rows = new HashMap<>();
    for (Row row : instances.getOrDefault(List.of(workflow, instanceId), List.of())) {
      List<Object> key = row.key(Relation.INSTANCES);
      rows.put(key, row);
      left.add(key);
    }
    for (DueRun run : runs) {
      ToldLife life = run.life();
      List<Object> key = List.of(account, life.workflow(), life.instanceId(), life.run());
      Row row = rows.get(key);
      left.remove(key);
      if (row == null ? run.certainty() != Certainty.POSSIBLE : !agrees(run, row, key)) {
        return false;
      }
    }
    return left.isEmpty();
  }

  private boolean agrees(DueRun run, Row row, List<Object> key) {
    if (transitions.trouble(run, byRun.getOrDefault(key, List.of())).isPresent()) {
      return false;
    }
    ToldLife life = run.life();
    return run.certainty() != Certainty.EXACT
        || (row.text("status").equals(life.status())
            && row.number("reopened") == life.reopened()
            && (vanished(run, row) || Objects.equals(row.get("ended_at"), life.end().orElse(null)))
            && isOfItsLastDetail(run, row)
            && isFetchedAlike(run, row));
  }

  /** A live detail does not say that the end's was told, too: that one may have been lost. */
  private static boolean isFetchedAlike(DueRun run, Row row) {
    boolean fetched = row.number("weight") > 0;
    return run.life().fetchedInFull() == fetched || !fetched && run.leftOut().isPresent();
  }

  /** When it was found to be gone is left open by the answers. */
  private boolean vanished(DueRun run, Row row) {
    return !run.life().ended()
        && run.isGone(leeway.fleetEnd())
        && row.text("end_kind").equals("vanished");
  }

  /** Of a life that goes on, each detail tells something else. */
  private boolean isOfItsLastDetail(DueRun run, Row row) {
    if (run.details().isEmpty() || !row.has("detail_at")) {
      return run.details().isEmpty() && !row.has("detail_at");
    }
    Instant last = run.details().get(run.details().size() - 1);
    return run.life().ended() || leeway.covers(last, last, row.number("detail_at"));
  }
}
