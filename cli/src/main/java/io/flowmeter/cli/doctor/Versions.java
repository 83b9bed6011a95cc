package io.flowmeter.cli.doctor;

import static io.flowmeter.cli.doctor.Finding.absent;
import static io.flowmeter.cli.doctor.Finding.fine;
import static io.flowmeter.cli.doctor.Reason.PATIENCE;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.utils.AppInfoParser;

/** Which versions are at work here. */
final class Versions {
  private Versions() {}

  /** Java, and what the build needs. */
  static List<Finding> found() {
    List<Finding> found = new ArrayList<>();
    found.add(
        fine(
            "Java",
            "%s, %s at %s"
                .formatted(
                    Runtime.version(),
                    System.getProperty("java.vendor"),
                    System.getProperty("java.home"))));
    found.add(fine("Kafka client", AppInfoParser.getVersion()));
    for (String tool : List.of("node", "npm")) {
      found.add(
          versionOf(tool)
              .map(version -> fine(tool, version))
              .orElseGet(
                  () ->
                      absent(
                          tool,
                          "not on the PATH; needed by the first flowmeter up, and for the local"
                              + " runtime")));
    }
    return found;
  }

  /** Registries tell their version under different addresses, or not at all. */
  static String ofRegistry(URI url) {
    boolean apicurio = url.getPath().contains("/apis/ccompat");
    URI asked = url.resolve(apicurio ? "/apis/registry/v2/system/info" : "/v1/metadata/version");
    try {
      var response =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(asked).timeout(PATIENCE).build(), BodyHandlers.ofString());
      return response.statusCode() == 200
          ? response.body().replaceFirst("(?s).*\"version\"\\s*:\\s*\"([^\"]+)\".*", ": version $1")
          : "";
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  private static Optional<String> versionOf(String tool) {
    try {
      Process process = new ProcessBuilder(tool, "--version").redirectErrorStream(true).start();
      process.getOutputStream().close();
      if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        return Optional.of("does not tell its version");
      }
      return Optional.of(
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip());
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
