package io.flowmeter.ingest.publish;

/** Instances were told under other ids before. */
public final class IdHashingChangedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  IdHashingChangedException(boolean hashed, boolean hashedBefore) {
    super(
        "expected ids of instances to be told as before (%s), came settings by which they are %s: %s"
            .formatted(
                hashedBefore ? "hashed" : "as they are",
                !hashed ? "told as they are" : hashedBefore ? "hashed with another key" : "hashed",
                hashedBefore
                    ? "give privacy.ids.key as it was, or begin anew with empty topics and tables"
                    : "leave privacy.ids.key out, or begin anew with empty topics and tables"));
  }
}
