package io.flowmeter.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowmeter.ingest.privacy.ErrorPrivacy;
import io.flowmeter.ingest.privacy.LongText;
import io.flowmeter.schemas.observation.Attempt;
import io.flowmeter.schemas.observation.Error;
import io.flowmeter.schemas.observation.Step;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ApiJsonTest {
  private static final DetailJson DETAILS = new DetailJson(ErrorPrivacy.SCRUBBED);

  private static InstanceDetail detail(String json) {
    return Json.result(json, DETAILS::read);
  }

  private static List<ListedInstance> rows(String json) {
    return Json.result(json, ApiJson.rows(ApiJson::instance)).rows();
  }

  @Test
  void readsADetailWithExhaustedRetries() {
    InstanceDetail detail = Json.recorded("detail_errored_retries_exhausted", DETAILS::read);
    assertThat(detail.status()).isEqualTo("errored");
    assertThat(detail.queued()).contains(Instant.parse("2026-11-24T12:22:26.238Z"));
    assertThat(detail.end()).contains(Instant.parse("2026-11-24T12:22:26.931Z"));
    assertThat(detail.error()).contains(new Error("RangeError", "ledger rejected: balance < 0"));
    assertThat(detail.outputBytes()).isEmpty();
    assertThat(detail.paramsBytes()).hasValue("{\"invoice\":1}".length());
    assertThat(detail.steps()).hasSize(2);
    Step post = detail.steps().get(1);
    assertThat(post.getStepIndex()).isEqualTo(1);
    assertThat(post.getName()).isEqualTo("post to ledger-1");
    assertThat(post.getType()).isEqualTo("step");
    assertThat(post.getSuccess()).isFalse();
    assertThat(post.getRetryLimit()).isEqualTo(2);
    assertThat(post.getRetryDelay()).isEqualTo("200");
    assertThat(post.getBackoff()).isEqualTo("linear");
    assertThat(post.getTimeout()).isEqualTo("5 seconds");
    assertThat(post.getAttempts().stream().map(ApiJsonTest::millis)).containsExactly(39L, 17L, 17L);
    assertThat(post.getAttempts().get(2).getError().getName()).isEqualTo("RangeError");
  }

  private static long millis(Attempt attempt) {
    return Duration.between(attempt.getStart(), attempt.getEnd()).toMillis();
  }

  @Test
  void readsSleepsAndTheSizesOfOutputs() {
    InstanceDetail detail = Json.recorded("detail_complete_steps_sleep", DETAILS::read);
    Step validate = detail.steps().get(0);
    assertThat(validate.getOutputBytes())
        .isEqualTo("{\"orderId\":\"A-1\",\"amount\":9.99}".length());
    Step sleep = detail.steps().get(1);
    assertThat(sleep.getType()).isEqualTo("sleep");
    assertThat(sleep.getFinished()).isTrue();
    assertThat(sleep.getSuccess()).isNull();
    assertThat(sleep.getAttempts()).isEmpty();
    assertThat(detail.steps().get(2).getOutputBytes()).isEqualTo("\"charged:9.99\"".length());
    assertThat(detail.steps().get(3).getOutputBytes()).isEqualTo("42".length());
  }

  @Test
  void readsRollbacks() {
    InstanceDetail detail = Json.recorded("detail_saga_rolledback", DETAILS::read);
    assertThat(detail.status()).isEqualTo("errored");
    assertThat(detail.steps()).extracting(Step::getName).contains("mint token-1", "pay-1");
    InstanceDetail newer =
        detail(
            "{\"status\":\"errored\",\"rollback\":{\"outcome\":\"failed\",\"error\":{\"name\":\"E\","
                + "\"message\":\"m\"}},\"steps\":[{\"type\":\"rollback\",\"name\":\"undo\"}]}");
    assertThat(newer.rollbackOutcome()).contains("failed");
    assertThat(newer.rollbackError()).contains(new Error("E", "m"));
    assertThat(newer.steps().get(0).getType()).isEqualTo("rollback");
  }

  @Test
  void readsAWaitForAnEventThatTimedOut() {
    InstanceDetail detail = Json.recorded("detail_waitForEvent_timeout_errored", DETAILS::read);
    assertThat(detail.steps()).extracting(Step::getType).contains("waitForEvent");
    assertThat(detail.error()).isPresent();
  }

  @Test
  void readsAllOfProduction() {
    InstanceDetail detail =
        detail(
            """
            {"status":"terminated","success":false,"trigger":{"source":"cron"},"versionId":"v-1",
             "queued":"2026-11-24T12:00:00Z","start":"2026-11-24T12:00:01.5Z","end":null,
             "step_count":2,"output":"x","params":[1,2],
             "steps":[{"type":"waitForEvent","name":"w","event_type":"paid","finished":false,"start":1795521600000},
                      {"type":"termination","trigger":{"source":"api"}}]}""");
    assertThat(detail.success()).contains(false);
    assertThat(detail.triggerSource()).contains("cron");
    assertThat(detail.versionId()).contains("v-1");
    assertThat(detail.start()).contains(Instant.parse("2026-11-24T12:00:01.500Z"));
    assertThat(detail.end()).isEmpty();
    assertThat(detail.outputBytes()).hasValue(3);
    assertThat(detail.paramsBytes()).hasValue(5);
    assertThat(detail.steps().get(0).getEventType()).isEqualTo("paid");
    assertThat(detail.steps().get(0).getStart()).isEqualTo(Instant.ofEpochMilli(1795521600000L));
    assertThat(detail.steps().get(1).getName()).isNull();
    assertThat(detail.steps().get(1).getTriggerSource()).isEqualTo("api");
  }

  @Test
  void anythingNestedMayBeAbsent() {
    InstanceDetail detail =
        detail("{\"status\":\"running\",\"steps\":[{},{\"type\":\"step\",\"name\":\"a\"},null,3]}");
    assertThat(detail.queued()).isEmpty();
    assertThat(detail.steps()).hasSize(4);
    assertThat(detail.steps()).extracting(Step::getStepIndex).containsExactly(0, 1, 2, 3);
    assertThat(detail.steps().get(1).getAttempts()).isEmpty();
  }

  @Test
  void aDetailWithoutStatusOrWithoutTheStepsThatItCountsIsNone() {
    for (String json :
        List.of(
            "{}",
            "{\"queued\":\"2026-11-24T12:00:00Z\",\"steps\":[]}",
            "{\"status\":\"complete\",\"step_count\":2}",
            "{\"status\":\"complete\",\"step_count\":2,\"steps\":null}")) {
      assertThat(Json.envelope(json, DETAILS::read).result()).as(json).isEmpty();
    }
    assertThat(detail("{\"status\":\"complete\",\"step_count\":0}").steps()).isEmpty();
  }

  @Test
  void whatIsNotKnownPassesThrough() {
    InstanceDetail detail =
        detail(
            "{\"status\":\"hibernated\",\"new\":{\"deep\":[[{}]]},\"steps\":[{\"type\":\"teleport\","
                + "\"config\":{\"retries\":{\"backoff\":\"fibonacci\",\"delay\":\"[dynamic]\"}}}]}");
    assertThat(detail.status()).isEqualTo("hibernated");
    assertThat(detail.steps().get(0).getType()).isEqualTo("teleport");
    assertThat(detail.steps().get(0).getBackoff()).isEqualTo("fibonacci");
    assertThat(detail.steps().get(0).getRetryDelay()).isEqualTo("[dynamic]");
  }

  @Test
  void wrongKindsAreForgiven() {
    InstanceDetail detail =
        detail(
            """
            {"status":7,"error":"it broke","queued":false,"start":"yesterday","success":"true","steps":{},
             "trigger":"api","output":null}""");
    assertThat(detail.status()).isEqualTo("7");
    assertThat(detail.error()).contains(new Error("", "it broke"));
    assertThat(detail.queued()).isEmpty();
    assertThat(detail.start()).isEmpty();
    assertThat(detail.success()).contains(true);
    assertThat(detail.steps()).isEmpty();
    assertThat(detail.triggerSource()).contains("api");
    assertThat(detail.outputBytes()).isEmpty();
    Step step =
        detail(
                "{\"status\":\"running\",\"steps\":[{\"attempts\":{},\"config\":{\"retries\":{\"limit\":\"3\",\"delay\":1500},"
                    + "\"timeout\":60000}}]}")
            .steps()
            .get(0);
    assertThat(step.getAttempts()).isEmpty();
    assertThat(step.getRetryLimit()).isEqualTo(3);
    assertThat(step.getRetryDelay()).isEqualTo("1500");
    assertThat(step.getTimeout()).isEqualTo("60000");
  }

  @Test
  void rowsThatCannotBeUsedAreCounted() {
    ApiJson.Rows<ListedInstance> listed =
        Json.recorded("list_instances", ApiJson.rows(ApiJson::instance));
    assertThat(listed.rows()).hasSize(7);
    assertThat(listed.skipped()).isEqualTo(1);
    assertThat(
            Json.result(
                    "[{\"status\":\"running\"},7,{\"id\":\"\"}]", ApiJson.rows(ApiJson::instance))
                .skipped())
        .isEqualTo(3);
  }

  @Test
  void aRowNeedsEitherStatusOrCreation() {
    assertThat(rows("[{\"id\":\"a\",\"status\":\"running\"}]").get(0).createdOn()).isEmpty();
    assertThat(rows("[{\"id\":\"a\",\"created_on\":\"2026-11-24T12:00:00Z\"}]").get(0).status())
        .isEqualTo("unknown");
  }

  @Test
  void readsWorkflowsAndTheirCounts() {
    assertThat(Json.recorded("list_workflows", ApiJson.rows(ApiJson::workflow)).rows())
        .extracting(ListedWorkflow::name)
        .contains("order-pipeline", "bulk-ping");
    ListedWorkflow gate = Json.recorded("workflow_approval-gate", ApiJson::workflow);
    assertThat(gate.instances())
        .containsAllEntriesOf(Map.of("complete", 3L, "unknown", 1L, "queued", 0L));
  }

  @Test
  void readsVersions() {
    ListedVersion version =
        Json.result(
            "{\"id\":\"v-1\",\"has_dag\":true,\"limits\":{\"steps\":200},\"language\":\"python\"}",
            ApiJson::version);
    assertThat(version.stepLimit()).hasValue(200);
    assertThat(version.hasDag()).contains(true);
    assertThat(version.language()).contains("python");
  }

  @ParameterizedTest
  @CsvSource({
    "2026-11-24T12:00:00Z,1795521600000",
    "2026-11-24T12:00:00.1234567Z,1795521600123",
    "2026-11-24T14:00:00+02:00,1795521600000",
    "2026-11-24T12:00:00,1795521600000",
    "2026-11-24 12:00:00,1795521600000"
  })
  void timesAreUtcWhereTheyHaveNoOffset(String text, long millis) {
    assertThat(StreamingJsonReader.time(text)).contains(Instant.ofEpochMilli(millis));
  }

  @Test
  void longTextsAreCutWithAMark() {
    String message = "üü ".repeat(5_000);
    String read =
        detail("{\"status\":\"errored\",\"error\":{\"message\":\"" + message + "\"}}")
            .error()
            .orElseThrow()
            .getMessage();
    assertThat(read.getBytes(StandardCharsets.UTF_8).length)
        .isBetween(LongText.MOST_BYTES - 100, LongText.MOST_BYTES);
    assertThat(read).startsWith("üü üü").endsWith("… [cut by Flowmeter]");
    assertThat(LongText.cut("x".repeat(LongText.MOST_BYTES)))
        .hasSize(LongText.MOST_BYTES)
        .endsWith("x");
  }

  @Test
  void aGigabyteOfOutputIsSkippedWithoutBeingHeld() {
    byte[] head = "{\"result\":{\"output\":\"".getBytes(StandardCharsets.UTF_8);
    byte[] tail = "\",\"status\":\"complete\"}}".getBytes(StandardCharsets.UTF_8);
    byte[] block = new byte[1 << 20];
    Arrays.fill(block, (byte) 'x');
    // More than the heap of the tests.
    int blocks = 1_200;
    InputStream body =
        new SequenceInputStream(
            Collections.enumeration(
                List.of(
                    new ByteArrayInputStream(head),
                    new SequenceInputStream(
                        Collections.enumeration(
                            Collections.nCopies(blocks, block).stream()
                                .map(bytes -> (InputStream) new ByteArrayInputStream(bytes))
                                .toList())),
                    new ByteArrayInputStream(tail))));
    InstanceDetail detail = Json.read(body, DETAILS::read).result().orElseThrow();
    assertThat(detail.status()).isEqualTo("complete");
    assertThat(detail.outputBytes()).hasValue(2 + (long) blocks * block.length);
  }

  /** Not one that is scrubbed, so that every character counts. */
  @Test
  void ofALongMessageTheBeginningIsKeptAndTheRestRead() {
    String words = "für 1 € \uD83D\uDE00 \\ \"that\" ";
    for (int times = 150; times < 5_000; times += 17) {
      String message = words.repeat(times);
      String json = message.replace("\\", "\\\\").replace("\"", "\\\"");
      InstanceDetail detail =
          Json.result(
              "{\"error\":{\"message\":\"" + json + "\"},\"status\":\"errored\"}",
              new DetailJson(ErrorPrivacy.KEPT)::read);
      assertThat(detail.error().orElseThrow().getMessage()).isEqualTo(LongText.cut(message));
      assertThat(detail.status()).isEqualTo("errored");
    }
  }

  @Test
  void textsOfOutputsMayHoldBrackets() {
    String output = "{\"a]}\":[\"{\\\"]\",{\"[\":\"}\\\\\"}],\"b\":{}}";
    InstanceDetail detail =
        detail(
            "{\"status\":\"complete\",\"output\":"
                + output
                + ",\"new\":[[\"]\"]],\"steps\":[{\"output\":"
                + output
                + ",\"name\":\"a\"}]}");
    assertThat(detail.outputBytes()).hasValue(output.length());
    assertThat(detail.steps().get(0).getOutputBytes()).isEqualTo(output.length());
    assertThat(detail.steps().get(0).getName()).isEqualTo("a");
  }

  @Test
  void outputsMayNestDeep() {
    String deep = "[".repeat(2_000_000) + "]".repeat(2_000_000);
    assertThat(detail("{\"output\":" + deep + ",\"status\":\"complete\"}").status())
        .isEqualTo("complete");
  }
}
