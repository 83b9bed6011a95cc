package io.flowmeter.simulator.api;

/** Ends a request with an error in the API's own form. */
final class ApiError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final int code;

  private ApiError(int status, int code, String message, Throwable cause) {
    // An answer, not an accident: a stack trace would tell nothing.
    super(message, cause, false, false);
    this.status = status;
    this.code = code;
  }

  static ApiError badParameter(String message) {
    return new ApiError(400, 10002, message, null);
  }

  static ApiError badParameter(String message, Throwable cause) {
    return new ApiError(400, 10002, message, cause);
  }

  static ApiError noWorkflow() {
    return new ApiError(404, 10200, "workflow.not_found", null);
  }

  static ApiError noInstance() {
    return new ApiError(404, 10400, "instance.not_found", null);
  }

  static ApiError noVersion() {
    return new ApiError(404, 10300, "version.not_found", null);
  }

  static ApiError tooManyRequests() {
    return new ApiError(429, 10429, "Rate limited", null);
  }

  /** What cannot be done to an instance, in the runtime's own words. */
  static ApiError refused(String code, String message) {
    return new ApiError(500, 10001, "WorkflowError: (" + code + ") " + message, null);
  }

  static ApiError noRoute(String path) {
    return new ApiError(
        404,
        7003,
        "Could not route to " + path + ", perhaps your object identifier is invalid?",
        null);
  }

  static ApiError badMethod(String method) {
    return new ApiError(405, 10405, "Method " + method + " not allowed for this endpoint", null);
  }

  static ApiError notAuthenticated(int status) {
    return new ApiError(status, 10000, "Authentication error", null);
  }

  int status() {
    return status;
  }

  int code() {
    return code;
  }
}
