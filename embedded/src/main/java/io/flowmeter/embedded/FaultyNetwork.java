package io.flowmeter.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLContext;

/**
 * A proxy between ClickHouse and its writer that simulates network faults. It drops responses to
 * applied inserts, swallows bytes, delays them, and refuses connections. It is for tests and fault
 * injection, and listens on loopback.
 */
public final class FaultyNetwork implements AutoCloseable {
  private static final int BACKLOG = 50;
  private static final int BUFFER_BYTES = 1 << 16;

  private final ServerSocket listener;
  private final String scheme;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final Set<Socket> inserting = ConcurrentHashMap.newKeySet();
  private final AtomicInteger toCut = new AtomicInteger();
  private final AtomicInteger cut = new AtomicInteger();
  private final URI server;
  private volatile boolean silent;
  private volatile boolean unavailable;
  private volatile Duration delay = Duration.ZERO;

  private FaultyNetwork(URI server, String scheme, ServerSocketFactory sockets) {
    this.server = server;
    this.scheme = scheme;
    try {
      this.listener = sockets.createServerSocket(0, BACKLOG, Loopback.address(0).getAddress());
    } catch (IOException e) {
      throw new EmbeddedServiceException("Could not listen on any port of " + Loopback.HOST, e);
    }
    start(this::accept);
  }

  /** Starts a proxy for a server's HTTP interface. */
  public static FaultyNetwork before(URI server) {
    return new FaultyNetwork(server, "http", ServerSocketFactory.getDefault());
  }

  /** Starts a proxy that uses TLS towards its clients. */
  public static FaultyNetwork before(URI server, SSLContext tls) {
    return new FaultyNetwork(server, "https", tls.getServerSocketFactory());
  }

  /** Returns the address on which it listens. */
  public URI url() {
    return URI.create(scheme + "://localhost:" + listener.getLocalPort());
  }

  /** Drops the responses to the next inserts, after ClickHouse has applied them. */
  public void cutResponses(int inserts) {
    toCut.set(inserts);
  }

  /** Returns the number of dropped responses. */
  public int responsesCut() {
    return cut.get();
  }

  /** Returns whether an insert is waiting for its response. */
  public boolean isInserting() {
    return !inserting.isEmpty();
  }

  /** Sets whether all bytes are swallowed, in both directions, while connections stay open. */
  public void silent(boolean now) {
    silent = now;
  }

  /** Sets the delay of each piece of a request or a response, at most 64 KiB long. */
  public void slow(Duration now) {
    delay = now;
  }

  /** Sets whether connections are closed, including new ones as soon as they are accepted. */
  public void unavailable(boolean now) {
    unavailable = now;
    if (now) {
      open.forEach(FaultyNetwork::close);
    }
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        if (unavailable) {
          close(client);
        } else {
          connect(client);
        }
      } catch (IOException e) {
        if (listener.isClosed()) {
          return;
        }
      }
    }
  }

  private void connect(Socket client) {
    Socket upstream = new Socket();
    open.add(client);
    open.add(upstream);
    try {
      upstream.connect(new InetSocketAddress(server.getHost(), server.getPort()));
    } catch (IOException e) {
      close(client);
      close(upstream);
      return;
    }
    start(() -> pump(client, upstream, true));
    start(() -> pump(upstream, client, false));
  }

  private void pump(Socket from, Socket to, boolean request) {
    Socket client = request ? from : to;
    byte[] buffer = new byte[BUFFER_BYTES];
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
          inserting.add(client);
        }
        Thread.sleep(delay.toMillis());
        if (!request && inserting.remove(client) && isToBeCut()) {
          cut.incrementAndGet();
          return;
        }
        out.write(buffer, 0, read);
        out.flush();
      }
    } catch (IOException e) {
      // The other side has closed the connection.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      inserting.remove(client);
      open.remove(from);
      open.remove(to);
    }
  }

  private boolean isToBeCut() {
    return toCut.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "faulty-network");
    thread.setDaemon(true);
    thread.start();
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is closed already, which is the goal.
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new EmbeddedServiceException("Could not stop listening at " + url(), e);
    }
    open.forEach(FaultyNetwork::close);
  }
}
