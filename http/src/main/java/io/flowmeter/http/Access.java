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
 * Who may ask a listener. Without a password whoever is on this machine, and the listener must not
 * be reached from elsewhere. With one, whoever knows it: as basic credentials of the user {@value
 * #USER}, or as a bearer token.
 *
 * @param password what has to be given; empty for nothing
 * @param open paths of which anybody may hear the first line, for that tells next to nothing
 */
public record Access(Optional<String> password, Set<String> open) {
  /** The user of basic credentials. */
  public static final String USER = "flowmeter";

  /** Guesses cost an attacker nothing here, so that a password must stand against many. */
  public static final int SHORTEST_PASSWORD = 16;

  /** Whoever is on this machine. */
  public static final Access THIS_MACHINE = new Access(Optional.empty(), Set.of());

  public Access {
    open = Set.copyOf(open);
    if (password.filter(text -> text.length() < SHORTEST_PASSWORD).isPresent()) {
      throw new IllegalArgumentException(
          "expected a password of at least %d characters, came a shorter one: `openssl rand -hex 24` makes one"
              .formatted(SHORTEST_PASSWORD));
    }
  }

  /** The passwords do not belong into a log. */
  @Override
  public String toString() {
    return password.isPresent() ? "Access[with a password]" : "Access[this machine]";
  }

  /**
   * @throws UnprotectedListenerException where others reach the address and no password is set
   */
  void requireFor(InetAddress address) throws UnprotectedListenerException {
    if (!address.isLoopbackAddress() && password.isEmpty()) {
      throw new UnprotectedListenerException(
          "others than this machine reach %s, and there is no password that they would have to give"
              .formatted(address.getHostAddress()));
    }
  }

  /** Whether the caller may hear all. Takes the same time whatever of the password is right. */
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

  /** Of hashes, for the time that a comparison takes tells the length. */
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
