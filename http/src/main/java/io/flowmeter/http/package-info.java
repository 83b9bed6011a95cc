/** HTTP listeners on this machine, and the checks of their callers. */
package io.flowmeter.http;
