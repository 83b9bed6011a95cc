package io.flowmeter.cli.health;

import java.util.List;
import java.util.function.BooleanSupplier;

/** A process that lives, and works when it is told to. */
public record StubHealth(BooleanSupplier works) implements Health {
  /** It does all it is for. */
  public static final Health WORKS = new StubHealth(() -> true);

  @Override
  public List<Check> live() {
    return List.of(Check.well("stub", "lives"));
  }

  @Override
  public List<Check> ready() {
    return List.of(works.getAsBoolean() ? Check.well("stub", "works") : Check.ill("stub", "rests"));
  }
}
