package io.flowmeter.ingest.source;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The API's envelope: {@code {success, errors, messages, result, result_info}}.
 *
 * @param result empty where there is none, or none of the kind asked for; so is a list without rows
 *     where the envelope says {@code success: false}, for it is the failure that shows nothing
 * @param codes of the errors; their messages are left out, for they can quote what was sent
 */
record Envelope<T>(Optional<T> result, List<Long> codes, Paging paging) {

  /** What {@code result_info} says of the rest of a list. */
  record Paging(
      Optional<String> cursor,
      OptionalLong perPage,
      OptionalLong totalPages,
      OptionalLong totalCount) {
    static final Paging NONE =
        new Paging(
            Optional.empty(), OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty());

    /** Whether a numbered page is followed by another; empty where that is not told. */
    Optional<Boolean> goesOnAfter(int page) {
      if (totalPages.isPresent()) {
        return Optional.of(page < totalPages.getAsLong());
      }
      return totalCount.isPresent() && perPage.isPresent()
          ? Optional.of(page * perPage.getAsLong() < totalCount.getAsLong())
          : Optional.empty();
    }
  }

  static <T> Envelope<T> read(StreamingJsonReader json, ApiJson.Result<T> kind) throws IOException {
    var read =
        new Object() {
          Optional<T> result = Optional.empty();
          boolean failed;
          final List<Long> codes = new ArrayList<>();
          Paging paging = Paging.NONE;
        };
    if (json.begin()) {
      json.object(
          field -> {
            switch (field) {
              case "success" -> read.failed = !json.bool().orElse(true);
              case "result" -> {
                if (!json.isNull()) {
                  read.result = kind.read(json);
                }
              }
              case "errors" -> json.array(() -> code(json).ifPresent(read.codes::add));
              case "result_info" -> read.paging = paging(json);
              default -> {}
            }
          });
    }
    return new Envelope<>(
        read.result.filter(result -> !(read.failed && showsNothing(result))),
        read.codes,
        read.paging);
  }

  private static boolean showsNothing(Object result) {
    return result instanceof ApiJson.Rows<?> rows && rows.rows().isEmpty() && rows.skipped() == 0;
  }

  private static OptionalLong code(StreamingJsonReader json) throws IOException {
    var read =
        new Object() {
          OptionalLong code = OptionalLong.empty();
        };
    json.object(
        field -> {
          if (field.equals("code")) {
            read.code = json.number();
          }
        });
    return read.code;
  }

  private static Paging paging(StreamingJsonReader json) throws IOException {
    var read =
        new Object() {
          Optional<String> cursor = Optional.empty();
          OptionalLong perPage = OptionalLong.empty();
          OptionalLong totalCount = OptionalLong.empty();
          OptionalLong totalPages = OptionalLong.empty();
        };
    json.object(
        field -> {
          switch (field) {
            case "cursor" -> read.cursor = json.text().filter(cursor -> !cursor.isEmpty());
            case "per_page" -> read.perPage = json.number();
            case "total_count" -> read.totalCount = json.number();
            case "total_pages" -> read.totalPages = json.number();
            default -> {}
          }
        });
    return new Paging(read.cursor, read.perPage, read.totalPages, read.totalCount);
  }
}
