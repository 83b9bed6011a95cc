package io.flowmeter.simulator.model;

/** An error as the API tells it; the message can be empty. */
public record Failure(String name, String message) {}
