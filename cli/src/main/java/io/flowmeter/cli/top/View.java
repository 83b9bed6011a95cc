package io.flowmeter.cli.top;

/**
 * What is looked at.
 *
 * @param part which tables
 * @param order of the workflows
 * @param reversed whether the order is turned round
 */
public record View(Part part, Order order, boolean reversed) {

  /** What the keys do, for the last line of the screen. */
  static final String KEYS =
      "q quit   s sort   r reverse   1 all   2 workflows   3 steps   4 errors";

  /** Which tables are shown. */
  enum Part {
    ALL,
    WORKFLOWS,
    STEPS,
    ERRORS
  }

  /** All tables, in this order. */
  public static View all(Order order, boolean reversed) {
    return new View(Part.ALL, order, reversed);
  }

  /** What is looked at after a key was pressed; the same for a key without a meaning. */
  View after(char key) {
    return switch (key) {
      case 's' -> new View(part, order.next(), reversed);
      case 'r' -> new View(part, order, !reversed);
      case '1' -> new View(Part.ALL, order, reversed);
      case '2' -> new View(Part.WORKFLOWS, order, reversed);
      case '3' -> new View(Part.STEPS, order, reversed);
      case '4' -> new View(Part.ERRORS, order, reversed);
      default -> this;
    };
  }

  boolean shows(Part one) {
    return part == Part.ALL || part == one;
  }
}
