package io.flowmeter.ingest.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.clock.Clock;
import io.flowmeter.ingest.RealBackends;
import io.flowmeter.ingest.privacy.InstanceIds;
import io.flowmeter.ingest.publish.Publisher;
import io.flowmeter.ingest.publish.RecordEncoder;
import io.flowmeter.ingest.source.ApiResponse;
import io.flowmeter.ingest.source.InstanceDetail;
import io.flowmeter.schemas.Topics;
import io.flowmeter.schemas.observation.Attempt;
import io.flowmeter.schemas.observation.DetailPart;
import io.flowmeter.schemas.observation.Error;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.schemas.observation.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RealBackends.class)
class LongDetailIT {
  private static final int STEPS = 25_000;
  private static final int ATTEMPTS = 5;

  private final InstanceKey key =
      new InstanceKey(UUID.randomUUID().toString(), "orders", "order-1");

  private static ApiResponse<InstanceDetail> detail(String status) {
    Seen seen = Seen.status(status).endedAt(1_000_000);
    for (int i = 0; i < STEPS; i++) {
      seen.step("import the rows of batch " + i + "-1", i, i + 30).attempts(attempts());
    }
    return seen.detailAt(2_000_000);
  }

  private static List<Attempt> attempts() {
    List<Attempt> attempts = new ArrayList<>();
    for (int i = 0; i < ATTEMPTS; i++) {
      Error error =
          i + 1 < ATTEMPTS ? new Error("TypeError", "upstream 503 (attempt " + i + ")") : null;
      attempts.add(new Attempt(Seen.at(i * 5L), Seen.at(i * 5L + 3), error == null, error));
    }
    return attempts;
  }

  @Test
  void detailOf25000StepsWith5AttemptsFitsDefaultBrokerLimits() throws Exception {
    try (Publisher publisher =
        new Publisher(RealBackends.kafka(), key.account(), Duration.ZERO, failure -> {})) {
      RecordEncoder encoder =
          new RecordEncoder(RealBackends.registry(), InstanceIds.KEPT, Clock.system());
      Change live =
          ChangeDetection.detail(key, TrackedInstance.NONE, Optional.empty(), detail("running"));
      publisher.put(encoder.instance(key, live.observations(), live.tracked().toCheckpoint(key)));
      Change ended =
          ChangeDetection.detail(key, live.tracked(), Optional.empty(), detail("complete"));
      publisher.put(encoder.instance(key, ended.observations(), ended.tracked().toCheckpoint(key)));
      assertThat(publisher.flush(Duration.ofSeconds(60))).isTrue();
    }
    assertThat(RealBackends.raw(Topics.OBSERVATIONS.name()))
        .allMatch(each -> each.serializedValueSize() <= DetailSplitter.MAX_BYTES);
    List<DetailPart> chunks =
        RealBackends.observations(key.account()).stream()
            .map(Observation::getDetail)
            .filter(DetailPart::getWhole)
            .sorted(Comparator.comparing(DetailPart::getPart))
            .toList();
    assertThat(chunks).hasSize(chunks.get(0).getParts());
    assertThat(chunks)
        .extracting(DetailPart::getDetailId)
        .containsOnly(chunks.get(0).getDetailId());
    List<Step> steps = chunks.stream().flatMap(chunk -> chunk.getSteps().stream()).toList();
    assertThat(steps.stream().map(Step::getStepIndex).distinct()).hasSize(STEPS);
    assertThat(steps.stream().mapToInt(step -> step.getAttempts().size()).sum())
        .isEqualTo(STEPS * ATTEMPTS);
  }
}
