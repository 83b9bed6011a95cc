package io.flowmeter.simulator.ledger;

import io.flowmeter.simulator.fleet.Fleet;
import io.flowmeter.simulator.life.Instance;
import io.flowmeter.simulator.life.Life;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the ledger straight from the fleet, past the API. */
public final class Ledger {
  private Ledger() {}

  /** All lives queued until this moment, in order of workflow and creation. */
  public static List<LedgerEntry> at(Fleet fleet, Instant at) {
    List<LedgerEntry> entries = new ArrayList<>();
    for (int workflow = 0; workflow < fleet.models().size(); workflow++) {
      fleet.instances(workflow, at).forEach(instance -> add(entries, fleet, instance, at));
    }
    return entries;
  }

  private static void add(List<LedgerEntry> entries, Fleet fleet, Instance instance, Instant at) {
    List<Life> begun =
        instance.lives().stream().filter(life -> !life.queued().isAfter(at)).toList();
    for (int i = 0; i < begun.size(); i++) {
      boolean newest = i == begun.size() - 1;
      Optional<Instant> gone =
          begun.get(begun.size() - 1).end().map(end -> end.plus(fleet.plan().retention()));
      entries.add(
          new LedgerEntry(
              instance.workflow(),
              instance.id(),
              instance.createdOn(),
              begun.get(i).asOf(at),
              newest,
              gone.filter(when -> !when.isAfter(at)).isPresent()));
    }
  }
}
