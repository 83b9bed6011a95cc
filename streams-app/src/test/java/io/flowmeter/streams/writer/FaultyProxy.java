package io.flowmeter.streams.writer;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands between the writer and ClickHouse, and does what networks do. */
final class FaultyProxy implements AutoCloseable {
  private final ServerSocket listener;
  private final URI server;
  private final String scheme;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger toCut = new AtomicInteger();
  private final AtomicInteger cut = new AtomicInteger();
  private volatile boolean silent;

  private FaultyProxy(URI server, ServerSocket listener, String scheme) {
    this.server = server;
    this.listener = listener;
    this.scheme = scheme;
    start(this::accept);
  }

  static FaultyProxy before(URI server) throws IOException {
    return new FaultyProxy(
        server, new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), "http");
  }

  /** Speaks TLS to the writer. */
  static FaultyProxy before(URI server, javax.net.ssl.SSLContext tls) throws IOException {
    return new FaultyProxy(
        server,
        tls.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress()),
        "https");
  }

  String url() {
    return scheme + "://localhost:" + listener.getLocalPort();
  }

  /** The answers to the next inserts are lost, after ClickHouse has applied them. */
  void cutAnswers(int inserts) {
    toCut.set(inserts);
  }

  int answersCut() {
    return cut.get();
  }

  /** Whether all bytes are swallowed, in both directions, while connections stay open. */
  void silent(boolean now) {
    silent = now;
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        Socket upstream = new Socket(server.getHost(), server.getPort());
        open.add(client);
        open.add(upstream);
        AtomicInteger inserts = new AtomicInteger();
        start(() -> pump(client, upstream, inserts, true));
        start(() -> pump(upstream, client, inserts, false));
      } catch (IOException e) {
        if (listener.isClosed()) {
          return;
        }
      }
    }
  }

  private void pump(Socket from, Socket to, AtomicInteger inserts, boolean request) {
    byte[] buffer = new byte[1 << 16];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        if (silent) {
          continue;
        }
        if (request
            && new String(buffer, 0, read, StandardCharsets.ISO_8859_1).contains("INSERT")) {
          inserts.incrementAndGet();
        }
        if (!request && inserts.get() > 0 && toCut.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
          cut.incrementAndGet();
          return;
        }
        out.write(buffer, 0, read);
        out.flush();
      }
    } catch (IOException e) {
      // The other side has closed.
    }
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "faulty-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
