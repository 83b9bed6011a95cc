package io.flowmeter.streams.state;

import static io.flowmeter.streams.state.Flags.bit;
import static io.flowmeter.streams.state.Flags.has;

import io.flowmeter.schemas.observation.CurrentStep;
import io.flowmeter.schemas.observation.DetailPart;
import io.flowmeter.schemas.observation.InstanceRow;
import io.flowmeter.schemas.state.DetailOrder;
import io.flowmeter.schemas.state.DetailSeen;
import io.flowmeter.schemas.state.EndSeen;
import io.flowmeter.schemas.state.RowSeen;
import io.flowmeter.schemas.state.RunState;
import io.flowmeter.schemas.state.StatusSample;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What is known of a run but for its steps. Times are milliseconds since one that is near; what is
 * absent costs a bit.
 */
final class RunCodec {
  private static final int LATEST = 1;
  private static final int LATEST_IS_LAST = 1 << 1;
  private static final int ROW = 1 << 2;
  private static final int DETAIL = 1 << 3;
  private static final int WHOLE = 1 << 4;
  private static final int WHOLE_IS_DETAIL = 1 << 5;
  private static final int END_LEARNT = 1 << 6;
  private static final int VANISHED = 1 << 7;
  private static final int NEXT_RUN = 1 << 8;

  private static final int ROW_START = 1;
  private static final int ROW_END = 1 << 1;
  private static final int ROW_VERSION = 1 << 2;
  private static final int ROW_TRIGGER = 1 << 3;

  private static final int QUEUED = 1;
  private static final int START = 1 << 1;
  private static final int END = 1 << 2;
  private static final int VERSION = 1 << 3;
  private static final int TRIGGER = 1 << 4;
  private static final int DETAIL_WHOLE = 1 << 5;
  private static final int CURRENT = 1 << 6;
  private static final int ERROR = 1 << 7;
  private static final int WEIGHT = 1 << 8;

  /** Four bits for the status, one for a time in whole seconds, two for the bound. */
  private static final int SAMPLE_SECONDS = 1 << 4;

  private static final int SAMPLE_BOUND = 1 << 5;
  private static final int SAMPLE_BOUND_AS_LAST = 1 << 6;
  private static final int SAMPLE_STATUS = 0xf;
  private static final long SECOND = 1_000;

  /** By their numbers; 0 is any other. */
  private static final List<String> STATUSES =
      List.of(
          "",
          "queued",
          "running",
          "paused",
          "errored",
          "terminated",
          "complete",
          "waiting",
          "waitingForPause");

  private final DictionaryEncoder encoder;
  private final StepCodec steps;

  RunCodec(DictionaryEncoder encoder) {
    this.encoder = encoder;
    this.steps = new StepCodec(encoder);
  }

  /** The time it was last observed comes first, so that it can be had without all else. */
  void write(ByteWriter out, long run, RunState state) {
    long observed = state.getObservedAt().toEpochMilli();
    out.signed(observed - run);
    List<StatusSample> samples = state.getSamples();
    StatusSample latest = state.getLatest();
    boolean isLast =
        latest != null && !samples.isEmpty() && latest.equals(samples.get(samples.size() - 1));
    DetailOrder order = state.getDetail() == null ? null : state.getDetail().getOrder();
    DetailOrder whole = state.getWhole();
    boolean isDetail = whole != null && whole.equals(order);
    out.unsigned(
        bit(latest != null, LATEST)
            | bit(isLast, LATEST_IS_LAST)
            | bit(state.getRow() != null, ROW)
            | bit(order != null, DETAIL)
            | bit(whole != null, WHOLE)
            | bit(isDetail, WHOLE_IS_DETAIL)
            | bit(state.getEndLearntAt() != null, END_LEARNT)
            | bit(state.getVanishedAt() != null, VANISHED)
            | bit(state.getNextRun() != null, NEXT_RUN));
    out.signed(state.getRevision() - observed);
    writeSamples(out, run, samples);
    if (latest != null && !isLast) {
      writeSamples(out, run, List.of(latest));
    }
    writeEnds(out, run, state.getEnds());
    if (state.getRow() != null) {
      writeRow(out, run, observed, state.getRow());
    }
    if (order != null) {
      writeOrder(out, observed, order);
      writeHeader(out, run, state.getDetail().getHeader());
    }
    if (whole != null && !isDetail) {
      writeOrder(out, observed, whole);
    }
    out.time(observed, state.getEndLearntAt());
    out.time(run, state.getVanishedAt());
    if (state.getNextRun() != null) {
      out.signed(state.getNextRun() - run);
    }
  }

