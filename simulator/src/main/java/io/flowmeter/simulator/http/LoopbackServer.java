package io.flowmeter.simulator.http;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An HTTP/1.1 server on 127.0.0.1: keep-alive, and a thread for each connection as long as it is
 * open.
 */
public final class LoopbackServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LoopbackServer.class);
  private static final int LONGEST_HEAD = 64 * 1024;
  private static final int LONGEST_BODY = 4 * 1024 * 1024;

  private final ServerSocket listener;
  private final Function<LoopbackRequest, LoopbackResponse> handler;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads;

  private LoopbackServer(
      ServerSocket listener, Function<LoopbackRequest, LoopbackResponse> handler) {
    this.listener = listener;
    this.handler = handler;
    this.threads =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, "simulator-http");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Starts to listen.
   *
   * @param port 0 for a free one
   * @throws IOException when the port cannot be had
   */
  public static LoopbackServer start(int port, Function<LoopbackRequest, LoopbackResponse> handler)
      throws IOException {
    ServerSocket listener = new ServerSocket();
    try {
      listener.setReuseAddress(true);
      listener.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), 128);
    } catch (IOException e) {
      listener.close();
      throw new IOException(
          "cannot listen on 127.0.0.1:" + port + " (" + e.getMessage() + "): choose another port",
          e);
    }
    LoopbackServer server = new LoopbackServer(listener, handler);
    server.threads.execute(server::accept);
    return server;
  }

  /** The port it listens on. */
  public int port() {
    return listener.getLocalPort();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        open.add(socket);
        threads.execute(() -> serve(socket));
      } catch (IOException e) {
        if (!listener.isClosed()) {
          LOG.warn("a connection could not be accepted", e);
        }
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      Delivering delivering = new Delivering(socket);
      boolean more = true;
      while (more) {
        LoopbackRequest request = read(in);
        if (request == null) {
          return;
        }
        more = delivering.deliver(respond(request)) && keepsAlive(request);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      // Clients may go away at any moment, and close() ends what is open: both are their right.
      LOG.trace("a connection ended early", e);
    } finally {
      open.remove(socket);
    }
  }

  private LoopbackResponse respond(LoopbackRequest request) {
    try {
      return handler.apply(request);
    } catch (RuntimeException e) {
      LOG.error("the simulator failed on {} {}", request.method(), request.target(), e);
      return LoopbackResponse.text(500, "text/plain", "the simulator failed: " + e);
    }
  }

  private static boolean keepsAlive(LoopbackRequest request) {
    return !request.header("connection").orElse("").toLowerCase(Locale.ROOT).contains("close");
  }

  /** The next request; null when the client closed the connection. */
  private static LoopbackRequest read(InputStream in) throws IOException {
    String head = readHead(in);
    if (head.isEmpty()) {
      return null;
    }
    String[] lines = head.split("\r\n");
    String[] first = lines[0].split(" ");
    if (first.length != 3) {
      throw new IOException("expected '<method> <target> HTTP/1.1', came '" + lines[0] + "'");
    }
    Map<String, String> headers = new LinkedHashMap<>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      if (colon > 0) {
        headers.put(
            lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
            lines[i].substring(colon + 1).trim());
      }
    }
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    if (length < 0 || length > LONGEST_BODY) {
      throw new IOException(
          "expected a body of at most " + LONGEST_BODY + " bytes, came " + length);
    }
    return new LoopbackRequest(first[0], first[1], headers, in.readNBytes(length));
  }

  private static String readHead(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int matched = 0;
    while (matched < 4) {
      int next = in.read();
      if (next < 0) {
        return "";
      }
      head.write(next);
      matched = next == "\r\n\r\n".charAt(matched) ? matched + 1 : next == '\r' ? 1 : 0;
      if (head.size() > LONGEST_HEAD) {
        throw new IOException("expected a head of at most " + LONGEST_HEAD + " bytes");
      }
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  /** Stops listening and closes every connection. */
  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      LOG.warn("the listener did not close", e);
    }
    for (Socket socket : open) {
      try {
        socket.close();
      } catch (SocketException e) {
        LOG.trace("a connection was already closed", e);
      } catch (IOException e) {
        LOG.warn("a connection did not close", e);
      }
    }
    threads.shutdownNow();
  }
}
