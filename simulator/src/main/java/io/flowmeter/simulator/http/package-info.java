/**
 * A small HTTP/1.1 server of its own: the simulator must set the {@code Date} header from its own
 * clock, cut bodies short, reset connections and let requests hang, which the JDK's server refuses.
 */
package io.flowmeter.simulator.http;
