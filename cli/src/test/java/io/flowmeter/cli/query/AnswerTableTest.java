package io.flowmeter.cli.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnswerTableTest {

  @Test
  void numbersAreAlignedRightAndNullIsDistinct() throws IOException {
    assertThat(print(80, "workflow\truns\nString\tNullable(UInt64)\norders\t12\n\\\\N\t\\N\n"))
        .containsExactly(
            "workflow              runs",
            "String    Nullable(UInt64)",
            "────────  ────────────────",
            "orders                  12",
            "\\N                    ᴺᵁᴸᴸ");
  }

  @Test
  void aLongTextIsCutToTheWidthOfTheTerminal() throws IOException {
    List<String> lines = print(40, "n\ttext\nUInt8\tString\n7\t" + "x".repeat(99) + "\n");

    assertThat(lines).allSatisfy(line -> assertThat(line).hasSizeLessThan(40));
    assertThat(lines.get(3)).startsWith("7  xxx").endsWith("x…");
  }

  @Test
  void aRowThatCannotFitIsPrintedDownwards() throws IOException {
    String names = "first_number\tsecond_number\tthird_number\n";

    assertThat(print(40, names + "UInt8\tUInt8\tString\n1\t2\tx\\ny\n"))
        .containsExactly(
            "── row 1",
            "first_number   UInt8   1",
            "second_number  UInt8   2",
            "third_number   String  x\\ny");
  }

  @Test
  void rowsBeyondTheMeasuredOnesAreCounted() throws IOException {
    StringWriter out = new StringWriter();
    String rows = "1\n".repeat(1_000) + "123456\n";

    long count =
        new AnswerTable(80, false)
            .print(new BufferedReader(new StringReader("n\nUInt8\n" + rows)), out);

    assertThat(count).isEqualTo(1_001);
    assertThat(out.toString()).endsWith("\n123456\n");
    assertThat(print(80, "n\nUInt8\n")).hasSize(3);
  }

  private static List<String> print(int columns, String tabSeparated) throws IOException {
    StringWriter out = new StringWriter();
    new AnswerTable(columns, false).print(new BufferedReader(new StringReader(tabSeparated)), out);
    return out.toString().lines().toList();
  }
}
