package io.flowmeter.failpoint;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Every side effect of the product, with the moment before and the moment after it. A process that
 * is armed with one, by {@value #VARIABLE}{@code =name:nth} in its environment, or {@code
 * name:nth@20s} after 20 s of work, ends when it reaches it for the nth time, at once and without a
 * word to anybody, as {@code kill -9} ends it. In all others a failpoint is one comparison with a
 * constant.
 */
public enum Failpoint {
  /** A record of a poll's transaction is handed to the producer. */
  OBSERVATIONS_BEFORE_PRODUCE(Command.INGEST),
  OBSERVATIONS_AFTER_PRODUCE(Command.INGEST),
  /** The transaction with observations and what is remembered of them is committed. */
  CHECKPOINT_BEFORE_COMMIT(Command.INGEST),
  CHECKPOINT_AFTER_COMMIT(Command.INGEST),

  /** A record of the topology is handed to the producer: a row, or a change of its state. */
  TOPOLOGY_BEFORE_PRODUCE(Command.STREAM),
  TOPOLOGY_AFTER_PRODUCE(Command.STREAM),
  /** What was read goes into the topology's transaction. */
  TOPOLOGY_BEFORE_OFFSETS(Command.STREAM),
  TOPOLOGY_AFTER_OFFSETS(Command.STREAM),
  /** The topology's transaction is committed. */
  TOPOLOGY_BEFORE_COMMIT(Command.STREAM),
  TOPOLOGY_AFTER_COMMIT(Command.STREAM),
  /** A table's part of a batch is sent to ClickHouse and acknowledged. */
  INSERT_BEFORE(Command.STREAM),
  INSERT_AFTER(Command.STREAM),
  /** The writer commits the offsets of a batch that ClickHouse has. */
  ACKNOWLEDGEMENT_BEFORE(Command.STREAM),
  ACKNOWLEDGEMENT_AFTER(Command.STREAM),

  /** A statement of a migration is executed. */
  MIGRATION_STATEMENT_BEFORE(Command.MIGRATE),
  MIGRATION_STATEMENT_AFTER(Command.MIGRATE),
  /** A migration all of whose statements were executed enters the history. */
  MIGRATION_HISTORY_BEFORE(Command.MIGRATE),
  MIGRATION_HISTORY_AFTER(Command.MIGRATE),

  /** A rebuild decides that the new generation takes its place. */
  SWAP_BEFORE_DECISION(Command.REBUILD),
  SWAP_AFTER_DECISION(Command.REBUILD),
  /** The tables take their place. */
  SWAP_BEFORE_TABLES(Command.REBUILD),
  SWAP_AFTER_TABLES(Command.REBUILD),
  /** The new generation is in force. */
  SWAP_BEFORE_GENERATION(Command.REBUILD),
  SWAP_AFTER_GENERATION(Command.REBUILD);

  /** The environment variable that arms a process. */
  public static final String VARIABLE = "FLOWMETER_FAILPOINT";

  /** The exit code of a process that was ended so; a shell tells the same of {@code kill -9}. */
  public static final int EXIT_CODE = 137;

  /** Which command comes by. */
  public enum Command {
    INGEST,
    STREAM,
    MIGRATE,
    REBUILD
  }

  private final Command command;

  Failpoint(Command command) {
    this.command = command;
  }

  /** Those that a command comes by. */
  public static List<Failpoint> of(Command command) {
    return Arrays.stream(values()).filter(point -> point.command == command).toList();
  }

  /** Its name in the variable, such as {@code insert-before}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The one of this name. */
  static Optional<Failpoint> named(String word) {
    return Arrays.stream(values()).filter(point -> point.word().equals(word)).findFirst();
  }

  /** What to set {@value #VARIABLE} to. */
  public String armedFor(int nth) {
    return word() + ":" + nth;
  }

  /**
   * The same for a process that is to get something done before.
   *
   * @param works so long after it first came by any failpoint, times do not count yet; whole
   *     seconds of real time
   */
  public String armedFor(int nth, Duration works) {
    return works.isZero() ? armedFor(nth) : armedFor(nth) + "@" + works.toSeconds() + "s";
  }

  /** Does not return where this process was armed to end here. */
  public void reached() {
    if (Armed.POINT == this) {
      Armed.reached();
    }
  }
}
