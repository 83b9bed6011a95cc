package io.flowmeter.ingest.source;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** An API token. Its text leaves only as a request header; printed, it is masked. */
public final class ApiToken {
  /** The environment variable that Cloudflare's own tools read, too. */
  public static final String VARIABLE = "CLOUDFLARE_API_TOKEN";

  private static final Set<PosixFilePermission> OF_OTHERS =
      PosixFilePermissions.fromString("---rwxrwx");

  private final String secret;

  private ApiToken(String secret) {
    this.secret = secret;
  }

  /**
   * @throws IllegalArgumentException where it is empty or holds what no token holds; the message
   *     does not quote it
   */
  public static ApiToken of(String secret) {
    String trimmed = secret.strip();
    if (trimmed.isEmpty() || trimmed.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new IllegalArgumentException(
          "expected an API token of visible ASCII characters, came "
              + (trimmed.isEmpty() ? "none" : "something else")
              + ": copy it anew from Cloudflare's dashboard");
    }
    return new ApiToken(trimmed);
  }

  /** The token of the environment, where it has one. */
  public static Optional<ApiToken> fromEnvironment(Map<String, String> environment) {
    return Optional.ofNullable(environment.get(VARIABLE))
        .filter(value -> !value.isBlank())
        .map(ApiToken::of);
  }

  /**
   * The token in a file that only its owner can read.
   *
   * @throws IllegalArgumentException where the file is open to others or holds no token
   * @throws IOException where it cannot be read
   */
  public static ApiToken fromFile(Path file) throws IOException {
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
    if (permissions.stream().anyMatch(OF_OTHERS::contains)) {
      throw new IllegalArgumentException(
          "expected a token file that only its owner can read, but "
              + file
              + " has mode "
              + PosixFilePermissions.toString(permissions)
              + ": run chmod 600 on it, and replace the token if others may have read it");
    }
    return of(Files.readString(file, StandardCharsets.UTF_8));
  }

  String authorization() {
    return "Bearer " + secret;
  }

  @Override
  public String toString() {
    return "********";
  }
}
