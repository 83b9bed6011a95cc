package io.flowmeter.streams.writer;

import static io.flowmeter.streams.InstanceHistory.at;
import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.embedded.ClickHouseUsers;
import io.flowmeter.embedded.EmbeddedClickHouse;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.observation.Attempt;
import io.flowmeter.schemas.observation.InstanceRow;
import io.flowmeter.sql.ClickHouseEndpoint;
import io.flowmeter.sql.MigrationSettings;
import io.flowmeter.sql.Migrator;
import io.flowmeter.streams.InstanceHistory;
import io.flowmeter.streams.topology.PipelineDriver;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Workflows of 1,000 ended runs each, of whose complete ones every tenth is fetched: rates and
 * quantiles that SQL reads from the rollups lie about the truth as their standard error says.
 */
class SampledRollupsIT {
  private static final int WORKFLOWS = 24;
  private static final int RUNS = 1_000;
  private static final int ONE_IN = 10;

  @TempDir static Path data;

  private static EmbeddedClickHouse clickHouse;
  private static ClickHouseEndpoint endpoint;
  private static List<Workflow> truth;

  /** A run of one step. */
  private record Run(boolean errored, int attempts, long wallMs) {}

  /** All its runs, and how many of them were fetched. */
  private record Workflow(List<Run> runs, int fetched) {
    double sum(ToDoubleFunction<Run> of) {
      return runs.stream().mapToDouble(of).sum();
    }

    /**
     * Of an estimated total of {@code of}, where only complete runs are sampled, each by itself
     * (Särndal, Swensson, Wretman: Model Assisted Survey Sampling, 1992, eq. 3.2.4).
     */
    double standardError(ToDoubleFunction<Run> of) {
      double squares = sum(run -> run.errored() ? 0 : Math.pow(of.applyAsDouble(run), 2));
      return Math.sqrt((ONE_IN - 1) * squares);
    }
  }

  @BeforeAll
  static void sample() throws SQLException {
    ClickHouseUsers users = ClickHouseUsers.of("writes", "reads");
    clickHouse = EmbeddedClickHouse.start(data, 0, users);
    endpoint =
        new ClickHouseEndpoint(clickHouse.httpUrl().toString(), ClickHouseUsers.WRITER, "writes");
    Migrator.apply(endpoint, MigrationSettings.defaults());
    Random random = new Random(1);
    try (PipelineDriver pipeline = new PipelineDriver()) {
      truth =
          IntStream.range(0, WORKFLOWS).mapToObj(w -> observe(pipeline, "w" + w, random)).toList();
      Upsert.of(endpoint, Topics.STEP_MINUTES, pipeline.stepMinutes(), at(0));
      Upsert.of(endpoint, Topics.WORKFLOW_MINUTES, pipeline.workflowMinutes(), at(0));
    }
  }

  @AfterAll
  static void stop() {
    clickHouse.close();
  }

  private static Workflow observe(PipelineDriver pipeline, String workflow, Random random) {
    List<Run> runs = new ArrayList<>(RUNS);
    int fetched = 0;
    for (int i = 0; i < RUNS; i++) {
      boolean errored = random.nextInt(20) == 0;
      int attempts = errored ? 3 : 1 + (random.nextInt(5) == 0 ? 1 : 0);
      Run run = new Run(errored, attempts, Math.round(Math.exp(6 + random.nextGaussian())) + 10);
      runs.add(run);
      InstanceHistory history = InstanceHistory.of(workflow, "i" + i, i * 10L);
      String status = errored ? "errored" : "complete";
      long end = i * 10L + run.wallMs();
      pipeline.observe(
          history.row(
              100_000,
              InstanceRow.newBuilder()
                  .setStatus(status)
                  .setCreatedOn(at(i * 10L))
                  .setStartedOn(at(i * 10L))
                  .setEndedOn(at(end))));
      if (errored || random.nextInt(ONE_IN) == 0) {
        fetched++;
        pipeline.observe(
            history
                .detail(100_001, status)
                .started(i * 10L)
                .ended(end)
                .weight(errored ? 1 : ONE_IN)
                .step(InstanceHistory.step("s-1", i * 10L, end, !errored, attempts(run, i * 10L)))
                .told());
      }
    }
    return new Workflow(runs, fetched);
  }

