package io.flowmeter.ingest.poll;

import io.flowmeter.ingest.observe.InstanceKey;
import io.flowmeter.ingest.observe.Memory;
import io.flowmeter.schemas.checkpoint.Checkpoint;
import io.flowmeter.schemas.fact.Version;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What is remembered of a workflow. One sweep at a time changes it; anyone may read its instances.
 */
final class KnownWorkflow {
  private final InstanceKey key;
  final Map<String, Memory> instances = new ConcurrentHashMap<>();
  final Map<String, Version> versions = new ConcurrentHashMap<>();

  /** Ended instances that were missing from the last whole list. */
  final Set<String> missingOnce = ConcurrentHashMap.newKeySet();

  /** Versions that instances named and no list told yet. */
  final Set<String> versionsNamed = ConcurrentHashMap.newKeySet();

  /** Versions that instances named and the list left out; asking again would not help. */
  final Set<String> versionsMissed = ConcurrentHashMap.newKeySet();

  final Outage outage = new Outage();
  volatile int skippedRows;
  long sweep;
  Optional<Instant> listedTo = Optional.empty();
  Optional<Instant> versionsListedAt = Optional.empty();
  Optional<Told> lastTold = Optional.empty();

  /** The end of a sweep, as last told. */
  record Told(Instant at, boolean complete, Map<String, Long> reported) {}

  KnownWorkflow(String account, String name) {
    this.key = InstanceKey.ofWorkflow(account, name);
  }

  InstanceKey key() {
    return key;
  }

  String name() {
    return key.workflow();
  }

  InstanceKey instance(String id) {
    return new InstanceKey(key.account(), key.workflow(), id);
  }

  Memory memory(String id) {
    return instances.getOrDefault(id, Memory.NONE);
  }

  Checkpoint toCheckpoint() {
    Checkpoint checkpoint = Memory.NONE.toCheckpoint(key);
    checkpoint.setSweep(sweep);
    checkpoint.setListedTo(listedTo.orElse(null));
    return checkpoint;
  }

  void restore(Checkpoint checkpoint) {
    if (checkpoint.getInstanceId().isEmpty()) {
      sweep = checkpoint.getSweep();
      listedTo = Optional.ofNullable(checkpoint.getListedTo());
    } else {
      instances.put(checkpoint.getInstanceId(), Memory.of(checkpoint));
    }
  }

  List<String> live() {
    return instances.entrySet().stream()
        .filter(entry -> entry.getValue().live())
        .map(Map.Entry::getKey)
        .toList();
  }
}
