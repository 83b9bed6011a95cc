package io.flowmeter.ingest.source;

import io.flowmeter.schemas.BareAvro;
import io.flowmeter.schemas.observation.Step;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Steps in little room. Each is held as its Avro encoding, a quarter of what its record takes, and
 * made anew every time it is asked for: to change what is got from here changes nothing here.
 * Immutable.
 */
public final class ObservedSteps extends AbstractList<Step> {
  public static final ObservedSteps NONE = new ObservedSteps(List.of());

  private static final BareAvro<Step> AVRO = BareAvro.of(Step.class);

  private final List<byte[]> encodings;

  private ObservedSteps(List<byte[]> encodings) {
    this.encodings = List.copyOf(encodings);
  }

  public static ObservedSteps of(List<Step> steps) {
    Builder builder = new Builder();
    steps.forEach(builder::add);
    return builder.build();
  }

  @Override
  public int size() {
    return encodings.size();
  }

  @Override
  public Step get(int index) {
    return AVRO.decode(encodings.get(index));
  }

  /** The Avro encoding of the step at this index; a copy. */
  public byte[] encoding(int index) {
    return encodings.get(index).clone();
  }

  /** How many bytes the encoding of the step at this index has. */
  public int bytes(int index) {
    return encodings.get(index).length;
  }

  /** The steps at some indexes, in the same order. */
  public ObservedSteps only(IntPredicate index) {
    Builder builder = new Builder();
    for (int i = 0; i < size(); i++) {
      if (index.test(i)) {
        builder.add(this, i);
      }
    }
    return builder.build();
  }

  /** Takes steps one at a time. */
  public static final class Builder {
    private final List<byte[]> encodings = new ArrayList<>();

    public int size() {
      return encodings.size();
    }

    public void add(Step step) {
      encodings.add(AVRO.encode(step));
    }

    /** Adds a step of others, without making it. */
    public void add(ObservedSteps steps, int index) {
      encodings.add(steps.encodings.get(index));
    }

    public ObservedSteps build() {
      return new ObservedSteps(encodings);
    }
  }
}
