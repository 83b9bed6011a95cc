package io.flowmeter.ingest.privacy;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Takes out of a text what can name a person or open a door, and leaves a mark instead. What is
 * recognised, with examples and limits, stands in docs/privacy.md.
 *
 * <p>Every rule is linear in the text: runs of characters are possessive and begin at their first
 * character only, everything else is bounded.
 */
final class Scrubber {
  /** Longer texts are cut before they are looked at; far more than is ever kept. */
  private static final int MOST_READ_BYTES = 64 * 1024;

  /** A mark can be a new beginning to its neighbours; a second round is nearly always the last. */
  private static final int MOST_ROUNDS = 8;

  private static final String EMAIL = "{email}";
  private static final String TOKEN = "{token}";
  private static final String UUID = "{uuid}";
  private static final String DIGITS = "{digits}";
  private static final String IP = "{ip}";
  private static final String QUERY = "{query}";

  /** What follows a number that measures something. */
  private static final String UNIT =
      " ?(?:ms|milliseconds?|seconds?|bytes?|KB|MB|GB|KiB|MiB|GiB)\\b";

  private record Rule(Pattern pattern, String replacement) {
    static Rule of(String mark, String... alternatives) {
      return new Rule(Pattern.compile(String.join("|", alternatives)), mark);
    }

    /** Keeps what the first group of the pattern holds. */
    static Rule after(String mark, String pattern) {
      return new Rule(Pattern.compile(pattern), "$1" + mark);
    }

    String apply(String text) {
      return pattern.matcher(text).replaceAll(replacement);
    }
  }

  /** In this order: what is told apart by its surroundings first, what by its form alone last. */
  private static final List<Rule> RULES =
      List.of(
          // Keys in PEM, whole or cut.
          Rule.of(
              TOKEN,
              "-----BEGIN [A-Z0-9 ]{1,40}-----[A-Za-z0-9+/=\\s\\\\]*+(?:-----END [A-Z0-9 ]{1,40}-----)?"),
          // User and password in a URL.
          Rule.of(TOKEN + "@", "(?<=://)[^\\s/?#\"'<>]*@"),
          Rule.of("?" + QUERY, "\\?[\\w.~%\\[\\]-]{1,100}=[^\\s\"'`<>)]*+"),
          Rule.after(TOKEN, "(?i)\\b((?:set-)?cookie[\"']?\\s{0,3}[:=]\\s{0,3})[^\\r\\n\"]++"),
          Rule.after(TOKEN, "(?i)\\b(bearer[:\\s]{1,3})[\\w.~+/=-]{6,}+"),
          Rule.after(
              TOKEN,
              "\\b((?i:basic|digest|token|apikey)\\s{1,3})(?=[a-z._-]*+[A-Z0-9=+/])[\\w.~+/=-]{8,}+"),
          // What is called a secret.
          Rule.after(
              TOKEN,
              "(?i)((?:password|passwd|passphrase|pwd|secret|token|(?:api|access|account|auth|private)[_-]?key"
                  + "|authorization|credentials?|signature|session[_-]?id|\\b(?:pin|otp|cvc|cvv))"
                  + "\\\\{0,3}[\"'`]?\\s{0,3}(?::=|=>|[:=])\\s{0,3})"
                  + "(?:\\\\{0,3}\"[^\"]*+\"?|'[^']*+'?|[^\\s\"',;&]++)"),
          // JSON Web Tokens.
          Rule.of(TOKEN, "eyJ[\\w-]{12,}+(?:\\.[\\w-]*+){0,4}"),
          // Keys that say whose they are.
          Rule.of(
              TOKEN,
              "(?<![A-Za-z0-9])(?:sk|pk|rk|whsec|gh[a-z]|github_pat|glpat|xox[a-z]|shpat|npm|hf|pat)[_-]"
                  + "(?=[a-z_-]*+[A-Z0-9])[\\w-]{10,}+",
              // Longer beginnings are known even where a word stands right before them.
              "(?:[spr]k_(?:live|test)|whsec|gh[pousr]|github_pat|glpat|xox[abeoprs]|shpat)[_-]"
                  + "(?=[a-z_-]*+[A-Z0-9])[\\w-]{16,}+"),
          Rule.of(
              EMAIL,
              "(?<![\\p{L}\\p{N}._+'-])[\\p{L}\\p{N}._+'-]++(?:@|%40)"
                  + "(?:[\\p{L}\\p{N}-]{1,63}+\\.){1,10}\\p{L}{2,63}+"),
          Rule.of(UUID, "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
          // Loopback is nobody's.
          Rule.of(
              IP,
              "(?<![\\w.-])(?!127\\.)\\d{1,3}(?:\\.\\d{1,3}){3}(?![\\w-]|\\.\\d)",
              "(?<![\\w.:-])[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{0,4}){3,7}(?![\\w:-])"),
          // Long runs without sense.
          Rule.of(
              TOKEN,
              "(?<![A-Za-z0-9])(?=[A-Za-z]*+\\d)(?=\\d*+[A-Za-z])[A-Za-z0-9]{20,}+",
              "(?<![A-Za-z0-9])(?=[a-fA-F]*+\\d)(?=\\d*+[a-fA-F])[0-9a-fA-F]{16,}+(?![A-Za-z0-9])",
              "(?<![\\w-])(?=[a-z0-9_-]*+[A-Z])(?=[A-Z0-9_-]*+[a-z])(?=[A-Za-z_-]*+\\d)[\\w-]{32,}+",
              "(?<![\\w+/.:-])(?=[a-z0-9+/]*+[A-Z])(?=[A-Z0-9+/]*+[a-z])(?=[A-Za-z+/]*+\\d)"
                  + "[A-Za-z0-9+][A-Za-z0-9+/]{39,}+={0,2}"),
          // A number to base 16 is masked whole: what is left of it would make an error group of
          // its own.
          Rule.of(
              DIGITS,
              "(?<![A-Za-z0-9])(?=\\d*+[a-fA-FxX])(?:0[xX])?(?=[0-9a-fA-F]*?\\d{6})[0-9a-fA-F]{6,}+(?![A-Za-z0-9])"),
          Rule.of(
              DIGITS,
              "(?<!\\p{Nd})(?!\\p{Nd}{6,12}"
                  + UNIT
                  + ")(?:\\p{Nd}{6,}+|\\+?\\(?\\p{Nd}(?:[ .()/-]{0,2}\\p{Nd}){6,200})"));

  private Scrubber() {}

  /** The text without what is recognised; scrubbing it again changes nothing. */
  static String scrub(String text) {
    String read = LongText.cut(text, MOST_READ_BYTES);
    return LongText.isCut(read)
        ? LongText.marked(scrubWhole(LongText.wholeWords(read)))
        : scrubWhole(read);
  }

  /** The same for a text that is not cut. */
  static String scrubWhole(String text) {
    String now = text;
    String before = "";
    for (int round = 0; round < MOST_ROUNDS && !now.equals(before); round++) {
      before = now;
      for (Rule rule : RULES) {
        now = rule.apply(now);
      }
    }
    return now;
  }
}
