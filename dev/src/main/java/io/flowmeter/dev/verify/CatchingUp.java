package io.flowmeter.dev.verify;

import io.flowmeter.clock.Clock;
import io.flowmeter.simulator.Simulator;
import io.flowmeter.sql.ClickHouseEndpoint;
import io.flowmeter.verify.Verification;
import io.flowmeter.verify.relation.Relation;
import io.flowmeter.verify.relation.RelationReader;
import io.flowmeter.verify.relation.Row;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Waits until a pipeline has seen all that a fleet in which nothing happens any more has to show.
 */
public final class CatchingUp {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(500);

  /** So long without another detail, in real time, none is waited for any more where some rest. */
  private static final Duration RESTS_AFTER = Duration.ofSeconds(3);

  /** The same where all of them should come. */
  private static final Duration STUCK_AFTER = Duration.ofSeconds(20);

  private final Duration within;
  private final Look look;

  /** Looks at the pipeline, tells where it is, and takes a while. */
  public interface Look {
    /**
     * Looks.
     *
     * @return where the pipeline is, in words
     * @throws DayException where it cannot go on
     */
    String at() throws InterruptedException;
  }

  /**
   * @param within how long each of the things that are waited for may take, in real time
   */
  public CatchingUp(Duration within, Look look) {
    this.within = within;
    this.look = look;
  }

  /** Every workflow that was told of was swept since a moment, by the clock of all. */
  public void awaitSweeps(RelationReader reader, Instant since) throws InterruptedException {
    long deadline = System.nanoTime() + within.toNanos();
    String line = "";
    while (!sweptSince(reader, since)) {
      if (System.nanoTime() > deadline) {
        throw new DayException(
            "expected every workflow to be swept within %d s after the end; %s"
                .formatted(within.toSeconds(), line));
      }
      line = look.at();
    }
  }

  private static boolean sweptSince(RelationReader reader, Instant moment) {
    List<Row> counts = reader.rows(Relation.STATUS_COUNTS_NOW);
    return !counts.isEmpty()
        && counts.stream().allMatch(row -> row.number("as_of") > moment.toEpochMilli());
  }

  /**
   * All details are fetched; or, where sampling left some out, no more of them are. What is not
   * fetched in time is not due: the report tells how many are.
   */
  public void awaitDetails(Simulator simulator, Duration atMost, BooleanSupplier sampled)
      throws InterruptedException {
    long startNanos = System.nanoTime();
    long lastCame = startNanos;
    long owed = Verification.required(simulator);
    while (owed > 0) {
      look.at();
      long now = System.nanoTime();
      long left = Verification.required(simulator);
      lastCame = left == owed ? lastCame : now;
      owed = left;
      Duration patience = sampled.getAsBoolean() ? RESTS_AFTER : STUCK_AFTER;
      if (now - startNanos > atMost.toNanos() || now - lastCame > patience.toNanos()) {
        return;
      }
    }
  }

  /**
   * Lets ClickHouse sum the minutes that are there over hours, and these over days, as it does by
   * itself once a minute. Returns when it has.
   */
  public void sumMinutes(ClickHouseEndpoint writer) throws InterruptedException {
    long deadline = System.nanoTime() + within.toNanos();
    try (Connection connection = writer.connect();
        Statement statement = connection.createStatement()) {
      for (Relation relation : Relation.values()) {
        if (relation.intervals().isPresent()) {
          String hours = relation.sqlName();
          refresh(statement, hours, relation.intervals().get().minutes().sqlName(), deadline);
          refresh(statement, hours.replace("_hours", "_days"), hours, deadline);
        }
      }
      // Until a refresh has ended well, minutes are read in place of hours and days.
      statement.execute("SYSTEM REFRESH VIEW sums_told");
      statement.execute("SYSTEM WAIT VIEW sums_told");
    } catch (SQLException e) {
      throw new DayException("ClickHouse could not sum minutes: " + e.getMessage(), e);
    }
  }

  private void refresh(Statement statement, String sums, String parts, long deadline)
      throws SQLException, InterruptedException {
    do {
      if (System.nanoTime() > deadline) {
        throw new DayException(
            "expected %s to be summed within %d s".formatted(sums, within.toSeconds()));
      }
      statement.execute("SYSTEM REFRESH VIEW %s_summed".formatted(sums));
      Clock.system().sleep(LOOK_AGAIN);
    } while (!isSummed(statement, sums, parts));
  }

  /** Rows tell by the second when they came in; sums, when their summing began. */
  private static boolean isSummed(Statement statement, String sums, String parts)
      throws SQLException {
    try (ResultSet row =
        statement.executeQuery(
            "SELECT (SELECT max(stored_at) FROM %s_rows) > (SELECT max(stored_at) FROM %s_rows)"
                .formatted(sums, parts))) {
      return row.next() && row.getBoolean(1);
    }
  }
}
