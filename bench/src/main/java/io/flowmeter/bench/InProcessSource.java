package io.flowmeter.bench;

import io.flowmeter.clock.Clock;
import io.flowmeter.ingest.budget.Budget;
import io.flowmeter.ingest.privacy.ErrorPrivacy;
import io.flowmeter.ingest.privacy.InstanceIds;
import io.flowmeter.ingest.source.ApiToken;
import io.flowmeter.ingest.source.Source;
import io.flowmeter.ingest.source.SourceDetector;
import io.flowmeter.ingest.source.SourceNotFoundException;
import io.flowmeter.ingest.source.SourceSettings;
import io.flowmeter.ingest.source.Transport;
import io.flowmeter.ingest.telemetry.Telemetry;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/** Flowmeter's client, all of it but the network. */
public final class InProcessSource {
  /** The account that is asked. */
  public static final String ACCOUNT = "0123456789abcdef0123456789abcdef";

  private static final Duration TIMEOUT = Duration.ofMinutes(10);

  private InProcessSource() {}

  public static Source over(Transport transport, Budget budget, Telemetry telemetry, Clock clock) {
    SourceSettings settings =
        new SourceSettings(
            URI.create("http://localhost/client/v4"),
            Optional.of(ACCOUNT),
            Optional.of(ApiToken.of("none")),
            TIMEOUT,
            TIMEOUT,
            TIMEOUT,
            1,
            1,
            1,
            ErrorPrivacy.SCRUBBED,
            InstanceIds.KEPT);
    try {
      return SourceDetector.production(settings, budget, telemetry, clock, transport);
    } catch (SourceNotFoundException e) {
      throw new IllegalStateException("account and token are given", e);
    }
  }
}
