/** Named places in the code at which a process can be killed, to test recovery. */
package io.flowmeter.failpoint;
