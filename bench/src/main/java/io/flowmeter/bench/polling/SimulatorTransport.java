package io.flowmeter.bench.polling;

import io.flowmeter.clock.SteppedClock;
import io.flowmeter.ingest.source.Transport;
import io.flowmeter.simulator.Simulator;
import io.flowmeter.simulator.http.LoopbackRequest;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A simulator in this process, to which and from which the way takes virtual time. */
final class SimulatorTransport implements Transport {
  private final Simulator simulator;
  private final SteppedClock clock;
  private final Duration oneWay;

  /**
   * @param latency from a request to its response
   */
  SimulatorTransport(Simulator simulator, SteppedClock clock, Duration latency) {
    this.simulator = simulator;
    this.clock = clock;
    this.oneWay = latency.dividedBy(2);
  }

  @Override
  public Response send(HttpRequest request) {
    clock.sleep(oneWay);
    var response = simulator.respond(LoopbackRequest.get(target(request.uri())));
    clock.sleep(oneWay);
    return new Response(
        response.status(),
        headers(response.headers()),
        new ByteArrayInputStream(response.body().all()));
  }

  private static String target(URI address) {
    String query = address.getRawQuery();
    return query == null ? address.getRawPath() : address.getRawPath() + "?" + query;
  }

  private static HttpHeaders headers(Map<String, String> headers) {
    Map<String, List<String>> each =
        headers.entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, header -> List.of(header.getValue())));
    return HttpHeaders.of(each, (name, value) -> true);
  }

  @Override
  public void close() {}
}
