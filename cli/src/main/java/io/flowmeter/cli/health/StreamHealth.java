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
  private static final String SEE_LOG = "see the log for the reason";

  /** Kafka's {@code max.poll.interval.ms}: after it a thread has lost its partitions anyway. */
  private static final Duration POLLS_WITHIN = Duration.ofMinutes(5);

  private final StreamProcessing topology;
  private final ClickHouseWriter writer;

  public StreamHealth(StreamProcessing topology, ClickHouseWriter writer) {
    this.topology = topology;
    this.writer = writer;
  }

  /** What broke and does not mend itself; empty while all is well. */
  public static Optional<String> broken(StreamProcessing topology, ClickHouseWriter writer) {
    if (ENDED.contains(topology.state())) {
      return Optional.of("the topology stopped: " + why(topology.failure()));
    }
    if (!writer.isRunning()) {
      return Optional.of("the writer stopped: " + why(writer.progress()));
    }
    return Optional.empty();
  }

  @Override
  public List<Check> live() {
    return List.of(
        topologyLiveness(topology.state(), topology.sincePoll(), topology.failure()),
        writerLiveness(writer.isRunning(), writer.progress()));
  }

  @Override
  public List<Check> ready() {
    return List.of(
        topologyWorks(topology.state(), topology.lag(), topology.failure()),
        writerWorks(writer.isWriting(), writer.progress()));
  }

  static Check topologyLiveness(
      String state, Optional<Duration> sincePoll, Optional<Throwable> failure) {
    if (ENDED.contains(state)) {
      return Check.ill("topology", "stopped: " + why(failure));
    }
    if (sincePoll.filter(since -> since.compareTo(POLLS_WITHIN) > 0).isPresent()) {
      return Check.ill(
          "topology",
          "a thread has not asked for records for %d s".formatted(sincePoll.get().toSeconds()));
    }
    return Check.well("topology", state);
  }

  static Check writerLiveness(boolean running, WriterProgress progress) {
    return running
        ? Check.well("writer", "its thread runs")
        : Check.ill("writer", "stopped: " + why(progress));
  }

  static Check topologyWorks(String state, OptionalLong lag, Optional<Throwable> failure) {
    return state.equals(RUNNING)
        ? Check.well("topology", RUNNING + behind(lag))
        : Check.ill(
            "topology",
            state
                + ": partitions are handed over, stores are read, or Kafka is away"
                + failure.map(last -> ". Last failure: " + last.getMessage()).orElse(""));
  }

  static Check writerWorks(boolean writing, WriterProgress progress) {
    return progress
        .failure()
        .map(failure -> Check.ill("writer", failure))
        .orElseGet(
            () ->
                writing
                    ? Check.well("writer", "ClickHouse takes rows" + behind(progress.lag()))
                    : Check.ill("writer", "it has not seen all tables yet"));
  }

  private static String why(Optional<Throwable> failure) {
    return failure.map(Throwable::toString).orElse(SEE_LOG);
  }

  private static String why(WriterProgress progress) {
    return progress.failure().orElse(SEE_LOG);
  }

  private static String behind(OptionalLong lag) {
    return lag.isPresent()
        ? ", %d records behind".formatted(lag.getAsLong())
        : ", no partition is read yet";
  }
}
