package io.flowmeter.cli.backend;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.security.cert.CertificateException;
import java.time.Duration;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * What is spoken behind an address, found out by knocking. A Kafka client does not tell: one that
 * speaks TLS to a port without it is hung up on and tries again for ever, and one that does not
 * takes the first bytes of any other answer for a length and asks for as much memory, up to a
 * gigabyte.
 */
enum PortProbe {
  /** Nothing listens, or it is too far away. */
  CLOSED,
  /** Something listens and says nothing in time. */
  SILENT,
  /** TLS. */
  TLS,
  /** Kafka's protocol, in the clear. */
  PLAIN,
  /** Something listens, and speaks neither. */
  STRANGE;

  private static final short API_VERSIONS = 18;
  private static final int CORRELATION = 0x466c6f77;

  /** Knocks twice, and waits so long each time at most. */
  static PortProbe knock(String host, int port, Duration patience) {
    try (Socket socket = open(host, port, patience)) {
      if (respondsWithoutTls(socket)) {
        return PLAIN;
      }
    } catch (SocketTimeoutException e) {
      return SILENT;
    } catch (IOException e) {
      return CLOSED;
    }
    try (Socket socket = open(host, port, patience)) {
      return shakesHands(socket, host, port) ? TLS : STRANGE;
    } catch (IOException e) {
      return CLOSED;
    }
  }

  private static Socket open(String host, int port, Duration patience) throws IOException {
    Socket socket = new Socket();
    try {
      socket.connect(new InetSocketAddress(host, port), (int) patience.toMillis());
      socket.setSoTimeout((int) patience.toMillis());
      return socket;
    } catch (IOException e) {
      socket.close();
      throw new IOException("nobody opens", e);
    }
  }

  /** Asks which versions it speaks, which every broker tells, also before a login. */
  private static boolean respondsWithoutTls(Socket socket) throws SocketTimeoutException {
    try {
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      out.writeInt(10);
      out.writeShort(API_VERSIONS);
      out.writeShort(0);
      out.writeInt(CORRELATION);
      out.writeShort(-1);
      out.flush();
      DataInputStream in = new DataInputStream(socket.getInputStream());
      return in.readInt() > 0 && in.readInt() == CORRELATION;
    } catch (SocketTimeoutException silent) {
      throw silent;
    } catch (IOException hungUp) {
      return false;
    }
  }

  private static boolean shakesHands(Socket socket, String host, int port) {
    try (SSLSocket tls =
        (SSLSocket)
            ((SSLSocketFactory) SSLSocketFactory.getDefault())
                .createSocket(socket, host, port, false)) {
      tls.startHandshake();
      return true;
    } catch (IOException e) {
      // Whoever shows a certificate speaks TLS, whether it is trusted here or not.
      return e.getCause() instanceof CertificateException;
    }
  }
}
