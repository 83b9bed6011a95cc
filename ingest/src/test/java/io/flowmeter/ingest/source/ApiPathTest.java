package io.flowmeter.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.Test;

class ApiPathTest {
  private static final URI BASE = URI.create("https://api.cloudflare.com/client/v4/");

  @Test
  void aSegmentCanBeToldOtherwiseThanItIsAskedFor() {
    ApiPath path = ApiPath.under(BASE).segment("instances").segment("order-1", "0f3c");

    assertThat(path.uri().getRawPath()).endsWith("/instances/order-1");
    assertThat(path.toLogString()).isEqualTo("GET /instances/0f3c");
  }

  @Test
  void segmentsMayHoldAnything() {
    String id = "*/5 * * * *, #1 100% ü?&=+";
    URI uri = ApiPath.under(BASE).segment("instances").segment(id).uri();
    assertThat(uri.getRawPath())
        .isEqualTo(
            "/client/v4/instances/%2A%2F5%20%2A%20%2A%20%2A%20%2A%2C%20%231%20100%25%20%C3%BC%3F%26%3D%2B");
    assertThat(uri.getPath()).endsWith(id);
    assertThat(uri.getRawQuery()).isNull();
  }

  @Test
  void dotsAreNoSteps() {
    assertThat(ApiPath.under(BASE).segment("..").segment(".").uri().getRawPath())
        .isEqualTo("/client/v4/%2E%2E/%2E");
  }

  @Test
  void parametersAreNotTold() {
    ApiPath path = ApiPath.under(BASE).segment("a").parameter("cursor", "x=y").parameter("b", "1");
    assertThat(path.uri()).hasToString("https://api.cloudflare.com/client/v4/a?cursor=x%3Dy&b=1");
    assertThat(path.toLogString()).isEqualTo("GET /a");
  }
}
