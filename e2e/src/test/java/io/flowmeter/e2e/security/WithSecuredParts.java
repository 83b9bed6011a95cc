package io.flowmeter.e2e.security;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Gives the tests of a class the {@link SecuredParts}. */
final class WithSecuredParts implements BeforeAllCallback {
  private SecuredParts parts;

  @Override
  public void beforeAll(ExtensionContext context) {
    parts = SecuredParts.of(context);
  }

  SecuredParts get() {
    return parts;
  }
}
