/** The whole pipeline in one process: what it starts, in which order, and how it stops. */
package io.flowmeter.dev.up;
