package io.flowmeter.ingest.source;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** HTTP/2 with TLS, HTTP/1.1 without; redirects are answers as others. */
final class HttpTransport implements Transport {
  private final ExecutorService threads;
  private final HttpClient client;

  HttpTransport(SourceSettings settings) {
    this.threads = Executors.newCachedThreadPool(Threads.named("flowmeter-ingest-http"));
    this.client =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(settings.connectTimeout())
            .version(
                settings.address().getScheme().equalsIgnoreCase("https")
                    ? HttpClient.Version.HTTP_2
                    : HttpClient.Version.HTTP_1_1)
            .executor(threads)
            .build();
  }

  @Override
  public Response send(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<InputStream> response = client.send(request, BodyHandlers.ofInputStream());
    return new Response(response.statusCode(), response.headers(), response.body());
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
