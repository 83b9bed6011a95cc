package io.flowmeter.dev.up;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.cli.console.ProgressListener;
import io.flowmeter.cli.data.UpDirectory;
import io.flowmeter.cli.settings.Settings;
import io.flowmeter.dev.up.ShutdownSequence.Stage;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedServicesIT {
  @TempDir Path temp;

  @Test
  void anotherPortIsUsedInPlaceOfOneThatIsTaken() throws Exception {
    List<String> lines = new CopyOnWriteArrayList<>();
    ShutdownSequence closing = new ShutdownSequence();
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      UpDirectory directory =
          closing.add(Stage.DIRECTORY, UpDirectory.claim(temp.resolve("data")).orElseThrow());
      int taken = other.getLocalPort();
      Settings settings =
          Settings.read(
              Map.of("embedded.kafka.port", Integer.toString(taken)), Map.of(), Optional.empty());
      StartupSteps steps = new StartupSteps(said(lines), () -> false);

      String address = new EmbeddedServices(settings, directory, Map.of(), steps, closing).kafka();

      assertThat(address).doesNotEndWith(":" + taken);
      assertThat(lines).singleElement().asString().contains(address + " (" + taken + " is taken)");
    } finally {
      closing.close();
    }
  }

  private static ProgressListener said(List<String> lines) {
    return new ProgressListener() {
      @Override
      public void onProgress(String line) {
        lines.add(line);
      }

      @Override
      public void warn(String line) {
        lines.add(line);
      }
    };
  }
}
