package io.flowmeter.http;

import com.sun.net.httpserver.Headers;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Decides who may use a listener.
 *
 * <p>Without a password, every caller on this machine is allowed, and the listener must not be
 * reachable from elsewhere. With a password, callers authenticate with basic credentials of the
 * user {@value #USER}, or with a bearer token.
 *
 * @param password the required password; empty if none is required
 * @param open paths whose first response line needs no password, because it reveals next to nothing
 */
public record Access(Optional<String> password, Set<String> open) {
  /** The user of basic credentials. */
  public static final String USER = "flowmeter";

  /** A guess costs an attacker nothing here. The password must therefore withstand many guesses. */
  public static final int SHORTEST_PASSWORD = 16;

  /** Allows every caller on this machine. */
  public static final Access THIS_MACHINE = new Access(Optional.empty(), Set.of());

  public Access {
    open = Set.copyOf(open);
    if (password.filter(text -> text.length() < SHORTEST_PASSWORD).isPresent()) {
      throw new IllegalArgumentException(
          "expected a password of at least %d characters, got a shorter one: `openssl rand -hex 24` generates one"
              .formatted(SHORTEST_PASSWORD));
    }
  }

  /** Hides the password, which must not appear in a log. */
  @Override
  public String toString() {
    return password.isPresent() ? "Access[with a password]" : "Access[this machine]";
  }

  /**
   * @throws UnprotectedListenerException if other machines can reach the address and no password is
   *     set
   */
  void requireFor(InetAddress address) throws UnprotectedListenerException {
    if (!address.isLoopbackAddress() && password.isEmpty()) {
      throw new UnprotectedListenerException(
          "other machines can reach %s, and no password is set"
              .formatted(address.getHostAddress()));
    }
  }

  /**
   * Returns whether the caller may read full responses. The time does not depend on which part of
   * the password is right.
   */
  boolean granted(Headers headers) {
    if (password.isEmpty()) {
      return true;
    }
    List<String> given = headers.getOrDefault("Authorization", List.of());
    String credentials = given.size() == 1 ? given.get(0) : "";
    int space = credentials.indexOf(' ');
    String scheme = credentials.substring(0, Math.max(space, 0)).toLowerCase(Locale.ROOT);
    String rest = credentials.substring(space + 1).strip();
    return switch (scheme) {
      case "bearer" -> same(rest, password.get());
      case "basic" -> same(rest, basic());
      default -> false;
    };
  }

  private String basic() {
    return Base64.getEncoder()
        .encodeToString((USER + ":" + password.orElseThrow()).getBytes(StandardCharsets.UTF_8));
  }

  /** Compares hashes, because the time of a comparison reveals the length. */
  private static boolean same(String one, String other) {
    return MessageDigest.isEqual(sha256(one), sha256(other));
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }
}
