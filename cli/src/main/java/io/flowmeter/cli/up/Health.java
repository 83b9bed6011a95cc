package io.flowmeter.cli.up;

import io.flowmeter.streams.StreamProcessing;
import io.flowmeter.streams.writer.ClickHouseWriter;
import java.util.Optional;
import java.util.Set;

/** Whether the topology and the writer still work. */
public final class Health {
  private static final Set<String> ENDED = Set.of("ERROR", "PENDING_ERROR", "NOT_RUNNING");

  private Health() {}

  /** What broke and does not mend itself; empty while all is well. */
  public static Optional<String> trouble(StreamProcessing topology, ClickHouseWriter writer) {
    if (ENDED.contains(topology.state())) {
      return Optional.of(
          "the topology stopped: "
              + topology.failure().map(Throwable::toString).orElse("see the log"));
    }
    if (!writer.isRunning()) {
      return Optional.of(
          "the writer stopped: " + writer.progress().trouble().orElse("see the log"));
    }
    return Optional.empty();
  }
}
