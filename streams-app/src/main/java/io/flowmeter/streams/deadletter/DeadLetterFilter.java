package io.flowmeter.streams.deadletter;

import io.flowmeter.schemas.Topic;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * Which dead letters are meant.
 *
 * @param topic that the record came from, with or without {@value Topic#PREFIX}
 * @param cause part of the exception's name or of its message, in letters of either size
 * @param since letters of this timestamp and later
 * @param until letters of before
 */
public record DeadLetterFilter(
    Optional<String> topic,
    Optional<String> cause,
    Optional<Instant> since,
    Optional<Instant> until) {

  /** Every letter. */
  public static final DeadLetterFilter ALL =
      new DeadLetterFilter(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  public DeadLetterFilter {
    topic = topic.map(name -> name.startsWith(Topic.PREFIX) ? name : Topic.PREFIX + name);
    cause = cause.map(text -> text.toLowerCase(Locale.ROOT));
  }

  boolean matches(DeadLetterRecord deadLetter) {
    return topic.map(name -> deadLetter.topic().filter(name::equals).isPresent()).orElse(true)
        && cause.map(text -> describe(deadLetter).contains(text)).orElse(true)
        && since.map(from -> !deadLetter.at().isBefore(from)).orElse(true)
        && until.map(to -> deadLetter.at().isBefore(to)).orElse(true);
  }

  private static String describe(DeadLetterRecord deadLetter) {
    return (deadLetter.exception() + ' ' + deadLetter.message()).toLowerCase(Locale.ROOT);
  }
}
