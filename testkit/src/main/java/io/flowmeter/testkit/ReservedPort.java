package io.flowmeter.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * A loopback port for a server that starts later. Until it is released, connections to it are
 * refused, and no other program is given it.
 */
public final class ReservedPort implements AutoCloseable {
  private final Socket bound = new Socket();

  /** Reserves a free port. */
  public ReservedPort() {
    try {
      bound.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    } catch (IOException e) {
      throw new UncheckedIOException("expected a free port on loopback", e);
    }
  }

  public int number() {
    return bound.getLocalPort();
  }

  /** Releases the port and returns its number, for the server that binds it now. */
  public int release() {
    int number = number();
    close();
    return number;
  }

  @Override
  public void close() {
    try {
      bound.close();
    } catch (IOException e) {
      throw new UncheckedIOException("expected to release port " + number(), e);
    }
  }
}
