package io.flowmeter.dev.torture;

import io.flowmeter.cli.console.ProgressListener;
import io.flowmeter.dev.verify.DayException;
import io.flowmeter.failpoint.Failpoint;
import io.flowmeter.failpoint.Failpoint.Command;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Commands that are given once. Each is ended at all of its failpoints, and then goes through. */
final class OneShotCommands {
  /** A migration that died holds its lock for a while, and a rebuild derives everything anew. */
  private static final Duration ENDS_WITHIN = Duration.ofSeconds(180);

  private static final String REBUILD = "rebuild";
  private static final int STATEMENTS = 5;
  private static final int MIGRATIONS = 2;

  private final ChaosCluster cluster;
  private final Random random;
  private final InjectionCounts injected;
  private final ProgressListener progress;

  OneShotCommands(
      ChaosCluster cluster, long seed, InjectionCounts injected, ProgressListener progress) {
    this.cluster = cluster;
    this.random = new Random(seed);
    this.injected = injected;
    this.progress = progress;
  }

  /** Migrates an empty Kafka, registry and ClickHouse; ClickHouse is emptied before each round. */
  void migrate(int rounds) throws InterruptedException {
    for (int round = 0; round < rounds; round++) {
      if (round > 0) {
        execute("DROP DATABASE flowmeter SYNC");
      }
      List<Failpoint> points = new ArrayList<>(Failpoint.of(Command.MIGRATE));
      Collections.shuffle(points, random);
      for (Failpoint point : points) {
        boolean statement =
            point == Failpoint.MIGRATION_STATEMENT_BEFORE
                || point == Failpoint.MIGRATION_STATEMENT_AFTER;
        endAt("migrate", point, 1 + random.nextInt(statement ? STATEMENTS : MIGRATIONS));
      }
    }
    letThrough("migrate");
  }

  /** Loses a table, which a rebuild is to restore. */
  void dropTable(String table) {
    execute("DROP TABLE " + table + " SYNC");
    injected.fault("table dropped");
    progress.onProgress(table + " dropped");
  }

  /** Rebuilds; whoever was killed in the middle of the swap leaves the rest of it to the next. */
  void rebuild(int rounds) throws InterruptedException {
    for (int round = 0; round < rounds; round++) {
      for (Failpoint point : Failpoint.of(Command.REBUILD)) {
        endAt(REBUILD, point, 1);
      }
    }
  }

  private void execute(String sql) {
    try (Connection connection = cluster.parts().writer().connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new DayException("%s: %s".formatted(sql, e.getMessage()), e);
    }
  }

  private void endAt(String command, Failpoint point, int nth) throws InterruptedException {
    int exit = run(command, Optional.of(point.armedFor(nth)));
    if (exit != Failpoint.EXIT_CODE) {
      throw new DayException(
          "%s was to end at %s, but did with exit code %d: see its log"
              .formatted(command, point.armedFor(nth), exit));
    }
    injected.failpoint(point);
    progress.onProgress("%s ended at %s".formatted(command, point.armedFor(nth)));
  }

  private void letThrough(String command) throws InterruptedException {
    int exit = run(command, Optional.empty());
    if (exit != 0) {
      throw new DayException(
          "%s was to go through, but ended with exit code %d: see its log"
              .formatted(command, exit));
    }
  }

  private int run(String command, Optional<String> armed) throws InterruptedException {
    // What a rebuild is to do with poison, it wants to be told.
    List<String> arguments =
        command.equals(REBUILD) ? List.of(command, "--skip-unprocessable") : List.of(command);
    return cluster.start(command, arguments, armed).await(ENDS_WITHIN);
  }
}
