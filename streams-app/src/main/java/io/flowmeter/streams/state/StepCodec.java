package io.flowmeter.streams.state;

import static io.flowmeter.streams.state.Flags.bit;
import static io.flowmeter.streams.state.Flags.has;

import io.flowmeter.schemas.observation.Attempt;
import io.flowmeter.schemas.observation.Error;
import io.flowmeter.schemas.observation.Step;
import io.flowmeter.schemas.state.DetailOrder;
import io.flowmeter.schemas.state.StepSeen;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Steps of a run, one after the other. Each begins with what is usual of it, as bits; times are
 * milliseconds since the step before ended; names and settings are one word. So a step that
 * succeeded at once, the hundredth of its name, takes about 7 bytes. An error is written out, but
 * once where attempts repeat it.
 */
final class StepCodec {
  /** The place after the step before, and its first attempts. */
  private static final int NEXT = 1;

  /** Told by the same detail as the step before. */
  private static final int SAME_ORDER = 1 << 1;

  /** The name ends in a counter. */
  private static final int COUNTED = 1 << 2;

  /** Succeeded at its one attempt, which took as long as the step. */
  private static final int AT_ONCE = 1 << 3;

  private static final int START = 1 << 4;
  private static final int END = 1 << 5;
  private static final int ATTEMPTS = 1 << 6;
  private static final int SUCCESS = 7;
  private static final int FINISHED = 9;
  private static final int ERROR = 1 << 11;
  private static final int ERROR_AS_LAST = 1 << 12;

  /** It counts under another step than its name says: ids are part of the name. */
  private static final int NAMED_OTHERWISE = 1 << 13;

  private static final int ATTEMPT_START = 1;
  private static final int ATTEMPT_END = 1 << 1;
  private static final int ATTEMPT_SUCCESS = 2;
  private static final int ATTEMPT_ERROR = 1 << 4;
  private static final int ATTEMPT_ERROR_AS_LAST = 1 << 5;

  /** Two bits: null, false, true. */
  private static final int TRISTATE = 3;

  private final DictionaryEncoder encoder;

  StepCodec(DictionaryEncoder encoder) {
    this.encoder = encoder;
  }

  /**
   * @param since epoch milliseconds near the first step's start
   * @param steps by index, each as stretches by their offset
   */
  void write(ByteWriter out, long since, Collection<List<StepSeen>> steps) {
    Map<DetailOrder, Integer> orders = new LinkedHashMap<>();
    int count = 0;
    for (List<StepSeen> step : steps) {
      for (StepSeen seen : step) {
        orders.putIfAbsent(seen.getOrder(), orders.size());
        count++;
      }
    }
    writeOrders(out, since, orders.keySet());
    out.unsigned(count);
    Place place = new Place(since);
    for (List<StepSeen> step : steps) {
      for (StepSeen seen : step) {
        write(out, place, seen.getStep(), orders.get(seen.getOrder()));
      }
    }
  }

  /** As written; steps are new objects. */
  List<StepSeen> read(ByteReader in, long since) {
    List<DetailOrder> orders = readOrders(in, since);
    int count = in.count();
    List<StepSeen> steps = new ArrayList<>(count);
    Place place = new Place(since);
    for (int i = 0; i < count; i++) {
      Step step = read(in, place);
      if (place.order >= orders.size()) {
        throw new UnreadableStateException(
            "expected one of " + orders.size() + " details, came number " + place.order);
      }
      steps.add(new StepSeen(orders.get(place.order), step));
    }
    return steps;
  }

  /** Where the writer or the reader is: what the next step is told relative to. */
  private static final class Place {
    private int index = -1;
    private int order;
    private long time;

    Place(long time) {
      this.time = time;
    }
  }

  private static void writeOrders(ByteWriter out, long since, Collection<DetailOrder> orders) {
    out.unsigned(orders.size());
    long before = since;
    for (DetailOrder order : orders) {
      long at = order.getAt().toEpochMilli();
      out.signed(at - before);
      out.twoOctets(order.getTie());
      before = at;
    }
  }

