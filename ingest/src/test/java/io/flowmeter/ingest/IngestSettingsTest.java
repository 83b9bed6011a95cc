package io.flowmeter.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowmeter.clock.Clock;
import io.flowmeter.ingest.privacy.ErrorPrivacy;
import io.flowmeter.ingest.privacy.InstanceIds;
import io.flowmeter.ingest.source.ApiToken;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class IngestSettingsTest {
  private static final URI LOCAL = URI.create("http://127.0.0.1:8787");

  @Test
  void everySettingButTheSourceHasADefault() {
    assertThat(IngestSettings.of(LOCAL).build())
        .isEqualTo(
            new IngestSettings(
                LOCAL,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                1200,
                0.7,
                8,
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                Duration.ofMinutes(2),
                Optional.empty(),
                Duration.ofMinutes(1),
                Duration.ofMinutes(1),
                Duration.ofMinutes(30),
                Duration.ofDays(31),
                ErrorPrivacy.SCRUBBED,
                InstanceIds.KEPT,
                Clock.system()));
  }

  @Test
  void productionMayTakeLongerToAnswer() {
    assertThat(IngestSettings.of(IngestSettings.PRODUCTION).build().requestTimeout())
        .isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void printedTheyDoNotShowTheToken() {
    assertThat(IngestSettings.of(LOCAL).token(ApiToken.of("s3cr3t")).build().toString())
        .doesNotContain("s3cr3t")
        .contains("********");
  }

  @Test
  void whatIsOutOfRangeIsRefused() {
    assertThatThrownBy(() -> IngestSettings.of(LOCAL).interval(Duration.ZERO).build())
        .hasMessage("expected a positive interval, came PT0S");
    assertThatThrownBy(() -> IngestSettings.of(LOCAL).requestShare(1.01).build())
        .hasMessage("expected a share of the request limit over 0 and up to 1, came 1.01");
    assertThatThrownBy(() -> IngestSettings.of(LOCAL).requestShare(Double.NaN).build())
        .hasMessageContaining("came NaN");
    assertThatThrownBy(() -> IngestSettings.of(LOCAL).concurrency(0).build())
        .hasMessageContaining("at least 1 request at a time");
    assertThatThrownBy(() -> IngestSettings.of(LOCAL).requestLimit(0).build())
        .hasMessageContaining("request limit of at least 1");
  }
}
