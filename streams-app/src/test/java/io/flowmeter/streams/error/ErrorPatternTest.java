package io.flowmeter.streams.error;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorPatternTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      nullValues = "-",
      textBlock =
          """
          # what a message says               | its pattern
          card declined                       | card declined
          ledger rejected: balance < 0        | ledger rejected: balance < {}
          airline answered 503                | airline answered {}
          Execution timed out after 2000ms    | Execution timed out after {}ms
          Execution timed out after 86400000ms | Execution timed out after {}ms
          order-474 is gone                   | order-{} is gone
          order_8f3k2j is gone                | order_{} is gone
          cus_9s6XKzkNRiz8i3 has no card      | cus_{} has no card
          order 550e8400-e29b-41d4-a716-446655440000 is gone | order {} is gone
          550E8400-E29B-41D4-A716-446655440000 | {}
          commit a1b2c3d is not known         | commit {} is not known
          decade facade                       | decade facade
          pointer 0xdeadbeef, mask 0xFF       | pointer {}, mask {}
          took 3.5 s of 1,024                 | took {} s of {}
          since 2026-11-24T12:00:00.123Z      | since {}T{}Z
          pages 5-7                           | pages {}
          balance -5 (-7)                     | balance {} ({})
          from 127.0.0.1:8080                 | from {}
          GET /v1/users/42 failed             | GET /v{}/users/{} failed
          no account for {email}              | no account for {}
          order {uuid}, card {digits}         | order {}, card {}
          {token} was revoked                 | {} was revoked
          GET https://x.example/a?{query} from {ip} | GET https://x.example/a?{} from {}
          sent Authorization: {token} {token} | sent Authorization: {} {}
          an object { digits: 4 }             | an object { digits: {} }
          an unknown {mark}                   | an unknown {mark}
          utf8 and s3 and k8s                 | utf{} and s{} and k{}s
          Störung in Raum 12                  | Störung in Raum {}
          two   spaces                        | two spaces
          """)
  void foldsWhatDiffersFromOneTimeToTheNext(String message, String pattern) {
    assertThat(ErrorPattern.of(message)).isEqualTo(pattern);
  }

  @Property
  void foldingAPatternAgainChangesNothing(@ForAll @From("messages") String message) {
    String pattern = ErrorPattern.of(message);

    assertThat(ErrorPattern.of(pattern)).isEqualTo(pattern);
  }

  @Property
  void whichNumberItIsDoesNotMatter(
      @ForAll @From("words") String before, @ForAll int one, @ForAll int other) {
    assertThat(ErrorPattern.of(before + ' ' + one))
        .isEqualTo(ErrorPattern.of(before + ' ' + other));
  }

  @Provide
  Arbitrary<String> messages() {
    return Arbitraries.strings().withChars("ab0x12fzé٣{}-+.,:/()= \n").ofMaxLength(40);
  }

  @Provide
  Arbitrary<String> words() {
    return Arbitraries.strings().withChars("abcdef ").ofMaxLength(20);
  }
}
