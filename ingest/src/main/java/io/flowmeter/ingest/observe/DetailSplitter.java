package io.flowmeter.ingest.observe;

import io.flowmeter.ingest.source.ObservedSteps;
import io.flowmeter.schemas.observation.Attempt;
import io.flowmeter.schemas.observation.Observation;
import io.flowmeter.schemas.observation.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * A detail in parts that any broker takes: each at most 256 KiB of Avro. Steps stay in order; one
 * whose attempts do not fit is continued in the next part under the same index.
 */
final class DetailSplitter {
  static final int MAX_BYTES = 256 * 1024;

  /**
   * Varints that are longer in a full part than in the empty one it is measured by, and the wire
   * format's header.
   */
  private static final int SLACK = 32;

  private final int room;
  private final List<ObservedSteps> chunks = new ArrayList<>();
  private ObservedSteps.Builder current = new ObservedSteps.Builder();
  private int left;

  private DetailSplitter(int room) {
    this.room = room;
    this.left = room;
  }

  /**
   * The observations of a detail, all alike but for their steps. These are made when they are
   * written, for all at once would take much room.
   *
   * @param header makes the observation with its detail, without steps, anew at every call
   */
  static List<Observation> split(Supplier<Observation> header, ObservedSteps steps) {
    DetailSplitter parts =
        new DetailSplitter(MAX_BYTES - SLACK - RecordFingerprint.of(header.get()).size());
    for (int i = 0; i < steps.size(); i++) {
      parts.add(steps, i);
    }
    if (parts.current.size() > 0 || parts.chunks.isEmpty()) {
      parts.chunks.add(parts.current.build());
    }
    List<Observation> observations = new ArrayList<>(parts.chunks.size());
    for (ObservedSteps chunk : parts.chunks) {
      Observation observation = header.get();
      observation.getDetail().setPart(observations.size());
      observation.getDetail().setParts(parts.chunks.size());
      observation.getDetail().setSteps(chunk);
      observations.add(observation);
    }
    return observations;
  }

  private void add(ObservedSteps steps, int index) {
    int size = steps.bytes(index);
    if (size > left && size <= room) {
      startChunk();
    }
    if (size <= left) {
      current.add(steps, index);
      left -= size;
    } else {
      addByAttempts(steps.get(index));
    }
  }

  private void addByAttempts(Step step) {
    Step piece = piece(step, 0);
    int size = RecordFingerprint.of(piece).size() + SLACK;
    if (size > left) {
      startChunk();
    }
    List<Attempt> attempts = new ArrayList<>();
    int published = 0;
    for (Attempt attempt : step.getAttempts()) {
      int more = RecordFingerprint.of(attempt).size();
      if (size + more > left) {
        published += attempts.size();
        piece.setAttempts(attempts);
        put(piece, size);
        startChunk();
        piece = piece(step, published);
        size = RecordFingerprint.of(piece).size() + SLACK;
        attempts = new ArrayList<>();
      }
      attempts.add(attempt);
      size += more;
    }
    piece.setAttempts(attempts);
    put(piece, size);
  }

  private static Step piece(Step step, int offset) {
    return new Step(
        step.getStepIndex(),
        step.getType(),
        step.getName(),
        step.getStart(),
        step.getEnd(),
        step.getSuccess(),
        step.getFinished(),
        step.getError(),
        step.getRetryLimit(),
        step.getRetryDelay(),
        step.getBackoff(),
        step.getTimeout(),
        step.getEventType(),
        step.getTriggerSource(),
        step.getOutputBytes(),
        offset,
        List.of(),
        step.getStep());
  }

  private void put(Step step, int size) {
    current.add(step);
    left -= size;
  }

  private void startChunk() {
    if (current.size() > 0) {
      chunks.add(current.build());
      current = new ObservedSteps.Builder();
    }
    left = room;
  }
}