  RunState read(ByteReader in, long run) {
    RunState state = new RunState();
    long observed = readObservedAt(in, run);
    state.setObservedAt(Instant.ofEpochMilli(observed));
    int flags = (int) in.unsigned();
    state.setRevision(observed + in.signed());
    List<StatusSample> samples = readSamples(in, run);
    state.setSamples(samples);
    if (has(flags, LATEST)) {
      state.setLatest(
          has(flags, LATEST_IS_LAST)
              ? samples.get(samples.size() - 1)
              : readSamples(in, run).get(0));
    }
    state.setEnds(readEnds(in, run));
    if (has(flags, ROW)) {
      state.setRow(readRow(in, run, observed));
    }
    if (has(flags, DETAIL)) {
      DetailOrder order = readOrder(in, observed);
      state.setDetail(new DetailSeen(order, readHeader(in, run)));
    }
    if (has(flags, WHOLE)) {
      state.setWhole(
          has(flags, WHOLE_IS_DETAIL) ? state.getDetail().getOrder() : readOrder(in, observed));
    }
    state.setEndLearntAt(in.time(observed, has(flags, END_LEARNT)));
    state.setVanishedAt(in.time(run, has(flags, VANISHED)));
    if (has(flags, NEXT_RUN)) {
      state.setNextRun(run + in.signed());
    }
    return state;
  }

  /** Epoch milliseconds; what is written first. */
  static long readObservedAt(ByteReader in, long run) {
    return run + in.signed();
  }

  private void writeSamples(ByteWriter out, long run, List<StatusSample> samples) {
    out.unsigned(samples.size());
    long before = run;
    Instant bound = null;
    for (StatusSample sample : samples) {
      long at = sample.getAt().toEpochMilli();
      boolean seconds = (at - before) % SECOND == 0;
      boolean bounded = sample.getNotBefore() != null;
      boolean asLast = bounded && sample.getNotBefore().equals(bound);
      int status = statusNumber(sample.getStatus());
      out.octet(
          status
              | bit(seconds, SAMPLE_SECONDS)
              | bit(bounded, SAMPLE_BOUND)
              | bit(asLast, SAMPLE_BOUND_AS_LAST));
      if (status == 0) {
        encoder.write(out, sample.getStatus());
      }
      out.signed(seconds ? (at - before) / SECOND : at - before);
      if (bounded && !asLast) {
        out.time(at, sample.getNotBefore());
        bound = sample.getNotBefore();
      }
      before = at;
    }
  }

  private List<StatusSample> readSamples(ByteReader in, long run) {
    int count = in.count();
    List<StatusSample> samples = new ArrayList<>(count);
    long at = run;
    Instant bound = null;
    for (int i = 0; i < count; i++) {
      int flags = in.octet();
      int number = flags & SAMPLE_STATUS;
      String status = number == 0 ? encoder.read(in) : status(number);
      at += has(flags, SAMPLE_SECONDS) ? in.signed() * SECOND : in.signed();
      boolean bounded = has(flags, SAMPLE_BOUND);
      if (bounded && !has(flags, SAMPLE_BOUND_AS_LAST)) {
        bound = in.time(at, true);
      }
      samples.add(new StatusSample(Instant.ofEpochMilli(at), status, bounded ? bound : null));
    }
    return samples;
  }

  private void writeEnds(ByteWriter out, long run, List<EndSeen> ends) {
    out.unsigned(ends.size());
    for (EndSeen end : ends) {
      out.time(run, end.getAt());
      writeStatus(out, end.getStatus());
      out.time(end.getAt().toEpochMilli(), end.getSeenAt());
    }
  }

