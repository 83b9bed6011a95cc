package io.flowmeter.simulator.fleet;

/**
 * Personal data and secrets as careless code writes them into error messages, so that scrubbing can
 * be put to the test: none of these may be found behind a scrubber.
 */
public final class ErrorCanaries {
  /** An e-mail address. */
  public static final String EMAIL = "canary.person@example.test";

  /** A UUID. */
  public static final String UUID = "c0ffee00-cafe-4bad-8dad-feedfacef00d";

  /** A long number, such as that of a card. */
  public static final String NUMBER = "4929007154389913";

  /** What stands behind {@code Bearer} in a header. */
  public static final String TOKEN = "canary_V1StGXR8Z5jdHi6BmyT0qTf3nKwL9pQz";

  private static final double SHARE = 0.06;

  private ErrorCanaries() {}

  /** The message, in some of all cases with something in it that should not be. */
  static String in(String message, SeededRandom random) {
    if (!random.happens(SHARE)) {
      return message;
    }
    String slip =
        random.oneOf(
            " for " + EMAIL,
            " (customer " + UUID + ")",
            ", card " + NUMBER,
            "; sent Authorization: Bearer " + TOKEN);
    return message + slip;
  }
}
