package io.flowmeter.streams.writer;

import java.sql.SQLException;
import java.util.Map;
import java.util.Set;

/**
 * What an insert's failure means: that these rows can never be written, or that it is to be tried
 * again. All that is the server's fault, or that somebody can mend there, is tried again for as
 * long as it takes.
 */
final class InsertFailure {
  /**
   * ClickHouse's codes for values that do not fit: CANNOT_PARSE_TEXT,
   * CANNOT_PARSE_INPUT_ASSERTION_FAILED, CANNOT_PARSE_DATETIME, TYPE_MISMATCH,
   * ARGUMENT_OUT_OF_BOUND, CANNOT_CONVERT_TYPE, CANNOT_PARSE_NUMBER, TOO_LARGE_STRING_SIZE,
   * VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE, CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN.
   */
  private static final Set<Integer> ROWS_DO_NOT_FIT =
      Set.of(6, 27, 41, 53, 69, 70, 72, 131, 321, 349);

  private static final String TABLES =
      "run flowmeter migrate where tables were never made, flowmeter rebuild where one was dropped";
  private static final String LOGIN =
      "see clickhouse.user, its password, and what the user may do: flowmeter doctor";
  private static final String READ_ONLY =
      "the server takes no writes: see its profile for clickhouse.user, and the table's disk";
  private static final String DISK = "free room on the server's disk, or lower retention";
  private static final String AWAY =
      "see whether it runs, and whether clickhouse.url is right: flowmeter doctor";

  /** What helps, by ClickHouse's code; 0 stands for no answer at all. */
  private static final Map<Integer, String> ADVICE =
      Map.ofEntries(
          Map.entry(0, AWAY),
          Map.entry(60, TABLES),
          Map.entry(81, TABLES),
          Map.entry(164, READ_ONLY),
          Map.entry(242, READ_ONLY),
          Map.entry(243, DISK),
          Map.entry(192, LOGIN),
          Map.entry(193, LOGIN),
          Map.entry(194, LOGIN),
          Map.entry(497, LOGIN),
          Map.entry(516, LOGIN));

  private InsertFailure() {}

  /** What went wrong at the bottom, ClickHouse's code for it, if it has one, and what helps. */
  static String told(SQLException failure) {
    Throwable bottom = failure;
    while (bottom.getCause() != null) {
      bottom = bottom.getCause();
    }
    int code = failure.getErrorCode();
    String what = bottom.getMessage() == null ? bottom.toString() : bottom.getMessage();
    String advice = ADVICE.getOrDefault(code, "");
    return what
        + (code > 0 ? " (ClickHouse code " + code + ")" : "")
        + (advice.isEmpty() ? "" : "; " + advice);
  }

  static boolean isOfRows(SQLException failure) {
    return ROWS_DO_NOT_FIT.contains(failure.getErrorCode());
  }
}
