package io.flowmeter.sql;

import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/** Why ClickHouse does not do what it is asked, by its codes, as far as it is known what helps. */
public enum ClickHouseFailure {
  /** The driver's code where nobody answers. */
  NO_ANSWER("see whether it runs, and whether clickhouse.url is right: flowmeter doctor", 0),
  /** UNKNOWN_TABLE. */
  NO_TABLE(Advice.TABLES, 60),
  /** UNKNOWN_DATABASE. */
  NO_DATABASE(Advice.TABLES, 81),
  /** READONLY, TABLE_IS_READ_ONLY. */
  READ_ONLY(
      "the server takes no writes: see its profile for clickhouse.user, and the table's disk",
      164,
      242),
  /** NOT_ENOUGH_SPACE. */
  DISK_FULL("free room on the server's disk, or lower retention", 243),
  /** UNKNOWN_USER, WRONG_PASSWORD, REQUIRED_PASSWORD, ACCESS_DENIED, AUTHENTICATION_FAILED. */
  LOGIN(
      "see clickhouse.user, its password, and what the user may do: flowmeter doctor",
      192,
      193,
      194,
      497,
      516);

  private final String advice;
  private final Set<Integer> codes;

  ClickHouseFailure(String advice, Integer... codes) {
    this.advice = advice;
    this.codes = Set.of(codes);
  }

  /** Which it is; empty for what is not known here. */
  public static Optional<ClickHouseFailure> of(SQLException failure) {
    return Stream.of(values())
        .filter(each -> each.codes.contains(failure.getErrorCode()))
        .findFirst();
  }

  /** What helps, as the end of a sentence. */
  public String advice() {
    return advice;
  }

  /** Whether it stays until somebody mends it here, so that a start need not wait for its end. */
  public static boolean needsManualFix(SQLException failure) {
    return of(failure).filter(each -> each == LOGIN || each == NO_DATABASE).isPresent();
  }

  /** Whether nobody answers. A server whose certificate does not hold is there. */
  public static boolean isUnavailable(SQLException failure) {
    return of(failure).filter(NO_ANSWER::equals).isPresent()
        && Stream.iterate((Throwable) failure, cause -> cause != null, Throwable::getCause)
            .noneMatch(SSLException.class::isInstance);
  }

  /** What several have in common. */
  private static final class Advice {
    static final String TABLES =
        "run flowmeter migrate where tables were never made, flowmeter rebuild where one was dropped";
  }
}
