package io.flowmeter.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;

class ReservedPortIT {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  @Test
  void nobodyListensThereAndNobodyElseGetsItUntilItIsReleased() throws IOException {
    try (ReservedPort port = new ReservedPort()) {
      assertThatThrownBy(() -> new Socket(LOOPBACK, port.number()).close())
          .isInstanceOf(ConnectException.class);
      assertThatThrownBy(() -> new ServerSocket(port.number(), 1, LOOPBACK).close())
          .isInstanceOf(BindException.class);

      int released = port.release();
      try (ServerSocket server = new ServerSocket(released, 1, LOOPBACK)) {
        assertThat(server.getLocalPort()).isEqualTo(released);
      }
    }
  }
}
