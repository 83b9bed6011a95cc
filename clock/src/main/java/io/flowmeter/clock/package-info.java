/**
 * What time it is, and how to wait: handed in wherever either matters, so that time can be virtual.
 */
package io.flowmeter.clock;
