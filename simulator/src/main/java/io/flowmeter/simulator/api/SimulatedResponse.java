package io.flowmeter.simulator.api;

import java.util.function.Consumer;

/**
 * What the API says to a request.
 *
 * @param json the whole envelope
 * @param huge whether it is too long to be held as bytes
 * @param telling tells a listener what is in it
 */
record SimulatedResponse(int status, Json json, boolean huge, Consumer<ApiListener> telling) {

  /** One thing. */
  static SimulatedResponse of(Json result, Consumer<ApiListener> telling) {
    return new SimulatedResponse(200, ResponseEnvelope.of(result), false, telling);
  }

  /** A list. */
  static SimulatedResponse of(Json rows, Json resultInfo, Consumer<ApiListener> telling) {
    return new SimulatedResponse(200, ResponseEnvelope.of(rows, resultInfo), false, telling);
  }

  /** A refusal; nothing is to be told of it. */
  static SimulatedResponse of(ApiError error) {
    return new SimulatedResponse(error.status(), ResponseEnvelope.of(error), false, listener -> {});
  }

  /** The same, written out as it comes. */
  SimulatedResponse ofHugeLength() {
    return new SimulatedResponse(status, json, true, telling);
  }
}