  private static List<DetailOrder> readOrders(ByteReader in, long since) {
    int count = in.count();
    List<DetailOrder> orders = new ArrayList<>(count);
    long at = since;
    for (int i = 0; i < count; i++) {
      at += in.signed();
      orders.add(new DetailOrder(Instant.ofEpochMilli(at), in.twoOctets()));
    }
    return orders;
  }

  private void write(ByteWriter out, Place place, Step step, int order) {
    boolean next = step.getStepIndex() == place.index + 1 && step.getAttemptOffset() == 0;
    CountedName name = CountedName.of(step.getName());
    int flags =
        bit(next, NEXT) | bit(order == place.order, SAME_ORDER) | bit(name.isCounted(), COUNTED);
    boolean namedOtherwise = step.getStep() != null;
    flags |= bit(namedOtherwise, NAMED_OTHERWISE);
    boolean atOnce = isAtOnce(step);
    List<Attempt> attempts = step.getAttempts();
    Error last = attempts.isEmpty() ? null : attempts.get(attempts.size() - 1).getError();
    boolean asLast = step.getError() != null && step.getError().equals(last);
    if (atOnce) {
      flags |= AT_ONCE;
    } else {
      flags |=
          bit(step.getStart() != null, START)
              | bit(step.getEnd() != null, END)
              | bit(!attempts.isEmpty(), ATTEMPTS)
              | tristate(step.getSuccess()) << SUCCESS
              | tristate(step.getFinished()) << FINISHED
              | bit(step.getError() != null, ERROR)
              | bit(asLast, ERROR_AS_LAST);
    }
    out.unsigned(flags);
    if (!next) {
      out.signed((long) step.getStepIndex() - place.index);
      out.unsigned(step.getAttemptOffset());
    }
    if (order != place.order) {
      out.unsigned(order);
    }
    encoder.writeJoined(
        out,
        step.getType(),
        namedOtherwise ? null : name.name(),
        step.getRetryLimit() == null ? null : step.getRetryLimit().toString(),
        step.getBackoff(),
        step.getTimeout());
    if (namedOtherwise) {
      // No word of the dictionary: the next run has another name there.
      encoder.write(out, step.getStep());
      out.text(name.name() == null ? "" : name.name());
    }
    if (name.isCounted()) {
      out.unsigned(name.counter());
    }
    if (step.getStart() != null) {
      place.time = writeTime(out, place.time, step.getStart());
    }
    long start = place.time;
    if (step.getEnd() != null) {
      place.time = writeTime(out, place.time, step.getEnd());
    }
    if (!atOnce) {
      if (!attempts.isEmpty()) {
        writeAttempts(out, start, attempts);
      }
      if (step.getError() != null && !asLast) {
        writeError(out, step.getError());
      }
    }
    place.index = step.getStepIndex();
    place.order = order;
  }

  private Step read(ByteReader in, Place place) {
    int flags = (int) in.unsigned();
    Step step = new Step();
    if (has(flags, NEXT)) {
      step.setStepIndex(place.index + 1);
      step.setAttemptOffset(0);
    } else {
      step.setStepIndex((int) (place.index + in.signed()));
      step.setAttemptOffset((int) in.unsigned());
    }
    if (!has(flags, SAME_ORDER)) {
      place.order = (int) in.unsigned();
    }
    List<String> settings = encoder.readJoined(in);
    step.setType(settings.get(0));
    String name = settings.get(1);
    if (has(flags, NAMED_OTHERWISE)) {
      step.setStep(encoder.read(in));
      name = in.text();
    }
    step.setName(has(flags, COUNTED) ? new CountedName(name, in.unsigned()).toString() : name);
    step.setRetryLimit(settings.get(2) == null ? null : Long.valueOf(settings.get(2)));
    step.setBackoff(settings.get(3));
    step.setTimeout(settings.get(4));
    boolean atOnce = has(flags, AT_ONCE);
    if (atOnce || has(flags, START)) {
      place.time += in.signed();
      step.setStart(Instant.ofEpochMilli(place.time));
    }
    long start = place.time;
    if (atOnce || has(flags, END)) {
      place.time += in.signed();
      step.setEnd(Instant.ofEpochMilli(place.time));
    }
    if (atOnce) {
      step.setSuccess(true);
      step.setAttempts(List.of(new Attempt(step.getStart(), step.getEnd(), true, null)));
    } else {
      step.setSuccess(tristate(flags >> SUCCESS));
      step.setFinished(tristate(flags >> FINISHED));
      List<Attempt> attempts = has(flags, ATTEMPTS) ? readAttempts(in, start) : List.of();
      step.setAttempts(attempts);
      if (has(flags, ERROR)) {
        step.setError(
            has(flags, ERROR_AS_LAST)
                ? attempts.get(attempts.size() - 1).getError()
                : readError(in));
      }
    }
    place.index = step.getStepIndex();
    return step;
  }

