package io.flowmeter.sql;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text of SQL statements, each ended by a semicolon. Quotes and comments are ClickHouse's: {@code
 * '…'}, {@code "…"} and {@code `…`} with backslash escapes, {@code -- …} and {@code /* … *}{@code
 * /}.
 *
 * @param text the text, lines ended by a line feed
 */
public record SqlScript(String text) {

  private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([a-z_]+)}");

  public SqlScript {
    text = text.replace("\r\n", "\n");
  }

  /** Reads a script that is a resource beside this class. */
  static SqlScript resource(String path) {
    try (InputStream in = SqlScript.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException(
            "The SQL resource " + path + " is missing from this build of Flowmeter");
      }
      return new SqlScript(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the SQL resource " + path, e);
    }
  }

  /** Puts values in place of <code>${name}</code>; a name without a value is an error. */
  public SqlScript with(Map<String, String> values) {
    return new SqlScript(
        PLACEHOLDER
            .matcher(text)
            .replaceAll(
                found -> {
                  String value = values.get(found.group(1));
                  if (value == null) {
                    throw new IllegalArgumentException(
                        "No value for "
                            + found.group()
                            + "; there are values for "
                            + values.keySet());
                  }
                  return Matcher.quoteReplacement(value);
                }));
  }

  /** SHA-256 of the text, as lower-case hex. */
  String checksum() {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  /**
   * The statements in order, without their semicolons; what is only blanks and comments is none.
   */
  public List<String> statements() {
    List<String> statements = new ArrayList<>();
    int start = 0;
    boolean blank = true;
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == ';') {
        if (!blank) {
          statements.add(text.substring(start, at).strip());
        }
        start = ++at;
        blank = true;
      } else if (text.startsWith("--", at)) {
        at = after("\n", at);
      } else if (text.startsWith("/*", at)) {
        at = after("*/", at);
      } else if (c == '\'' || c == '"' || c == '`') {
        at = afterQuoted(c, at);
        blank = false;
      } else {
        blank &= Character.isWhitespace(c);
        at++;
      }
    }
    if (!blank) {
      statements.add(text.substring(start).strip());
    }
    return statements;
  }

  private int after(String end, int from) {
    int found = text.indexOf(end, from);
    return found < 0 ? text.length() : found + end.length();
  }

  /** A doubled quote reads as one quoted text after another, which ends at the same place. */
  private int afterQuoted(char quote, int from) {
    for (int at = from + 1; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == '\\') {
        at++;
      } else if (c == quote) {
        return at + 1;
      }
    }
    throw new IllegalArgumentException(
        "Unclosed " + quote + " in: " + text.substring(from).strip());
  }
}
