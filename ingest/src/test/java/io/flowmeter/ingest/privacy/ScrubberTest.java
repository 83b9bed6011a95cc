package io.flowmeter.ingest.privacy;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.simulator.fleet.ErrorCanaries;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScrubberTest {
  private static final String JWT =
      "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c";

  /** As docs/privacy.md shows them. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      value = {
        "no account for ada@example.com | no account for {email}",
        "no account for ada.lovelace+test@mail.example.co.uk. | no account for {email}.",
        "GET /users/ada%40example.com 404 | GET /users/{email} 404",
        "order 550e8400-e29b-41d4-a716-446655440000 is gone | order {uuid} is gone",
        "HTTP 401: Bearer abc.DEF-123_x~ is not valid | HTTP 401: Bearer {token} is not valid",
        "Authorization: Basic dXNlcjpwYXNz | Authorization: {token} {token}",
        "bad token ghp_16C7e42F292c6912E7710c838347Ae178B4a | bad token {token}",
        "sk_live_4eC39HqLyjWDarjtT1zdp7dc was revoked | {token} was revoked",
        "key AKIAIOSFODNN7EXAMPLE | key {token}",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY | {token}",
        "password=hunter2; retry | password={token}; retry",
        "{\"api_key\":\"k 1\",\"id\":7} | {\"api_key\":{token},\"id\":7}",
        "connect postgres://app:s3cr3t@db.example.com:5432/x | connect postgres://{token}@db.example.com:5432/x",
        "GET https://x.example/a?sig=abc&user=7 failed | GET https://x.example/a?{query} failed",
        "Set-Cookie: sid=1; theme=dark | Set-Cookie: {token}",
        "card 4111 1111 1111 1111 declined | card {digits} declined",
        "card 4111-1111-1111-1111 declined | card {digits} declined",
        "call +1 (555) 010-0199 | call {digits}",
        "customer 123456 unknown | customer {digits} unknown",
        "object 0x123456cb5 is gone | object {digits} is gone",
        "object 0x123456d is gone | object {digits} is gone",
        "object 0xab12cb5 is gone | object 0xab12cb5 is gone",
        "object 0x123456 is gone | object {digits} is gone",
        "object a1234567f is gone | object {digits} is gone",
        "from 203.0.113.7 | from {ip}",
        "from 2001:db8::8a2e:370:7334 | from {ip}",
        "deadbeefdeadbeef0123456789abcdef missing | {token} missing"
      })
  void whatNamesAPersonOrOpensADoorIsMarked(String text, String scrubbed) {
    assertThat(Scrubber.scrub(text)).isEqualTo(scrubbed);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Execution timed out after 2000ms",
        "Execution timed out after 86400000ms",
        "WorkflowTimeoutError: Execution timed out after 2000ms",
        "Step threw a NonRetryableError with message \"NonRetryableError: card declined\"",
        "The execution of the Workflow instance was terminated, as a step threw an NonRetryableError and it was not handled",
        "LedgerError: balance < 0",
        "MalformedRecord: record is malformed",
        "upstream 503 (attempt 2, exponential)",
        "ledger rejected: balance < 0",
        "Step output is too large: 1048577 bytes, at most 1048576 bytes",
        "Unexpected token < in JSON at position 0",
        "Unexpected token '<', \"<!DOCTYPE \"... is not valid JSON",
        "Cannot read properties of undefined (reading 'token')",
        "connect ECONNREFUSED 127.0.0.1:8787",
        "WorkflowError: (instance.already_exists) Workflow instance with id \"order-1\" already exists",
        "status: Invalid enum value. Expected 'queued' | 'running', received 'banana'",
        "per_page: Number must be less than or equal to 100",
        "step charge-customer-card-in-westeurope-2 failed on 3 of 5 attempts",
        "lodash@4.17.21 has no export mergeDeep",
        "Basic validation failed",
        ""
      })
  void ordinaryMessagesStayAsTheyAre(String text) {
    assertThat(Scrubber.scrub(text)).isEqualTo(text);
  }

  @Test
  void aKeyIsKnownWhereAWordStandsRightBeforeIt() {
    assertThat(Scrubber.scrub("took 5 mssk_live_canary1234567890 then"))
        .isEqualTo("took 5 ms{token} then");
  }

  @Property
  void scrubbingAgainChangesNothing(@ForAll("messages") String text) {
    String once = ErrorPrivacy.SCRUBBED.message(text);

    assertThat(ErrorPrivacy.SCRUBBED.message(once)).isEqualTo(once);
  }

  @Property
  void canariesNeverSurvive(
      @ForAll("prose") String before,
      @ForAll("canaries") String canary,
      @ForAll("prose") String after) {
    String scrubbed = ErrorPrivacy.SCRUBBED.message(before + canary + after);

    assertThat(scrubbed).doesNotContain(canary);
  }

  @Property(tries = 200)
  void aCutLeavesNoHalfCanary(@ForAll("canaries") String canary, @ForAll("cuts") int visible) {
    String most = "word ".repeat(LongText.MOST_BYTES);
    int start = LongText.MOST_BYTES - LongText.MARK.length() - 2 - visible;
    String text = most.substring(0, start) + " " + canary + most;

    String scrubbed = ErrorPrivacy.SCRUBBED.message(LongText.cut(text));

    assertThat(scrubbed).doesNotContain(canary.substring(0, 10));
  }

  @Provide
  Arbitrary<Integer> cuts() {
    return Arbitraries.integers().between(0, 60);
  }

  @Provide
  Arbitrary<String> canaries() {
    return Arbitraries.of(
        ErrorCanaries.EMAIL,
        ErrorCanaries.UUID,
        ErrorCanaries.NUMBER,
        ErrorCanaries.TOKEN,
        "CANARY_1@mail.example.org",
        "4929 1234 1234 1234",
        "+44 20 7946 0958",
        "sk_live_canary1234567890",
        "xoxb-123456789012-canaryCANARY12345",
        "cf0c0ffee0c0ffee0c0ffee0c0ffee01",
        JWT);
  }

  @Provide
  Arbitrary<String> prose() {
    return Arbitraries.of(
        "",
        " ",
        "no user ",
        " is gone ",
        "\"",
        "(",
        ")",
        ": ",
        "=",
        "\n",
        "id=",
        " 503 ",
        "https://x.example/",
        "<",
        ">",
        "… ",
        "é",
        " ms",
        ".",
        ", ");
  }

  /** Ordinary words, what is looked for, marks, and the characters that rules turn on. */
  @Provide
  Arbitrary<String> messages() {
    Arbitrary<String> words =
        Arbitraries.oneOf(
            Arbitraries.of(
                "token",
                "password",
                "secret: ",
                "Bearer ",
                "Cookie: ",
                "eyJ",
                "sk_",
                "://",
                "?a=",
                "@",
                ".com",
                "%40",
                "{token}",
                "{email}",
                "{digits}",
                "{query}",
                "-----BEGIN KEY-----",
                "600000 ms",
                "1048576",
                "123456",
                "12",
                "1.2.3.4",
                "::",
                "a:b:c:d",
                "AbC123",
                "deadbeef",
                "0123456789abcdef",
                "\"",
                "'",
                "\\",
                " ",
                " ",
                "-",
                "_",
                "+",
                "(",
                ")",
                "/",
                "=",
                ".",
                ";",
                "é",
                "😀",
                LongText.MARK),
            canaries(),
            Arbitraries.strings().ascii().ofMaxLength(12),
            Arbitraries.strings().ofMaxLength(4));
    Arbitrary<String> mixed =
        words.list().ofMinSize(1).ofMaxSize(40).map(list -> String.join("", list));
    Arbitrary<String> longOnes =
        words.list().ofMinSize(1).ofMaxSize(8).map(list -> String.join("", list).repeat(500));
    return Arbitraries.frequencyOf(
        net.jqwik.api.Tuple.of(20, mixed), net.jqwik.api.Tuple.of(1, longOnes));
  }

  static Stream<String> adversaries() {
    int mebibyte = 1 << 20;
    return Stream.of(
            "a",
            "1",
            "1 ",
            "1.",
            "a.",
            "a@",
            "a@b.",
            "@a.b",
            "A1_",
            "a1-",
            "eyJ",
            "eyJa.",
            "://",
            "://u",
            "://u:@",
            "?a=",
            "?",
            "token",
            "token=\"",
            "token='",
            "password:",
            "cookie:",
            "Bearer ",
            "Basic A",
            "sk_a",
            "sk_A",
            "-----BEGIN A-----",
            "-----BEGIN A-----\n",
            "-",
            "0a-",
            "00000000-0000-",
            "a:",
            "1:",
            "1.1.",
            "\"",
            "\\",
            "\\\"",
            "%40",
            "é",
            "٣",
            "+A1",
            "/a",
            "aA1/",
            " ",
            "\n",
            "(1",
            "+(",
            "😀")
        .map(unit -> unit.repeat(mebibyte / unit.length()));
  }

  /** A run that were tried from each of its characters would take hours, not seconds. */
  @ParameterizedTest
  @MethodSource("adversaries")
  @Timeout(600)
  void aMebibyteOfAnythingIsReadInTime(String text) {
    assertThat(ErrorPrivacy.SCRUBBED.message(text).length())
        .isLessThanOrEqualTo(LongText.MOST_BYTES);
    assertThat(Scrubber.scrubWhole(text.substring(0, 1 << 17))).as("without the cut").isNotNull();
  }

  @Example
  void withoutItsTextAnErrorKeepsItsNameAndWhatMakesItATimeOut() {
    assertThat(ErrorPrivacy.DROPPED.message("no account for Ada")).isEmpty();
    assertThat(ErrorPrivacy.DROPPED.message("Execution timed out after 2000ms of Ada"))
        .isEqualTo("Execution timed out after");
    assertThat(ErrorPrivacy.DROPPED.name("RangeError")).isEqualTo("RangeError");
    assertThat(ErrorPrivacy.DROPPED.name("ada@example.com")).isEqualTo("{email}");
  }

  @Example
  void whatIsKeptIsOnlyCut() {
    assertThat(ErrorPrivacy.KEPT.message("ada@example.com")).isEqualTo("ada@example.com");
    assertThat(ErrorPrivacy.KEPT.message("x".repeat(1 << 20)).length())
        .isLessThanOrEqualTo(LongText.MOST_BYTES);
  }
}
