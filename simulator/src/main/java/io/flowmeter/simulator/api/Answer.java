package io.flowmeter.simulator.api;

import java.util.function.Consumer;

/**
 * What the API says to a request.
 *
 * @param json the whole envelope
 * @param huge whether it is too long to be held as bytes
 * @param telling tells a listener what is in it
 */
record Answer(int status, Json json, boolean huge, Consumer<Listener> telling) {

  /** One thing. */
  static Answer of(Json result, Consumer<Listener> telling) {
    return new Answer(200, Envelope.of(result), false, telling);
  }

  /** A list. */
  static Answer of(Json rows, Json resultInfo, Consumer<Listener> telling) {
    return new Answer(200, Envelope.of(rows, resultInfo), false, telling);
  }

  /** A refusal; nothing is to be told of it. */
  static Answer of(ApiError error) {
    return new Answer(error.status(), Envelope.of(error), false, listener -> {});
  }

  /** The same, written out as it comes. */
  Answer ofHugeLength() {
    return new Answer(status, json, true, telling);
  }
}
