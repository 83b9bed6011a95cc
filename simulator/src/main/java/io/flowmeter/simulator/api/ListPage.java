package io.flowmeter.simulator.api;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;

/**
 * Which part of a list is asked for. A cursor is a position in the list as it is at the next
 * request: rows that come or go in between shift it, so that rows repeat or are left out.
 *
 * @param skip rows before the page
 * @param byCursor whether the answer carries a cursor in place of a page number
 */
record ListPage(int skip, int perPage, boolean byCursor) {
  private static final int DEFAULT_PER_PAGE = 50;
  private static final int MOST_PER_PAGE = 100;
  private static final String CURSOR_MARK = "position:";

  /** Reads {@code cursor} or {@code page}, and {@code per_page}. */
  static ListPage byCursor(Map<String, String> parameters) {
    String cursor = parameters.getOrDefault("cursor", "");
    if (parameters.containsKey("page")) {
      if (!cursor.isEmpty()) {
        throw ApiError.badParameter("cursor and page are mutually exclusive");
      }
      if (parameters.containsKey("direction")) {
        throw ApiError.badParameter("direction needs cursor pagination: leave page out");
      }
      return byNumber(parameters);
    }
    return new ListPage(cursor.isEmpty() ? 0 : position(cursor), perPage(parameters), true);
  }

  /** Reads {@code page} and {@code per_page}. */
  static ListPage byNumber(Map<String, String> parameters) {
    int perPage = perPage(parameters);
    long page = number(parameters, "page", 1, 1, Integer.MAX_VALUE);
    return new ListPage((int) Math.min(Integer.MAX_VALUE, (page - 1) * perPage), perPage, false);
  }

  /** The {@code result_info} for a page that holds {@code count} rows of {@code total}. */
  Json resultInfo(int count, int total) {
    return out -> {
      out.writeStartObject();
      out.writeNumberField("count", count);
      out.writeNumberField("per_page", perPage);
      out.writeNumberField("total_count", total);
      if (!byCursor) {
        out.writeNumberField("page", skip / perPage + 1);
        out.writeNumberField("total_pages", (total + perPage - 1) / perPage);
      } else if (skip + count < total) {
        out.writeStringField("cursor", cursor(skip + count));
      }
      out.writeEndObject();
    };
  }

  private static String cursor(int position) {
    byte[] text = (CURSOR_MARK + position).getBytes(StandardCharsets.UTF_8);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(text);
  }

  private static int position(String cursor) {
    try {
      String text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
      if (text.startsWith(CURSOR_MARK)) {
        return Integer.parseUnsignedInt(text.substring(CURSOR_MARK.length()));
      }
    } catch (IllegalArgumentException e) {
      throw ApiError.badParameter("cursor: Invalid cursor", e);
    }
    throw ApiError.badParameter("cursor: Invalid cursor");
  }

  private static int perPage(Map<String, String> parameters) {
    return (int) number(parameters, "per_page", DEFAULT_PER_PAGE, 1, MOST_PER_PAGE);
  }

  private static long number(
      Map<String, String> parameters, String name, long otherwise, long least, long most) {
    String text = parameters.get(name);
    if (text == null) {
      return otherwise;
    }
    long value;
    try {
      value = Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw ApiError.badParameter(name + ": Expected number", e);
    }
    if (value < least) {
      throw ApiError.badParameter(name + ": Too small: expected number to be >=" + least);
    }
    if (value > most) {
      throw ApiError.badParameter(name + ": Too big: expected number to be <=" + most);
    }
    return value;
  }
}
