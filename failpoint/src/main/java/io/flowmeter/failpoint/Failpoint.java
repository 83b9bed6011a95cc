package io.flowmeter.failpoint;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Every side effect of the product, with the moment before and the moment after it.
 *
 * <p>The environment variable {@value #VARIABLE} arms a process with a failpoint: {@code name:nth},
 * or {@code name:nth@20s} to count only after 20 s of work. The process halts without any output
 * when it reaches the failpoint for the nth time, as {@code kill -9} would end it. In a process
 * that is not armed, a failpoint costs one comparison with a constant.
 */
public enum Failpoint {
  /** A record of a poll's transaction is sent to the producer. */
  OBSERVATIONS_BEFORE_PRODUCE(Command.INGEST),
  OBSERVATIONS_AFTER_PRODUCE(Command.INGEST),
  /** The transaction with observations and checkpoints is committed. */
  CHECKPOINT_BEFORE_COMMIT(Command.INGEST),
  CHECKPOINT_AFTER_COMMIT(Command.INGEST),

  /** A record of the topology, either a row or a state change, is sent to the producer. */
  TOPOLOGY_BEFORE_PRODUCE(Command.STREAM),
  TOPOLOGY_AFTER_PRODUCE(Command.STREAM),
  /** The consumed offsets are added to the topology's transaction. */
  TOPOLOGY_BEFORE_OFFSETS(Command.STREAM),
  TOPOLOGY_AFTER_OFFSETS(Command.STREAM),
  /** The topology's transaction is committed. */
  TOPOLOGY_BEFORE_COMMIT(Command.STREAM),
  TOPOLOGY_AFTER_COMMIT(Command.STREAM),
  /** One table's rows of a batch are sent to ClickHouse and acknowledged. */
  INSERT_BEFORE(Command.STREAM),
  INSERT_AFTER(Command.STREAM),
  /** The writer commits the offsets of a batch that is in ClickHouse. */
  ACKNOWLEDGEMENT_BEFORE(Command.STREAM),
  ACKNOWLEDGEMENT_AFTER(Command.STREAM),

  /** A statement of a migration is executed. */
  MIGRATION_STATEMENT_BEFORE(Command.MIGRATE),
  MIGRATION_STATEMENT_AFTER(Command.MIGRATE),
  /** A migration whose statements were all executed is added to the history. */
  MIGRATION_HISTORY_BEFORE(Command.MIGRATE),
  MIGRATION_HISTORY_AFTER(Command.MIGRATE),

  /** A rebuild decides to swap in the new generation. */
  SWAP_BEFORE_DECISION(Command.REBUILD),
  SWAP_AFTER_DECISION(Command.REBUILD),
  /** The tables are swapped. */
  SWAP_BEFORE_TABLES(Command.REBUILD),
  SWAP_AFTER_TABLES(Command.REBUILD),
  /** The new generation takes effect. */
  SWAP_BEFORE_GENERATION(Command.REBUILD),
  SWAP_AFTER_GENERATION(Command.REBUILD);

  /** The environment variable that arms a process. */
  public static final String VARIABLE = "FLOWMETER_FAILPOINT";

  /**
   * The exit code of a process that a failpoint ended; a shell reports the same for {@code kill
   * -9}.
   */
  public static final int EXIT_CODE = 137;

  /** The command that reaches a failpoint. */
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

  /** Returns the failpoints that a command reaches. */
  public static List<Failpoint> of(Command command) {
    return Arrays.stream(values()).filter(point -> point.command == command).toList();
  }

  /** Returns the name used in the variable, such as {@code insert-before}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static Optional<Failpoint> named(String word) {
    return Arrays.stream(values()).filter(point -> point.word().equals(word)).findFirst();
  }

  /** Returns the value of {@value #VARIABLE} that arms a process with this failpoint. */
  public String armedFor(int nth) {
    return word() + ":" + nth;
  }

  /**
   * Returns the value that arms a process which has to work for some time first.
   *
   * @param works the time after the process's first hit of any failpoint before hits are counted,
   *     in whole seconds of real time
   */
  public String armedFor(int nth, Duration works) {
    return works.isZero() ? armedFor(nth) : armedFor(nth) + "@" + works.toSeconds() + "s";
  }

  /** Halts the process if this hit is the armed one; otherwise returns. */
  public void reached() {
    if (Armed.POINT == this) {
      Armed.reached();
    }
  }
}
