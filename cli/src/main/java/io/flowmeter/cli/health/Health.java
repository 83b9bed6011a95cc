package io.flowmeter.cli.health;

import java.util.List;
import java.util.stream.Stream;

/** The checks of a process. They are cheap, wait for nobody, and may be asked by any thread. */
public interface Health {

  /**
   * Whether the process gets on or waits for something it may wait for, such as a Kafka that is
   * away. Where one is ill, only a restart helps.
   */
  List<Check> live();

  /**
   * Whether the process does its work. Where one is ill, somebody should look, or wait: a restart
   * does not help.
   */
  List<Check> ready();

  /** These checks, then others. */
  default Health and(Health other) {
    Health first = this;
    return new Health() {
      @Override
      public List<Check> live() {
        return Stream.concat(first.live().stream(), other.live().stream()).toList();
      }

      @Override
      public List<Check> ready() {
        return Stream.concat(first.ready().stream(), other.ready().stream()).toList();
      }
    };
  }
}
