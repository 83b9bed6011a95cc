/** Kills the product everywhere, and looks at what is left of the facts. */
package io.flowmeter.dev.torture;
