package io.flowmeter.streams.run;

import io.flowmeter.clock.SteppedClock;
import io.flowmeter.schemas.StateSerde;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.streams.rollup.Rollups;
import io.flowmeter.streams.state.Contributions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/** What is known of runs, without the rest of the topology; stores are in memory. */
final class InstanceProcessorDriver {
  static final Duration KEEP_ENDED = Duration.ofDays(33);

  private static final InstanceProcessor.StoreNames NAMES =
      new InstanceProcessor.StoreNames("live", "ended", "instances", "dictionary", "detail_parts");

  private final SteppedClock clock = new SteppedClock(Instant.parse("2026-11-24T13:00:00Z"));
  private final MockProcessorContext<String, RunChanged> context = new MockProcessorContext<>();
  private final Map<String, KeyValueStore<Bytes, byte[]>> stores = new TreeMap<>();
  private InstanceProcessor processor;

  InstanceProcessorDriver() {
    for (String name :
        List.of(NAMES.live(), NAMES.ended(), NAMES.instances(), NAMES.dictionary())) {
      stores.put(name, store(name, Serdes.ByteArray()));
    }
    store(NAMES.parts(), StateSerde.of(Observation.class));
    starts(Rollups::of);
  }

  /** Starts anew with the same stores, and perhaps another derivation. */
  InstanceProcessorDriver starts(Function<RunFacts, Contributions> contributions) {
    processor = new InstanceProcessor(NAMES, KEEP_ENDED, clock, contributions);
    processor.init(context);
    return this;
  }

  InstanceProcessorDriver observe(List<Observation> seen) {
    return observe(now(), seen);
  }

  /** Observations whose records were written at a time, which can be long ago. */
  InstanceProcessorDriver observe(Instant written, List<Observation> seen) {
    for (Observation observation : seen) {
      context.setCurrentStreamTimeMs(written.toEpochMilli());
      processor.process(new Record<>("key", observation, written.toEpochMilli()));
    }
    return this;
  }

  InstanceProcessorDriver observe(Observation... seen) {
    return observe(List.of(seen));
  }

  /**
   * Lets time pass, in which records of other runs come, and everything be done that is to be done
   * now and then.
   */
  InstanceProcessorDriver passes(Duration time) {
    clock.sleep(time);
    context.setCurrentStreamTimeMs(clock.millis());
    return rounds();
  }

  /** What is to be done now and then is done. */
  InstanceProcessorDriver rounds() {
    context
        .scheduledPunctuators()
        .forEach(punctuator -> punctuator.getPunctuator().punctuate(clock.millis()));
    return this;
  }

  /** What the process clock says. */
  Instant now() {
    return Instant.ofEpochMilli(clock.millis());
  }

  /** What was told since this was last asked for. */
  List<RunChanged> told() {
    List<RunChanged> told = new ArrayList<>();
    context.forwarded().forEach(forward -> told.add(forward.record().value()));
    context.resetForwards();
    return told;
  }

  /** Bytes of keys and values of a store. */
  long bytes(String store) {
    return entries(store).stream().mapToLong(entry -> entry.length()).sum();
  }

  /** Key and value of a store's entries, by key. */
  List<Entry> entries(String store) {
    List<Entry> entries = new ArrayList<>();
    try (KeyValueIterator<Bytes, byte[]> all = stores.get(store).all()) {
      all.forEachRemaining(entry -> entries.add(new Entry(entry.key.get(), entry.value)));
    }
    return entries;
  }

  /** Puts an entry into a store, as a restart would find it there. */
  InstanceProcessorDriver keeps(String store, Entry entry) {
    stores.get(store).put(Bytes.wrap(entry.key()), entry.value());
    return this;
  }

  record Entry(byte[] key, byte[] value) {
    int length() {
      return key.length + value.length;
    }
  }

  private <V> KeyValueStore<Bytes, V> store(String name, Serde<V> values) {
    KeyValueStore<Bytes, V> store =
        Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), Serdes.Bytes(), values)
            .withLoggingDisabled()
            .build();
    store.init(context.getStateStoreContext(), store);
    return store;
  }
}
