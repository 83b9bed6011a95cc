package io.flowmeter.e2e.security;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Gives the tests of a class the {@link SecuredBackends}. */
final class WithSecuredBackends implements BeforeAllCallback {
  private SecuredBackends parts;

  @Override
  public void beforeAll(ExtensionContext context) {
    parts = SecuredBackends.of(context);
  }

  SecuredBackends get() {
    return parts;
  }
}
