package io.flowmeter.cli.start;

import io.flowmeter.cli.settings.Setting;

/** What a start may have to wait for. */
enum Backend {
  KAFKA("Kafka", Setting.KAFKA_BOOTSTRAP_SERVERS),
  REGISTRY("the Schema Registry", Setting.REGISTRY_URL),
  CLICKHOUSE("ClickHouse", Setting.CLICKHOUSE_URL);

  private final String words;
  private final Setting<?> address;

  Backend(String words, Setting<?> address) {
    this.words = words;
    this.address = address;
  }

  /** As it stands in a sentence. */
  String words() {
    return words;
  }

  /** As it stands at the beginning of one. */
  String sentence() {
    return Character.toUpperCase(words.charAt(0)) + words.substring(1);
  }

  /** The setting to look at where it is not found. */
  String address() {
    return address.name();
  }
}