  private static Attempt[] attempts(Run run, long start) {
    return IntStream.rangeClosed(1, run.attempts())
        .mapToObj(
            n ->
                InstanceHistory.attempt(
                    start + n, start + n + 1, n == run.attempts() && !run.errored()))
        .toArray(Attempt[]::new);
  }

  @Test
  void whatIsKnownOfAllRunsIsCountedExactly() throws SQLException {
    List<double[]> counted =
        select("sum(completed), sum(errored), sum(started), sum(sampled)", "workflow_minutes");

    for (int w = 0; w < WORKFLOWS; w++) {
      double errored = truth.get(w).sum(run -> run.errored() ? 1 : 0);
      assertThat(counted.get(w))
          .containsExactly(RUNS - errored, errored, RUNS, truth.get(w).fetched());
    }
  }

  @Test
  void theRetryRateIsUnbiased() throws SQLException {
    List<double[]> estimates = select("sum(retries) / sum(attempts)", "step_minutes");
    assertUnbiased(
        w -> {
          Workflow workflow = truth.get(w);
          double attempts = workflow.sum(Run::attempts);
          double rate = workflow.sum(run -> run.attempts() - 1) / attempts;
          double error = workflow.standardError(run -> run.attempts() - 1 - rate * run.attempts());
          return (estimates.get(w)[0] - rate) * attempts / error;
        });
  }

  @Test
  void quantilesAreUnbiased() throws SQLException {
    for (double q : new double[] {0.5, 0.9}) {
      List<double[]> estimates =
          select("flowmeter_quantile(sumMap(wall_buckets), " + q + ")", "step_minutes");
      assertUnbiased(
          w -> {
            Workflow workflow = truth.get(w);
            double estimate = estimates.get(w)[0];
            double below = workflow.sum(run -> run.wallMs() <= estimate ? 1 : 0);
            double error = workflow.standardError(run -> (run.wallMs() <= estimate ? 1 : 0) - q);
            return (below - q * RUNS) / error;
          });
    }
  }

  /**
   * Errors in units of their standard error: about 0 on the average, and within the interval of 95
   * % as often as that says.
   */
  private static void assertUnbiased(java.util.function.IntToDoubleFunction error) {
    double[] errors = IntStream.range(0, WORKFLOWS).mapToDouble(error).toArray();
    assertThat(IntStream.range(0, WORKFLOWS).mapToDouble(w -> errors[w]).average().orElseThrow())
        .as("mean error of %s", errors)
        .isBetween(-3 / Math.sqrt(WORKFLOWS), 3 / Math.sqrt(WORKFLOWS));
    assertThat(IntStream.range(0, WORKFLOWS).filter(w -> Math.abs(errors[w]) < 1.96).count())
        .as("within the interval of 95 %% of %s", errors)
        .isGreaterThanOrEqualTo(19); // fewer happen once in ten thousand times
  }

  /** A row a workflow, in their order. */
  private static List<double[]> select(String columns, String relation) throws SQLException {
    try (Connection connection = endpoint.connect();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT %s FROM %s GROUP BY workflow ORDER BY toInt32(substring(workflow, 2))"
                    .formatted(columns, relation))) {
      List<double[]> result = new ArrayList<>();
      while (rows.next()) {
        double[] row = new double[rows.getMetaData().getColumnCount()];
        for (int i = 0; i < row.length; i++) {
          row[i] = rows.getDouble(i + 1);
        }
        result.add(row);
      }
      return result;
    }
  }
}
