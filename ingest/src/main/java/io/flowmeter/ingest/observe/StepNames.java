package io.flowmeter.ingest.observe;

import io.flowmeter.ingest.source.ObservedSteps;
import io.flowmeter.schemas.checkpoint.Checkpoint;
import io.flowmeter.schemas.checkpoint.StepsShown;
import io.flowmeter.schemas.observation.Step;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Under which step each entry of a workflow's details counts. That is its name without the counter,
 * until the workflow has shown more than {@value #MOST_AS_NAMED} distinct ones: then ids are part
 * of names, and are folded from there on. Of what that leaves, {@value #MOST} are told; what is new
 * after them is {@value #OTHER}. Both are for ever, so that a step that has a name keeps it.
 *
 * <p>It is decided here, where all details of a workflow come together, and travels with each step:
 * whoever reads observations need not know what others showed, in whatever order they come. Hashes
 * are kept in the place of names.
 */
public final class StepNames {
  static final int MOST_AS_NAMED = 200;
  static final int MOST = 1_000;
  static final String OTHER = "(other)";

  private static final String FOLDED = "{}";
  private static final String TERMINATION = "termination";
  private static final Pattern COUNTER = Pattern.compile("-[0-9]+$");

  /** A UUID, or a word. */
  private static final Pattern TOKEN =
      Pattern.compile("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[\\p{L}\\p{Nd}]++");

  private static final Pattern UUID =
      Pattern.compile("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  /** Written as a number to base 16, or six of its digits and more, letters and others. */
  private static final Pattern HEX =
      Pattern.compile("0x[0-9a-fA-F]++|(?=[0-9]*+[a-fA-F])(?=[a-fA-F]*+[0-9])[0-9a-fA-F]{6,}+");

  private static final Pattern DIGITS = Pattern.compile("\\p{Nd}++");

  private final Set<Long> asNamed = new HashSet<>();
  private final Set<Long> folded = new HashSet<>();
  private boolean news;

  /** The name without its one trailing counter; empty where there is no name. */
  public static String step(Step entry) {
    return entry.getStep() != null
        ? entry.getStep()
        : entry.getName() == null ? "" : COUNTER.matcher(entry.getName()).replaceFirst("");
  }

  /**
   * A name in which UUIDs, words that are hexadecimal, and runs of digits are each {@code {}}.
   * Folding once more changes nothing.
   */
  static String folded(String step) {
    return TOKEN
        .matcher(step)
        .replaceAll(token -> Matcher.quoteReplacement(foldedWord(token.group())));
  }

  private static String foldedWord(String word) {
    return HEX.matcher(word).matches() || UUID.matcher(word).matches()
        ? FOLDED
        : DIGITS.matcher(word).replaceAll(Matcher.quoteReplacement(FOLDED));
  }

  /**
   * Learns what a detail shows, and names its steps.
   *
   * @param steps as the source gave them
   */
  public ObservedSteps named(ObservedSteps steps) {
    for (Step entry : steps) {
      learn(entry);
    }
    if (!areFolded()) {
      return steps;
    }
    ObservedSteps.Builder named = new ObservedSteps.Builder();
    for (int i = 0; i < steps.size(); i++) {
      Step entry = steps.get(i);
      Optional<String> other = otherName(entry);
      if (other.isPresent()) {
        entry.setStep(other.get());
        named.add(entry);
      } else {
        named.add(steps, i);
      }
    }
    return named.build();
  }

  private void learn(Step entry) {
    if (isNameless(entry)) {
      return;
    }
    String step = step(entry);
    if (!areFolded()) {
      if (!asNamed.add(hash(step))) {
        return;
      }
      news = true;
    }
    if (folded.size() < MOST) {
      news |= folded.add(hash(folded(step)));
    }
  }

  /** The step under which the entry counts, where that is not its name without the counter. */
  private Optional<String> otherName(Step entry) {
    if (isNameless(entry)) {
      return Optional.empty();
    }
    String step = step(entry);
    String name = folded(step);
    if (!folded.contains(hash(name))) {
      name = OTHER;
    }
    return name.equals(step) ? Optional.empty() : Optional.of(name);
  }

  /** It is told under no name: what a user called it is not to be asked. */
  private static boolean isNameless(Step entry) {
    return entry.getName() == null || entry.getType().equals(TERMINATION);
  }

  private boolean areFolded() {
    return asNamed.size() > MOST_AS_NAMED;
  }

  private static long hash(String step) {
    return RecordFingerprint.fingerprint(step.getBytes(StandardCharsets.UTF_8));
  }

  /** It has learnt nothing yet. */
  public boolean isEmpty() {
    return asNamed.isEmpty();
  }

  /** It has learnt what is not remembered yet. */
  public boolean hasChanges() {
    return news;
  }

  /** What was learnt is remembered. */
  public void markStored() {
    news = false;
  }

  /** What is to outlast this process, under {@link InstanceKey#ofSteps}. */
  public Checkpoint toCheckpoint(InstanceKey key) {
    Checkpoint checkpoint = TrackedInstance.NONE.toCheckpoint(key);
    checkpoint.setInstanceId("");
    checkpoint.setSteps(new StepsShown(List.copyOf(asNamed), List.copyOf(folded)));
    return checkpoint;
  }

  public void restore(StepsShown shown) {
    asNamed.addAll(shown.getAsNamed());
    folded.addAll(shown.getFolded());
  }
}
