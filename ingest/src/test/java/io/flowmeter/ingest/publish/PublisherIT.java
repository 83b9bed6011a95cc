package io.flowmeter.ingest.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.flowmeter.clock.Clock;
import io.flowmeter.ingest.RealBackends;
import io.flowmeter.ingest.observe.InstanceKey;
import io.flowmeter.ingest.observe.TrackedInstance;
import io.flowmeter.ingest.privacy.InstanceIds;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.checkpoint.Checkpoint;
import io.flowmeter.schemas.observation.InstanceRow;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.schemas.rollup.CollectorMinute;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RealBackends.class)
class PublisherIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final String account = UUID.randomUUID().toString();
  private RecordEncoder encoder =
      new RecordEncoder(RealBackends.registry(), InstanceIds.KEPT, Clock.system());

  private RecordBatch unit(String id) {
    InstanceKey key = new InstanceKey(account, "orders", id);
    Observation observation = new Observation();
    observation.setAccountId(account);
    observation.setWorkflow("orders");
    observation.setInstanceId(id);
    observation.setRun(1L);
    observation.setObservedAt(Instant.EPOCH);
    observation.setRow(new InstanceRow("queued", null, null, null, null, null, null, null, null));
    Checkpoint memory = TrackedInstance.NONE.toCheckpoint(key);
    memory.setStatus("queued");
    return encoder.instance(key, List.of(observation), memory);
  }

  private RecordBatch minute(long known) {
    return encoder.minute(
        CollectorMinute.newBuilder()
            .setAccountId(account)
            .setMinute(Instant.EPOCH)
            .setProcess("this")
            .setKnown(known)
            .setObservedAt(Instant.EPOCH)
            .setRevision(known)
            .build());
  }

  private Publisher open() {
    return new Publisher(RealBackends.kafka(), account, Duration.ZERO, failure -> {});
  }

  /** As a successor reads it: its own publisher waits until the last commit shows. */
  private CheckpointSnapshot stored() {
    try (Publisher successor = open()) {
      return CheckpointSnapshot.read(RealBackends.kafka(), RealBackends.registry(), account);
    }
  }

  @Test
  void whatWasPutIsCommittedAndRemembered() throws InterruptedException {
    try (Publisher publisher = open()) {
      for (int i = 0; i < 500; i++) {
        publisher.put(unit("order-" + i));
      }
      assertThat(publisher.flush(PATIENCE)).isTrue();
      assertThat(publisher.backlog()).isZero();
      assertThat(publisher.records()).isEqualTo(1_000);
      assertThat(publisher.transactions()).isLessThan(500);
    }
    assertThat(RealBackends.observations(account)).hasSize(500);
    assertThat(stored().checkpoints()).hasSize(500);
  }

  @Test
  void hashedIdsAreToldAndWhoWouldTellThemOtherwiseIsRefused() throws InterruptedException {
    InstanceIds hashed = InstanceIds.hashed("a key of this test");
    encoder = new RecordEncoder(RealBackends.registry(), hashed, Clock.system());
    try (Publisher publisher = open()) {
      publisher.put(unit("order-1"));
    }

    assertThat(RealBackends.observations(account))
        .extracting(Observation::getInstanceId)
        .containsExactly(hashed.publicId("order-1"));
    // The API is asked for what is remembered.
    assertThat(stored().checkpoints())
        .extracting(Checkpoint::getInstanceId)
        .containsExactly("order-1");
    assertThat(stored().requireIdsOf(hashed)).isEqualTo(stored());
    assertThatThrownBy(() -> stored().requireIdsOf(InstanceIds.KEPT))
        .isInstanceOf(IdHashingChangedException.class)
        .hasMessageContaining("told as before (hashed)", "told as they are", "privacy.ids.key");
    assertThatThrownBy(() -> stored().requireIdsOf(InstanceIds.hashed("another key of this")))
        .hasMessageContaining("hashed with another key");
  }

  @Test
  void whatComesWithinTheLingerIsCommittedTogether() throws InterruptedException {
    try (Publisher publisher =
        new Publisher(RealBackends.kafka(), account, Duration.ofHours(1), failure -> {})) {
      publisher.put(unit("order-1"));
      await("the first, which nothing came before")
          .atMost(PATIENCE)
          .until(() -> publisher.transactions() == 1);
      publisher.put(unit("order-2"));
      publisher.put(unit("order-3"));
      publisher.put(minute(1));
      publisher.put(minute(2));
      assertThat(publisher.flush(PATIENCE)).isTrue();
      assertThat(publisher.transactions()).isEqualTo(2);
    }
    assertThat(RealBackends.observations(account)).hasSize(3);
    assertThat(RealBackends.committed(Topics.COLLECTOR_MINUTES, account))
        .as("running totals, of which the last is enough")
        .extracting(each -> each.value().orElseThrow().getKnown())
        .containsExactly(2L);
  }

  @Test
  void closingCommitsWhatWaits() throws InterruptedException {
    try (Publisher publisher = open()) {
      publisher.put(unit("order-1"));
    }
    assertThat(RealBackends.observations(account)).hasSize(1);
  }

  @Test
  void puttingNeverWaitsAndItIsToldWhereTooMuchWaits() throws InterruptedException {
    CountDownLatch fenced = new CountDownLatch(1);
    try (Publisher publisher =
            new Publisher(
                RealBackends.kafka(), account, Duration.ZERO, failure -> fenced.countDown());
        Publisher other = open()) {
      publisher.put(unit("order-1"));
      assertThat(fenced.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      // What is put now stays.
      RecordBatch large = unit("order-" + "9".repeat(1 << 20));
      assertThat(publisher.hasCapacity()).isTrue();
      for (int i = 0; i < 64; i++) {
        publisher.put(large);
      }
      assertThat(publisher.hasCapacity()).isFalse();
      assertThat(other.hasCapacity()).isTrue();
    }
  }

  @Test
  void whatIsForgottenIsNotRemembered() throws InterruptedException {
    try (Publisher publisher = open()) {
      publisher.put(unit("order-1"));
      publisher.put(unit("order-2"));
      publisher.put(encoder.evicted(new InstanceKey(account, "orders", "order-1")));
      assertThat(publisher.flush(PATIENCE)).isTrue();
    }
    assertThat(stored().checkpoints())
        .extracting(Checkpoint::getInstanceId)
        .containsExactly("order-2");
  }

  @Test
  void aPublisherWhosePlaceAnotherTookSaysSoAndWritesNothingMore() throws InterruptedException {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    try (Publisher first =
            new Publisher(RealBackends.kafka(), account, Duration.ZERO, failure::set);
        Publisher second = open()) {
      first.put(unit("order-1"));
      await("the publisher to fail").atMost(PATIENCE).until(() -> failure.get() != null);
      second.put(unit("order-2"));
      assertThat(second.flush(PATIENCE)).isTrue();
      assertThat(first.flush(PATIENCE)).isFalse();
    }
    assertThat(failure.get()).isInstanceOf(FencedException.class);
    assertThat(stored().checkpoints())
        .extracting(Checkpoint::getInstanceId)
        .containsExactly("order-2");
  }
}
