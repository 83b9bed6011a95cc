/** Listeners on this machine, and whom they answer. */
package io.flowmeter.http;