  private static boolean isAtOnce(Step step) {
    if (!Boolean.TRUE.equals(step.getSuccess())
        || step.getFinished() != null
        || step.getError() != null
        || step.getStart() == null
        || step.getEnd() == null
        || step.getAttempts().size() != 1) {
      return false;
    }
    Attempt only = step.getAttempts().get(0);
    return Boolean.TRUE.equals(only.getSuccess())
        && only.getError() == null
        && step.getStart().equals(only.getStart())
        && step.getEnd().equals(only.getEnd());
  }

  private void writeAttempts(ByteWriter out, long since, List<Attempt> attempts) {
    out.unsigned(attempts.size());
    long time = since;
    Error last = null;
    for (Attempt attempt : attempts) {
      Error error = attempt.getError();
      boolean asLast = error != null && error.equals(last);
      out.octet(
          bit(attempt.getStart() != null, ATTEMPT_START)
              | bit(attempt.getEnd() != null, ATTEMPT_END)
              | tristate(attempt.getSuccess()) << ATTEMPT_SUCCESS
              | bit(error != null, ATTEMPT_ERROR)
              | bit(asLast, ATTEMPT_ERROR_AS_LAST));
      if (attempt.getStart() != null) {
        time = writeTime(out, time, attempt.getStart());
      }
      if (attempt.getEnd() != null) {
        time = writeTime(out, time, attempt.getEnd());
      }
      if (error != null && !asLast) {
        writeError(out, error);
        last = error;
      }
    }
  }

  private List<Attempt> readAttempts(ByteReader in, long since) {
    int count = in.count();
    List<Attempt> attempts = new ArrayList<>(count);
    long time = since;
    Error last = null;
    for (int i = 0; i < count; i++) {
      int flags = in.octet();
      Attempt attempt = new Attempt();
      if (has(flags, ATTEMPT_START)) {
        time += in.signed();
        attempt.setStart(Instant.ofEpochMilli(time));
      }
      if (has(flags, ATTEMPT_END)) {
        time += in.signed();
        attempt.setEnd(Instant.ofEpochMilli(time));
      }
      attempt.setSuccess(tristate(flags >> ATTEMPT_SUCCESS));
      if (has(flags, ATTEMPT_ERROR)) {
        last = has(flags, ATTEMPT_ERROR_AS_LAST) ? last : readError(in);
        attempt.setError(last);
      }
      attempts.add(attempt);
    }
    return attempts;
  }

  void writeError(ByteWriter out, Error error) {
    encoder.write(out, error.getName());
    out.text(error.getMessage());
  }

  Error readError(ByteReader in) {
    String name = encoder.read(in);
    return new Error(name, in.text());
  }

  private static long writeTime(ByteWriter out, long since, Instant at) {
    long time = at.toEpochMilli();
    out.signed(time - since);
    return time;
  }

  private static int tristate(Boolean value) {
    return value == null ? 0 : value ? 2 : 1;
  }

  private static Boolean tristate(int bits) {
    int value = bits & TRISTATE;
    return value == 0 ? null : Boolean.valueOf(value == 2);
  }
}
