package io.flowmeter.streams.deadletter;

import java.time.Instant;
import java.util.List;

/**
 * What a replay did, or would do.
 *
 * @param replayed letters whose records went back to where they came from
 * @param before letters that an earlier replay was done with
 * @param leftOut letters that the filter does not mean
 * @param impossible letters that are meant and cannot be replayed
 * @param groups the letters that are meant, by where they came from and why
 */
public record DeadLetterReplayResult(
    long replayed, long before, long leftOut, long impossible, List<Group> groups) {

  public DeadLetterReplayResult {
    groups = List.copyOf(groups);
  }

  /** All letters that were looked at. */
  public long deadLetters() {
    return replayed + before + leftOut + impossible;
  }

  /**
   * Letters of one topic and cause.
   *
   * @param topic that the records came from; empty where they do not tell
   * @param cause the exception's name and its message, in which ids and numbers are {@code {}}
   * @param impossible why these cannot be replayed; empty where they can
   * @param deadLetters how many
   * @param replayedBefore how many of them had been replayed once before they became these letters
   * @param first the earliest of their timestamps
   * @param last the latest
   * @param sampleKey the key of one of them
   * @param sample where that is among the dead letters, as partition and offset: {@code 3@17}
   */
  public record Group(
      String topic,
      String cause,
      String impossible,
      long deadLetters,
      long replayedBefore,
      Instant first,
      Instant last,
      String sampleKey,
      String sample) {}
}
