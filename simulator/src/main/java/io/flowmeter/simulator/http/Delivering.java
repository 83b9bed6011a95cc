package io.flowmeter.simulator.http;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** Writes responses to a connection, as whole and as fast as they are meant to arrive. */
final class Delivering {
  private static final int CHUNK = 64 * 1024;
  private static final int SLOW_PIECES = 20;
  private static final long SLOW_PAUSE_MS = 100;
  private static final byte[] NEW_LINE = {'\r', '\n'};
  private static final byte[] LAST_CHUNK = "0\r\n\r".getBytes(StandardCharsets.ISO_8859_1);

  private final Socket socket;

  Delivering(Socket socket) {
    this.socket = socket;
  }

  /** Delivers a response; answers whether the connection can carry another one. */
  boolean deliver(LoopbackResponse response) throws IOException, InterruptedException {
    switch (response.delivery()) {
      case NEVER -> {
        // Until the client gives up, or the server closes the socket.
        socket.getInputStream().transferTo(OutputStream.nullOutputStream());
        return false;
      }
      case RESET -> {
        socket.setSoLinger(true, 0);
        return false;
      }
      case WHOLE -> {
        if (response.body() instanceof Body.Streamed streamed) {
          stream(response, streamed);
        } else {
          send(response, message(response), 1);
        }
        return true;
      }
      case SLOW -> {
        send(response, message(response), SLOW_PIECES);
        return true;
      }
      case TRUNCATED -> {
        byte[] message = message(response);
        int bodyLength = response.body().all().length;
        socket.getOutputStream().write(message, 0, message.length - (bodyLength + 1) / 2);
        return false;
      }
    }
    throw new IllegalStateException("unknown delivery " + response.delivery());
  }

  private void send(LoopbackResponse response, byte[] message, int pieces)
      throws IOException, InterruptedException {
    OutputStream out = socket.getOutputStream();
    int last = message.length - 1;
    for (int piece = 0; piece < pieces; piece++) {
      int from = (int) ((long) last * piece / pieces);
      int to = (int) ((long) last * (piece + 1) / pieces);
      out.write(message, from, to - from);
      if (piece < pieces - 1) {
        TimeUnit.MILLISECONDS.sleep(SLOW_PAUSE_MS);
      }
    }
    response.whenDelivered().run();
    out.write(message, last, 1);
  }

  private void stream(LoopbackResponse response, Body.Streamed body) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(head(response, "Transfer-Encoding: chunked"));
    try (OutputStream chunks = new BufferedOutputStream(new Chunks(out), CHUNK)) {
      body.writer().writeTo(chunks);
    }
    out.write(LAST_CHUNK);
    response.whenDelivered().run();
    out.write(NEW_LINE, 1, 1);
  }

  private static byte[] message(LoopbackResponse response) {
    byte[] body = response.body().all();
    byte[] head = head(response, "Content-Length: " + body.length);
    byte[] message = new byte[head.length + body.length];
    System.arraycopy(head, 0, message, 0, head.length);
    System.arraycopy(body, 0, message, head.length, body.length);
    return message;
  }

  private static byte[] head(LoopbackResponse response, String framing) {
    StringBuilder head = new StringBuilder(256);
    head.append("HTTP/1.1 ").append(response.status()).append(" \r\n");
    response
        .headers()
        .forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    head.append(framing).append("\r\n\r\n");
    return head.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Every write becomes a chunk; closing it leaves the connection open. */
  private static final class Chunks extends OutputStream {
    private final OutputStream out;

    Chunks(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (length > 0) {
        out.write((Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        out.write(bytes, offset, length);
        out.write(NEW_LINE);
      }
    }
  }
}
