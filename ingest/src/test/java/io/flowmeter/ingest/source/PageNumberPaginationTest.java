package io.flowmeter.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class PageNumberPaginationTest {
  private static final OptionalInt FULL = OptionalInt.of(100);

  private static Optional<String> next(
      int rows, int skipped, Envelope.Paging told, OptionalInt full) throws Exception {
    Envelope<ApiJson.Rows<String>> envelope =
        new Envelope<>(
            Optional.of(new ApiJson.Rows<>(Collections.nCopies(rows, "a row"), skipped)),
            List.of(),
            told);
    return PageNumberPagination.read(
            Optional.of("2"),
            full,
            page -> new ApiResponse<>(envelope, Instant.EPOCH, Instant.EPOCH))
        .value()
        .next();
  }

  private static Envelope.Paging pages(long total) {
    return new Envelope.Paging(
        Optional.empty(), OptionalLong.empty(), OptionalLong.of(total), OptionalLong.empty());
  }

  @Test
  void aFullPageGoesOnWhereNothingElseIsTold() throws Exception {
    assertThat(next(100, 0, Envelope.Paging.NONE, FULL)).contains("3");
    assertThat(next(99, 1, Envelope.Paging.NONE, FULL)).contains("3");
    assertThat(next(99, 0, Envelope.Paging.NONE, FULL)).isEmpty();
    assertThat(next(0, 0, Envelope.Paging.NONE, FULL)).isEmpty();
  }

  @Test
  void whatIsToldOfPagesIsBelieved() throws Exception {
    assertThat(next(100, 0, pages(2), FULL)).isEmpty();
    assertThat(next(5, 0, pages(3), FULL)).contains("3");
  }

  @Test
  void aListOfASourceThatTellsAllAtOnceEndsWithItsOnlyPage() throws Exception {
    assertThat(next(100, 0, Envelope.Paging.NONE, OptionalInt.empty())).isEmpty();
  }
}
