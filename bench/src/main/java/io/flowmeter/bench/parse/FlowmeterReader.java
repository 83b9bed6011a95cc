package io.flowmeter.bench.parse;

import io.flowmeter.bench.InProcessSource;
import io.flowmeter.clock.Clock;
import io.flowmeter.ingest.budget.Budget;
import io.flowmeter.ingest.budget.Priority;
import io.flowmeter.ingest.source.ApiFailureException;
import io.flowmeter.ingest.source.Source;
import io.flowmeter.ingest.source.Transport;
import io.flowmeter.ingest.telemetry.Telemetry;
import io.flowmeter.schemas.observation.Step;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.Map;

/** Flowmeter's way, through all of its client but the network. */
final class FlowmeterReader implements DetailReader {
  private static final HttpHeaders JSON =
      HttpHeaders.of(Map.of("content-type", List.of("application/json")), (name, value) -> true);

  private final Source source =
      InProcessSource.over(
          new OneBody(),
          Budget.unlimited(Clock.system()),
          new Telemetry(Clock.system()),
          Clock.system());
  private InputStream next = InputStream.nullInputStream();

  private final class OneBody implements Transport {
    @Override
    public Response send(HttpRequest request) {
      return new Response(200, JSON, next);
    }

    @Override
    public void close() {}
  }

  @Override
  public List<Step> read(InputStream body) throws IOException, InterruptedException {
    next = body;
    try {
      return source
          .instance(source.budget().acquire(Priority.USUAL), "workflow", "instance")
          .value()
          .steps();
    } catch (ApiFailureException e) {
      throw new IOException(e);
    }
  }

  @Override
  public void close() {
    source.close();
  }
}
