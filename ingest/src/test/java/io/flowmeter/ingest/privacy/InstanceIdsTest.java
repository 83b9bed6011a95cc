package io.flowmeter.ingest.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class InstanceIdsTest {

  @Test
  void withoutAKeyAnIdStaysAsItIs() {
    assertThat(InstanceIds.KEPT.publicId("order 1/ü")).isEqualTo("order 1/ü");
    assertThat(InstanceIds.KEPT.fingerprint()).isZero();
  }

  /** What {@code printf 'ID' | openssl dgst -sha256 -hmac 'KEY'} begins with. */
  @Test
  void aHashIsTheBeginningOfTheHmac() {
    assertThat(InstanceIds.hashed("Jefe Jefe Jefe Jefe").publicId("what do ya want for nothing?"))
        .isEqualTo("60347f019420a64681c874493b8b5d48");
  }

  @Test
  void oneIdIsAlwaysToldAlikeAndAnotherOtherwise() {
    InstanceIds ids = InstanceIds.hashed("sixteen letters!");

    assertThat(ids.publicId("order-1"))
        .matches("[0-9a-f]{32}")
        .isEqualTo(InstanceIds.hashed("sixteen letters!").publicId("order-1"))
        .isNotEqualTo(ids.publicId("order-2"))
        .isNotEqualTo(InstanceIds.hashed("seventeen letters").publicId("order-1"));
    assertThat(ids.fingerprint()).isNotZero();
  }

  @Test
  void theWorkflowItselfHasNoIdAndStaysSo() {
    assertThat(InstanceIds.hashed("sixteen letters!").publicId("")).isEmpty();
  }

  @Test
  void aShortKeyIsRefusedAndNotTold() {
    assertThatThrownBy(() -> InstanceIds.hashed("hunter2"))
        .hasMessage("expected a key of at least 16 characters, came one of 7");
    assertThat(InstanceIds.hashed("sixteen letters!")).hasToString("hashed");
  }
}
