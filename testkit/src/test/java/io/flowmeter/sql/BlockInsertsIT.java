package io.flowmeter.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class BlockInsertsIT {
  /** More than sockets' buffers take, though it is compressed. */
  private static final int BYTES = 64 << 20;

  /** As a server that is stopped: its kernel takes connections, and nobody reads from them. */
  @Test
  @Timeout(300)
  void aServerThatStopsToReadIsGivenUpInTimeAndTheNextIsAsked() throws Exception {
    try (ServerSocket stopped = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
        ServerSocket other = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
        BlockInserts inserts =
            BlockInserts.into(
                new ClickHouseEndpoint(url(stopped) + "," + url(other), "u", "p"),
                1,
                Duration.ofMillis(10))) {
      AtomicInteger written = new AtomicInteger();

      assertThatThrownBy(() -> insert(inserts, written))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("not done with a request within 5 s");
      assertThat(written.get()).isLessThan(BYTES);

      other.close();
      assertThatThrownBy(() -> insert(inserts, written))
          .isInstanceOf(SQLException.class)
          .hasStackTraceContaining("Connection refused");
    }
  }

  private static void insert(BlockInserts inserts, AtomicInteger written) throws SQLException {
    byte[] noise = new byte[1 << 16];
    Random random = new Random(7);
    for (int i = 0; i < noise.length; i++) {
      noise[i] = (byte) (' ' + random.nextInt(64));
    }
    inserts.insert(
        "t",
        List.of("c"),
        out -> {
          for (int i = 0; i < BYTES / noise.length; i++) {
            out.write(noise);
            written.addAndGet(noise.length);
          }
        });
  }

  private static String url(ServerSocket server) {
    return "http://127.0.0.1:" + server.getLocalPort();
  }
}
