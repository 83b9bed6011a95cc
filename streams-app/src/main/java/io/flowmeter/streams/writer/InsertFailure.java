package io.flowmeter.streams.writer;

import io.flowmeter.sql.ClickHouseFailure;
import java.sql.SQLException;
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

  private InsertFailure() {}

  /** What went wrong at the bottom, ClickHouse's code for it, if it has one, and what helps. */
  static String describe(SQLException failure) {
    Throwable bottom = failure;
    while (bottom.getCause() != null) {
      bottom = bottom.getCause();
    }
    int code = failure.getErrorCode();
    String what = bottom.getMessage() == null ? bottom.toString() : bottom.getMessage();
    return what
        + (code > 0 ? " (ClickHouse code " + code + ")" : "")
        + ClickHouseFailure.of(failure).map(trouble -> "; " + trouble.advice()).orElse("");
  }

  static boolean isOfRows(SQLException failure) {
    return ROWS_DO_NOT_FIT.contains(failure.getErrorCode());
  }
}
