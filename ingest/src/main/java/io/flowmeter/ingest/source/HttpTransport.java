package io.flowmeter.ingest.source;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * HTTP/2 with TLS, HTTP/1.1 without; redirects are answers as others.
 *
 * <p>All requests share one connection of HTTP/2, which the JDK keeps where a request timed out. If
 * the network dropped it without a word, every request would time out until TCP gives up, after a
 * quarter of an hour: so who waited in vain, while nobody was answered, has the next ones take
 * another.
 */
final class HttpTransport implements Transport {
  private final ExecutorService threads;
  private final SourceSettings settings;
  private volatile HttpClient client;
  private volatile long answeredNanos = System.nanoTime();

  HttpTransport(SourceSettings settings) {
    this.threads = Executors.newCachedThreadPool(Threads.named("flowmeter-ingest-http"));
    this.settings = settings;
    this.client = newClient();
  }

  private HttpClient newClient() {
    return HttpClient.newBuilder()
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
    HttpClient used = client;
    long sentNanos = System.nanoTime();
    try {
      HttpResponse<InputStream> response = used.send(request, BodyHandlers.ofInputStream());
      answeredNanos = System.nanoTime();
      return new Response(response.statusCode(), response.headers(), response.body());
    } catch (HttpTimeoutException e) {
      if (answeredNanos - sentNanos < 0) {
        leave(used);
      }
      throw e;
    }
  }

  /** What waits for it still may be answered; nothing is asked by it any more. */
  private synchronized void leave(HttpClient silent) {
    if (client == silent) {
      client = newClient();
    }
  }

  /** Which connections are used now. */
  HttpClient client() {
    return client;
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
