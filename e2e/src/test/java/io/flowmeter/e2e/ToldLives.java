package io.flowmeter.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import io.flowmeter.e2e.relations.Life;
import io.flowmeter.e2e.relations.Row;
import io.flowmeter.simulator.ledger.LedgerEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The lives that Flowmeter has to tell of, by the API's JSON: the newest of every instance, and of
 * the earlier ones those that it does tell of, for one that was over before anybody looked cannot
 * be known. The API no longer shows earlier lives: the same API asked at an earlier moment does.
 */
final class ToldLives {

  /** A detail as the API gives it at a moment. */
  interface Details {
    JsonNode at(Instant moment, String workflow, String id);
  }

  private record Instance(String workflow, String id) {}

  private final Instant now;
  private final Details details;
  private final Map<Instance, List<LedgerEntry>> ledger;
  private final Map<List<Object>, JsonNode> read = new HashMap<>();

  /**
   * @param ledger all lives that have begun by now
   */
  ToldLives(Instant now, List<LedgerEntry> ledger, Details details) {
    this.now = now;
    this.details = details;
    this.ledger =
        ledger.stream()
            .collect(
                Collectors.groupingBy(
                    entry -> new Instance(entry.workflow(), entry.instanceId()),
                    LinkedHashMap::new,
                    Collectors.toList()));
  }

  /**
   * @param told the rows of {@code instances}
   */
  List<Life> lives(List<Row> told) {
    Map<List<Object>, Row> rows =
        told.stream()
            .collect(
                Collectors.toMap(
                    row -> List.of(row.get("workflow"), row.get("instance_id"), row.get("run")),
                    Function.identity(),
                    (one, other) -> one));
    List<Life> lives = new ArrayList<>();
    ledger.forEach((instance, entries) -> lives.addAll(livesOf(instance, entries, rows)));
    return lives;
  }

  private List<Life> livesOf(
      Instance instance, List<LedgerEntry> entries, Map<List<Object>, Row> told) {
    List<Life> lives = new ArrayList<>();
    Optional<Long> next = Optional.empty();
    for (int i = entries.size() - 1; i >= 0; i--) {
      boolean newest = i == entries.size() - 1;
      long run = name(instance, entries, i, told);
      Row row = told.get(key(instance, run));
      boolean takenByNext = next.equals(Optional.of(run));
      if (!newest && (row == null || takenByNext)) {
        continue;
      }
      Instant lastMoment =
          newest
              ? now
              : lastMoment(
                  entries.get(i), entries.get(i + 1), row.text("end_kind").equals("superseded"));
      lives.add(
          0, new Life(instance.workflow(), instance.id(), run, next, read(instance, lastMoment)));
      next = Optional.of(run);
    }
    return lives;
  }

  /** A life whose end nobody saw is compared as it was while it lived. */
  private static Instant lastMoment(LedgerEntry life, LedgerEntry next, boolean endUnseen) {
    Instant replaced = next.life().queued();
    Instant end = life.life().end().filter(at -> endUnseen).orElse(replaced);
    return (end.isBefore(replaced) ? end : replaced).minusMillis(1);
  }

  /**
   * The first life is named by the instance's creation, a later one by its queueing. Where the
   * first was over before anybody looked, a restart that came at once is taken for it.
   */
  private static long name(
      Instance instance, List<LedgerEntry> entries, int index, Map<List<Object>, Row> told) {
    long created = entries.get(0).createdOn().toEpochMilli();
    long queued = entries.get(index).life().queued().toEpochMilli();
    Row first = told.get(key(instance, created));
    boolean takenForFirst = first != null && first.get("queued_at").equals(queued);
    return index == 0 || takenForFirst ? created : queued;
  }

  private static List<Object> key(Instance instance, long run) {
    return List.of(instance.workflow(), instance.id(), run);
  }

  private JsonNode read(Instance instance, Instant moment) {
    return read.computeIfAbsent(
        List.of(instance, moment), any -> details.at(moment, instance.workflow(), instance.id()));
  }
}
