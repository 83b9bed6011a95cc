package io.flowmeter.embedded;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;

/** Listening sockets on 127.0.0.1. */
final class Loopback {
  static final String HOST = "127.0.0.1";

  private Loopback() {}

  static InetSocketAddress address(int port) {
    try {
      return new InetSocketAddress(InetAddress.getByAddress(HOST, new byte[] {127, 0, 0, 1}), port);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("Four bytes are an address", e);
    }
  }

  /** Returns a socket bound to the preferred port, or to any free one if that is 0 or in use. */
  static ServerSocketChannel bind(int preferredPort) {
    try {
      try {
        return bindExactly(preferredPort);
      } catch (BindException taken) {
        return bindExactly(0);
      }
    } catch (IOException e) {
      throw new EmbeddedServiceException("Could not listen on any port of " + HOST, e);
    }
  }

  /**
   * Returns a port that was free a moment ago, if possible the preferred one. For servers that bind
   * the port themselves.
   */
  static int freePort(int preferredPort) {
    try (ServerSocketChannel socket = bind(preferredPort)) {
      return portOf(socket);
    } catch (IOException e) {
      throw new EmbeddedServiceException("Could not find a free port on " + HOST, e);
    }
  }

  /** Returns this number of different ports that were free a moment ago. */
  static List<Integer> freePorts(int count) {
    List<ServerSocketChannel> sockets = new ArrayList<>();
    List<Integer> ports = new ArrayList<>();
    try {
      while (ports.size() < count) {
        sockets.add(bind(0));
        ports.add(portOf(sockets.get(sockets.size() - 1)));
      }
      for (ServerSocketChannel socket : sockets) {
        socket.close();
      }
      return ports;
    } catch (IOException e) {
      throw new EmbeddedServiceException("Could not find free ports on " + HOST, e);
    }
  }

  static int portOf(ServerSocketChannel socket) throws IOException {
    return ((InetSocketAddress) socket.getLocalAddress()).getPort();
  }

  private static ServerSocketChannel bindExactly(int port) throws IOException {
    ServerSocketChannel socket = ServerSocketChannel.open();
    try {
      return socket.bind(address(port));
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }
}
