package io.flowmeter.cli.health;

import io.flowmeter.streams.StreamProcessing;
import io.flowmeter.streams.writer.ClickHouseWriter;
import io.flowmeter.streams.writer.WriterProgress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** The topology and the writer of a process. */
public final class StreamHealth implements Health {
  private static final Set<String> ENDED = Set.of("ERROR", "PENDING_ERROR", "NOT_RUNNING");
  private static final String RUNNING = "RUNNING";

  /** Kafka's {@code max.poll.interval.ms}: after it a thread has lost its partitions anyway. */
  private static final Duration POLLS_WITHIN = Duration.ofMinutes(5);

  private final StreamProcessing topology;
  private final ClickHouseWriter writer;

  public StreamHealth(StreamProcessing topology, ClickHouseWriter writer) {
    this.topology = topology;
    this.writer = writer;
  }

  @Override
  public List<Check> live() {
    return List.of(
        topologyLives(topology.state(), topology.sincePoll(), topology.failure()),
        writerLives(writer.isRunning(), writer.progress()));
  }

  @Override
  public List<Check> ready() {
    return List.of(topologyWorks(topology.state(), topology.lag()), writerWorks(writer.progress()));
  }

  static Check topologyLives(
      String state, Optional<Duration> sincePoll, Optional<Throwable> failure) {
    if (ENDED.contains(state)) {
      return Check.ill(
          "topology",
          "stopped, " + failure.map(Throwable::toString).orElse("see the log for the reason"));
    }
    if (sincePoll.filter(since -> since.compareTo(POLLS_WITHIN) > 0).isPresent()) {
      return Check.ill(
          "topology",
          "a thread has not asked for records for %d s".formatted(sincePoll.get().toSeconds()));
    }
    return Check.well("topology", state);
  }

  static Check writerLives(boolean running, WriterProgress progress) {
    return running
        ? Check.well("writer", "its thread runs")
        : Check.ill(
            "writer", "stopped, " + progress.trouble().orElse("see the log for the reason"));
  }

  static Check topologyWorks(String state, OptionalLong lag) {
    return state.equals(RUNNING)
        ? Check.well("topology", RUNNING + behind(lag))
        : Check.ill(
            "topology", state + ": partitions are handed over, stores are read, or Kafka is away");
  }

  static Check writerWorks(WriterProgress progress) {
    return progress
        .trouble()
        .map(trouble -> Check.ill("writer", trouble))
        .orElseGet(() -> Check.well("writer", "ClickHouse takes rows" + behind(progress.lag())));
  }

  private static String behind(OptionalLong lag) {
    return lag.isPresent()
        ? ", %d records behind".formatted(lag.getAsLong())
        : ", no partition is read yet";
  }
}
