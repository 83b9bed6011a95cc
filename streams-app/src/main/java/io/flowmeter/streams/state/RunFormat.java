package io.flowmeter.streams.state;

import io.flowmeter.schemas.state.RunState;
import io.flowmeter.schemas.state.StepSeen;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The bytes in which runs of one workflow are kept. A run's first piece holds all that is known but
 * for the steps beyond the first {@value #STEPS_A_PIECE}; other pieces hold as many steps each.
 */
public final class RunFormat {
  /** Steps of a piece, by their index; a power of 2. */
  public static final int STEPS_A_PIECE = 256;

  private final RunCodec runs;
  private final StepCodec steps;
  private final ContributionsCodec contributions;

  public RunFormat(Dictionary dictionary) {
    DictionaryEncoder encoder = new DictionaryEncoder(dictionary);
    runs = new RunCodec(encoder);
    steps = new StepCodec(encoder);
    contributions = new ContributionsCodec(encoder);
  }

  /**
   * A run's first piece.
   *
   * @param more there are other pieces
   * @param steps of the first piece
   * @param contributed of a run that ended; empty for others
   */
  public record First(
      RunState state, boolean more, List<StepSeen> steps, Optional<Contributions> contributed) {}

  /** The piece that holds the step of an index. */
  public static int piece(int stepIndex) {
    return stepIndex / STEPS_A_PIECE;
  }

  /**
   * The first piece.
   *
   * @param run epoch milliseconds
   * @param more there are other pieces
   * @param first its steps by index, each as stretches by their offset
   */
  public byte[] first(
      long run,
      RunState state,
      boolean more,
      Collection<List<StepSeen>> first,
      Optional<Contributions> contributed) {
    ByteWriter out = new ByteWriter();
    runs.write(out, run, state);
    out.octet((more ? 1 : 0) | (contributed.isPresent() ? 2 : 0));
    steps.write(out, run, first);
    contributed.ifPresent(rows -> contributions.write(out, run, rows));
    return out.toBytes();
  }

  /** Reads what {@link #first(long, RunState, boolean, Collection, Optional)} gave. */
  public First first(byte[] content, long run, String accountId, String workflow) {
    ByteReader in = new ByteReader(content);
    RunState state = runs.read(in, run);
    int flags = in.octet();
    List<StepSeen> known = steps.read(in, run);
    return new First(
        state,
        (flags & 1) != 0,
        known,
        (flags & 2) == 0
            ? Optional.empty()
            : Optional.of(contributions.read(in, run, accountId, workflow)));
  }

  /** When the run was last observed, from its first page alone. */
  public static Instant observedAt(byte[] firstPage, long run) {
    ByteReader in = DictionaryPages.start(firstPage);
    in.unsigned();
    return Instant.ofEpochMilli(RunCodec.readObservedAt(in, run));
  }

  /** Another piece than the first. */
  public byte[] steps(long run, Collection<List<StepSeen>> those) {
    ByteWriter out = new ByteWriter();
    steps.write(out, run, those);
    return out.toBytes();
  }

  /** Reads what {@link #steps(long, Collection)} gave. */
  public List<StepSeen> steps(byte[] content, long run) {
    return steps.read(new ByteReader(content), run);
  }
}