  private List<EndSeen> readEnds(ByteReader in, long run) {
    int count = in.count();
    List<EndSeen> ends = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      Instant at = in.time(run, true);
      String status = readStatus(in);
      ends.add(new EndSeen(at, status, in.time(at.toEpochMilli(), true)));
    }
    return ends;
  }

  private void writeRow(ByteWriter out, long run, long observed, RowSeen seen) {
    InstanceRow row = seen.getRow();
    out.time(observed, seen.getAt());
    out.unsigned(
        bit(row.getStartedOn() != null, ROW_START)
            | bit(row.getEndedOn() != null, ROW_END)
            | bit(row.getVersionId() != null, ROW_VERSION)
            | bit(row.getTriggerSource() != null, ROW_TRIGGER));
    out.time(run, row.getStartedOn());
    out.time(run, row.getEndedOn());
    writeWord(out, row.getVersionId());
    writeWord(out, row.getTriggerSource());
  }

  private RowSeen readRow(ByteReader in, long run, long observed) {
    Instant at = in.time(observed, true);
    int flags = (int) in.unsigned();
    InstanceRow row = new InstanceRow();
    row.setStatus("");
    row.setStartedOn(in.time(run, has(flags, ROW_START)));
    row.setEndedOn(in.time(run, has(flags, ROW_END)));
    row.setVersionId(readWord(in, has(flags, ROW_VERSION)));
    row.setTriggerSource(readWord(in, has(flags, ROW_TRIGGER)));
    return new RowSeen(at, row);
  }

  private void writeHeader(ByteWriter out, long run, DetailPart header) {
    CurrentStep current = header.getCurrent();
    out.unsigned(
        bit(header.getQueued() != null, QUEUED)
            | bit(header.getStart() != null, START)
            | bit(header.getEnd() != null, END)
            | bit(header.getVersionId() != null, VERSION)
            | bit(header.getTriggerSource() != null, TRIGGER)
            | bit(header.getWhole(), DETAIL_WHOLE)
            | bit(current != null, CURRENT)
            | bit(header.getError() != null, ERROR)
            | bit(header.getWeight() != 1, WEIGHT));
    writeStatus(out, header.getStatus());
    out.time(run, header.getQueued());
    out.time(run, header.getStart());
    out.time(run, header.getEnd());
    writeWord(out, header.getVersionId());
    writeWord(out, header.getTriggerSource());
    out.unsigned(header.getStepCount());
    if (current != null) {
      writeCurrent(out, run, current);
    }
    if (header.getError() != null) {
      steps.writeError(out, header.getError());
    }
    if (header.getWeight() != 1) {
      out.signed(header.getWeight());
    }
  }

  private DetailPart readHeader(ByteReader in, long run) {
    int flags = (int) in.unsigned();
    DetailPart header = new DetailPart();
    header.setDetailId("");
    header.setWhole(has(flags, DETAIL_WHOLE));
    header.setStatus(readStatus(in));
    header.setQueued(in.time(run, has(flags, QUEUED)));
    header.setStart(in.time(run, has(flags, START)));
    header.setEnd(in.time(run, has(flags, END)));
    header.setVersionId(readWord(in, has(flags, VERSION)));
    header.setTriggerSource(readWord(in, has(flags, TRIGGER)));
    header.setStepCount((int) in.unsigned());
    header.setCurrent(has(flags, CURRENT) ? readCurrent(in, run) : null);
    header.setError(has(flags, ERROR) ? steps.readError(in) : null);
    header.setWeight(has(flags, WEIGHT) ? in.signed() : 1);
    header.setSteps(List.of());
    return header;
  }

  private void writeCurrent(ByteWriter out, long run, CurrentStep current) {
    CountedName name = CountedName.of(current.getName());
    out.unsigned(current.getStepIndex());
    encoder.writeJoined(out, current.getType(), name.name());
    out.signed(name.counter());
    out.unsigned(current.getAttempt());
    out.octet(bit(current.getStart() != null, 1));
    out.time(run, current.getStart());
  }

  private CurrentStep readCurrent(ByteReader in, long run) {
    CurrentStep current = new CurrentStep();
    current.setStepIndex((int) in.unsigned());
    List<String> names = encoder.readJoined(in);
    current.setType(names.get(0));
    current.setName(new CountedName(names.get(1), in.signed()).toString());
    current.setAttempt((int) in.unsigned());
    current.setStart(in.time(run, in.octet() == 1));
    return current;
  }

  private static void writeOrder(ByteWriter out, long observed, DetailOrder order) {
    out.time(observed, order.getAt());
    out.twoOctets(order.getTie());
  }

  private static DetailOrder readOrder(ByteReader in, long observed) {
    Instant at = in.time(observed, true);
    return new DetailOrder(at, in.twoOctets());
  }

  private void writeStatus(ByteWriter out, String status) {
    int number = statusNumber(status);
    out.octet(number);
    if (number == 0) {
      encoder.write(out, status);
    }
  }

  private String readStatus(ByteReader in) {
    int number = in.octet();
    return number == 0 ? encoder.read(in) : status(number);
  }

  private static int statusNumber(String status) {
    return Math.max(0, STATUSES.indexOf(status));
  }

  private static String status(int number) {
    if (number >= STATUSES.size()) {
      throw new UnreadableStateException("expected a status, came number " + number);
    }
    return STATUSES.get(number);
  }

  private void writeWord(ByteWriter out, String word) {
    if (word != null) {
      encoder.write(out, word);
    }
  }

  private String readWord(ByteReader in, boolean present) {
    return present ? encoder.read(in) : null;
  }
}
