package io.flowmeter.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.flowmeter.ingest.RealBackends.Committed;
import io.flowmeter.ingest.source.ApiToken;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.observation.DetailPart;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.schemas.observation.Step;
import io.flowmeter.simulator.Simulator;
import io.flowmeter.simulator.SimulatorConfig;
import io.flowmeter.simulator.fault.InjectedFault;
import io.flowmeter.simulator.http.LoopbackResponse;
import io.flowmeter.simulator.ledger.LedgerEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

/** The whole poller, from the simulator's API to a real broker and a real registry. */
@ExtendWith(RealBackends.class)
class IngestIT {
  private static final String TOKEN = "tok-0123456789abcdef";
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Instant EPOCH = Instant.parse("2026-11-24T12:00:00Z");

  private final String account = UUID.randomUUID().toString().replace("-", "");
  private final AtomicReference<Instant> now = new AtomicReference<>(EPOCH.plusSeconds(60));
  private final Queue<String> logs = new ConcurrentLinkedQueue<>();
  private Simulator simulator;

  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          logs.add(event.getLevel() + " " + event.getFormattedMessage());
        }
      };

  @BeforeEach
  void start() throws IOException {
    appender.start();
    Logger logger = (Logger) LoggerFactory.getLogger("io.flowmeter.ingest");
    logger.setLevel(Level.DEBUG);
    logger.setAdditive(false);
    logger.addAppender(appender);
    simulator =
        Simulator.start(
            SimulatorConfig.of(11, EPOCH)
                .withHistory(120)
                .withRate(0.5)
                .withAccount(account)
                .withToken(TOKEN)
                .withRateLimit(Optional.empty())
                .withClock(now::get));
  }

  @AfterEach
  void stop() {
    simulator.close();
    Logger logger = (Logger) LoggerFactory.getLogger("io.flowmeter.ingest");
    logger.detachAppender(appender);
    logger.setAdditive(true);
    logger.setLevel(null);
    assertThat(logs).filteredOn(line -> line.contains(TOKEN)).isEmpty();
    assertThat(logs).filteredOn(line -> line.contains(Simulator.PAYLOAD_CANARY)).isEmpty();
    assertThat(logs).filteredOn(line -> line.startsWith("ERROR")).isEmpty();
  }

  private IngestSettings settings(Duration requestTimeout) {
    return IngestSettings.of(simulator.baseUri())
        .account(account)
        .token(ApiToken.of(TOKEN))
        .interval(Duration.ofMillis(100))
        .requestLimit(10_000_000)
        .requestTimeout(requestTimeout)
        .build();
  }

  private Ingest poll() throws Exception {
    return Ingest.start(
        settings(Duration.ofSeconds(2)),
        RealBackends.kafka(),
        RealBackends.registry(),
        IngestListener.NONE);
  }

  /** Polls until two sweeps of each workflow brought nothing new. */
  private void pollUntilQuiet() throws Exception {
    try (Ingest ingest = poll()) {
      awaitQuiet(ingest);
      assertThat(ingest.drain(PATIENCE)).isTrue();
    }
  }

  private void awaitQuiet(Ingest ingest) {
    AtomicReference<Progress> before = new AtomicReference<>(ingest.progress());
    await("the poller to be idle")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(400))
        .until(
            () -> {
              Progress last = before.getAndSet(ingest.progress());
              Progress progress = before.get();
              return progress.lastSweepAt().isPresent()
                  && progress.backlog() == 0
                  && progress.observations() == last.observations()
                  && progress.requests() > last.requests();
            });
  }

  private List<Observation> ofInstances() {
    return RealBackends.observations(account).stream()
        .filter(each -> each.getSweepEnded() == null)
        .toList();
  }

  private List<LedgerEntry> retained() {
    return simulator.ledger(now.get()).stream().filter(entry -> !entry.vanished()).toList();
  }

  private static String name(Observation observation) {
    return observation.getWorkflow() + "/" + observation.getInstanceId();
  }

  private static String name(LedgerEntry entry) {
    return entry.workflow() + "/" + entry.instanceId();
  }

  /** Whole details by instance and queued. */
  private Map<String, List<DetailPart>> whole() {
    return ofInstances().stream()
        .filter(each -> each.getDetail() != null && each.getDetail().getWhole())
        .collect(
            Collectors.groupingBy(
                each -> name(each) + "@" + each.getDetail().getQueued(),
                Collectors.mapping(Observation::getDetail, Collectors.toList())));
  }

  private void assertThatEachEndIsToldOnce() {
    Map<String, List<DetailPart>> whole = whole();
    List<LedgerEntry> ended =
        retained().stream()
            .filter(LedgerEntry::newest)
            .filter(e -> e.run().end().isPresent())
            .toList();
    assertThat(ended).hasSizeGreaterThan(50);
    for (LedgerEntry entry : ended) {
      String key = name(entry) + "@" + entry.run().queued();
      assertThat(whole).containsKey(key);
      // One that was restarted from a step ended before, too.
      List<DetailPart> chunks =
          whole.get(key).stream()
              .filter(chunk -> chunk.getEnd().equals(entry.run().end().orElseThrow()))
              .toList();
      assertThat(chunks)
          .extracting(DetailPart::getDetailId)
          .containsOnly(chunks.get(0).getDetailId());
      assertThat(chunks).hasSize(chunks.get(0).getParts());
      assertThat(chunks.get(0).getStart()).isEqualTo(entry.run().start().orElse(null));
      assertThat(chunks.get(0).getEnd()).isEqualTo(entry.run().end().orElseThrow());
      assertThat(chunks.stream().mapToInt(chunk -> chunk.getSteps().size()).sum())
          .isEqualTo(entry.run().steps().size());
    }
  }

  @Test
  void whatIsShownIsToldOnceAndNothingOfPayloads() throws Exception {
    pollUntilQuiet();
    assertThatEachEndIsToldOnce();

    Set<String> instances = ofInstances().stream().map(IngestIT::name).collect(Collectors.toSet());
    assertThat(instances)
        .isEqualTo(retained().stream().map(IngestIT::name).collect(Collectors.toSet()));
    assertThat(instances).anyMatch(name -> name.length() > 271 && name.contains("*"));

    Map<String, Integer> partitions = new HashMap<>();
    for (Committed<Observation> each : RealBackends.committed(Topics.OBSERVATIONS, account)) {
      if (each.value().orElseThrow().getSweepEnded() == null) {
        assertThat(each.key()).isEqualTo(account + "/" + name(each.value().orElseThrow()));
        partitions.put(each.key(), each.partition());
      }
    }
    RealBackends.committed(Topics.CHECKPOINTS, account).stream()
        .filter(each -> !each.value().orElseThrow().getLives().isEmpty())
        .forEach(each -> assertThat(partitions).containsEntry(each.key(), each.partition()));

    assertThat(RealBackends.committed(Topics.WORKFLOWS, account))
        .extracting(Committed::key)
        .contains(account + "/order-fulfilment");
    assertThat(RealBackends.committed(Topics.VERSIONS, account)).isNotEmpty();

    for (String topic : List.of("observations", "checkpoints", "workflows", "versions")) {
      assertThat(RealBackends.raw("flowmeter." + topic))
          .noneMatch(
              each ->
                  each.value() != null
                      && new String(each.value(), StandardCharsets.ISO_8859_1)
                          .contains(Simulator.PAYLOAD_CANARY));
    }
  }

  @Test
  void aSweepsEndFollowsItsRowsInEveryPartition() throws Exception {
    pollUntilQuiet();
    Map<Integer, Map<String, List<Observation>>> byPartition =
        RealBackends.committed(Topics.OBSERVATIONS, account).stream()
            .collect(
                Collectors.groupingBy(
                    Committed::partition,
                    Collectors.groupingBy(
                        each -> each.value().orElseThrow().getWorkflow(),
                        Collectors.mapping(
                            each -> each.value().orElseThrow(), Collectors.toList()))));
    assertThat(byPartition).hasSize(4);
    byPartition.forEach(
        (partition, workflows) ->
            workflows.forEach(
                (workflow, observations) -> {
                  Observation last = observations.get(observations.size() - 1);
                  assertThat(last.getSweepEnded()).isNotNull();
                  assertThat(last.getSweepEnded().getPartition()).isEqualTo(partition);
                  assertThat(last.getSweepEnded().getPartitions()).isEqualTo(4);
                  assertThat(last.getSweepEnded().getComplete()).isTrue();
                  assertThat(last.getSweepEnded().getReportedBefore())
                      .containsKey("running")
                      .isEqualTo(last.getSweepEnded().getReportedAfter());
                }));
  }

  @Test
  void aRestartNeitherLosesNorRepeats() throws Exception {
    pollUntilQuiet();
    List<Observation> before = ofInstances();
    pollUntilQuiet();
    assertThat(ofInstances()).hasSameSizeAs(before);
    now.set(now.get().plusSeconds(120));
    pollUntilQuiet();
    assertThat(ofInstances().size()).isGreaterThan(before.size());
    assertThatEachEndIsToldOnce();
  }

  @Test
  void aPollerThatIsCutOffInTheMidstGoesOnWhereItStood() throws Exception {
    for (int details : List.of(5, 10, 20)) {
      try (Ingest ingest = poll()) {
        await("fetched details or the end of a sweep")
            .atMost(PATIENCE)
            .pollInterval(Duration.ofMillis(5))
            .until(
                () ->
                    ingest.progress().detailsFetched() >= details
                        || ingest.progress().lastSweepAt().isPresent());
      }
    }
    pollUntilQuiet();
    assertThatEachEndIsToldOnce();
  }

  @Test
  void livesAreToldApartWhileTheFleetMoves() throws Exception {
    try (Ingest ingest = poll()) {
      for (int i = 0; i < 5; i++) {
        awaitQuiet(ingest);
        now.set(now.get().plusSeconds(70));
      }
      awaitQuiet(ingest);
      assertThat(ingest.drain(PATIENCE)).isTrue();
    }
    assertThatEachEndIsToldOnce();
    // Each queued that was shown belongs to one run, and each run has one queued.
    Map<String, Set<Instant>> queuedOfRun =
        ofInstances().stream()
            .filter(each -> each.getDetail() != null)
            .collect(
                Collectors.groupingBy(
                    each -> name(each) + "#" + each.getRun(),
                    Collectors.mapping(each -> each.getDetail().getQueued(), Collectors.toSet())));
    assertThat(queuedOfRun.values()).allMatch(queued -> queued.size() == 1);
    Set<String> runs =
        simulator.ledger(now.get()).stream()
            .map(entry -> name(entry) + "@" + entry.run().queued())
            .collect(Collectors.toSet());
    queuedOfRun.forEach(
        (run, queued) ->
            assertThat(runs)
                .contains(run.substring(0, run.lastIndexOf('#')) + "@" + queued.iterator().next()));
    // Rows belong to runs that details know.
    assertThat(ofInstances())
        .filteredOn(each -> each.getRow() != null)
        .allMatch(each -> queuedOfRun.containsKey(name(each) + "#" + each.getRun()));
  }

  @Test
  void passingFaultsLoseNothing() throws Exception {
    Predicate<String> details = target -> target.contains("/instances/");
    simulator.faults().next(5, details, InjectedFault.malformedJson());
    simulator.faults().next(5, details, InjectedFault.html());
    simulator.faults().next(5, details, InjectedFault.plainForbidden());
    simulator.faults().next(2, details, InjectedFault.hang());
    simulator.faults().next(5, details, InjectedFault.truncatedBody());
    simulator.faults().next(5, details, InjectedFault.serverError(500));
    simulator.faults().next(5, details, InjectedFault.reset());
    simulator.faults().next(5, details, InjectedFault.plainNotFound());
    simulator
        .faults()
        .next(3, target -> target.contains("/instances?"), InjectedFault.malformedJson());
    simulator.faults().next(1, target -> target.contains("/workflows?"), InjectedFault.html());
    pollUntilQuiet();
    assertThat(simulator.faults().pending()).isZero();
    assertThatEachEndIsToldOnce();
    assertThat(logs).anyMatch(line -> line.contains("expected JSON, came HTTP 200, text/html"));
    assertThat(logs).anyMatch(line -> line.contains("are incomplete"));
  }

  @Test
  void whatIsMissingOrUnknownIsCarriedThrough() throws Exception {
    Predicate<String> details = target -> target.contains("/instances/");
    simulator.faults().next(20, details, InjectedFault.unknownStatus("hibernated"));
    simulator.faults().next(20, details, InjectedFault.unknownStepType("teleport"));
    simulator.faults().next(20, details, InjectedFault.missingTimestamps());
    simulator.faults().next(20, details, InjectedFault.stepsWithoutAttempts());
    pollUntilQuiet();
    List<DetailPart> chunks =
        ofInstances().stream()
            .filter(each -> each.getDetail() != null)
            .map(Observation::getDetail)
            .toList();
    assertThat(chunks).extracting(DetailPart::getStatus).contains("hibernated");
    assertThat(chunks)
        .flatExtracting(DetailPart::getSteps)
        .extracting(Step::getType)
        .contains("teleport");
    assertThat(chunks).anyMatch(chunk -> chunk.getQueued() == null);
    assertThat(chunks)
        .flatExtracting(DetailPart::getSteps)
        .anyMatch(step -> step.getType().equals("step") && step.getAttempts().isEmpty());
  }

  @Test
  void rowsThatCannotBeUsedAreCountedAndSkipped() throws Exception {
    simulator
        .faults()
        .every(
            target -> target.contains("/workflows/order-fulfilment/instances?"),
            InjectedFault.rowsWithoutId());
    try (Ingest ingest = poll()) {
      awaitQuiet(ingest);
      assertThat(ingest.progress().skippedRows()).isPositive();
    }
    assertThat(ofInstances())
        .extracting(Observation::getWorkflow)
        .doesNotContain("order-fulfilment");
    simulator.faults().clear();
    pollUntilQuiet();
    assertThatEachEndIsToldOnce();
  }

  @Test
  void aLiveRunThatIsNoMoreFoundVanishes() throws Exception {
    pollUntilQuiet();
    LedgerEntry gone =
        retained().stream()
            .filter(entry -> entry.newest() && entry.run().end().isEmpty())
            .filter(entry -> entry.instanceId().matches("[a-z0-9-]+"))
            .findFirst()
            .orElseThrow();
    simulator
        .faults()
        .every(
            target -> target.contains("/instances?"),
            InjectedFault.edit(
                row -> {
                  if (row.path("id").asText().equals(gone.instanceId())) {
                    row.remove("id");
                  }
                }));
    LoopbackResponse notFound =
        LoopbackResponse.text(
            404,
            "application/json",
            "{\"success\":false,\"errors\":[{\"code\":10400,\"message\":\"instance.not_found\"}],"
                + "\"result\":null}");
    simulator
        .faults()
        .every(target -> target.contains(gone.instanceId()), new InjectedFault.Instead(notFound));
    pollUntilQuiet();
    assertThat(ofInstances())
        .filteredOn(each -> each.getVanished() != null)
        .extracting(Observation::getInstanceId)
        .containsExactly(gone.instanceId());
  }

  @Test
  void aPlainNotFoundNeverMeansThatARunVanished() throws Exception {
    pollUntilQuiet();
    simulator
        .faults()
        .every(
            target -> target.contains("/instances?status"),
            InjectedFault.edit(row -> row.remove("id")));
    simulator
        .faults()
        .every(
            target -> target.contains("/instances?") && !target.contains("status="),
            InjectedFault.edit(row -> row.remove("id")));
    simulator
        .faults()
        .every(target -> target.contains("/instances/"), InjectedFault.plainNotFound());
    try (Ingest ingest = poll()) {
      await("more than 150 requests")
          .atMost(PATIENCE)
          .until(ingest::progress, progress -> progress.requests() > 150);
    }
    assertThat(ofInstances()).noneMatch(each -> each.getVanished() != null);
  }

  @Test
  void aWrongTokenIsToldAndNothingIsLost() throws Exception {
    IngestSettings wrong =
        IngestSettings.of(simulator.baseUri())
            .account(account)
            .token(ApiToken.of("wrong-" + TOKEN))
            .interval(Duration.ofMillis(50))
            .build();
    try (Ingest ingest =
        Ingest.start(wrong, RealBackends.kafka(), RealBackends.registry(), IngestListener.NONE)) {
      await("three failed requests")
          .atMost(PATIENCE)
          .until(ingest::progress, progress -> progress.failed() >= 3);
      assertThat(ingest.progress().lastProblem().orElseThrow())
          .contains("HTTP 403")
          .contains("check that the token is valid");
    }
    // An outage is told once.
    assertThat(logs)
        .filteredOn(line -> line.startsWith("WARN") && line.contains("HTTP 403"))
        .hasSize(1);
  }

  @Test
  void aBlockOfMinutesDoesNotKeepItFromStopping() throws Exception {
    simulator
        .faults()
        .every(
            target -> target.contains("/instances"),
            InjectedFault.tooManyRequests(Duration.ofMinutes(5)));
    try (Ingest ingest = poll()) {
      await("a request that is rate-limited")
          .atMost(PATIENCE)
          .until(ingest::progress, progress -> progress.rateLimited() > 0);
      assertThat(ingest.drain(PATIENCE)).isTrue();
    }
  }

  @Test
  @Timeout(300)
  void itStopsWithoutTheAnswersThatItWaitsFor() throws Exception {
    simulator.faults().every(target -> target.contains("/instances"), InjectedFault.hang());
    Ingest ingest =
        Ingest.start(
            settings(Duration.ofMinutes(30)),
            RealBackends.kafka(),
            RealBackends.registry(),
            IngestListener.NONE);
    await("a request that hangs")
        .atMost(PATIENCE)
        .until(simulator::requests, requests -> requests.toString().contains("/instances"));
    ingest.close();
    await("the end of all threads of ingest")
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .noneMatch(name -> name.startsWith("flowmeter-ingest")));
  }
}
