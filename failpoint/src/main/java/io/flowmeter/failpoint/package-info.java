/** Where a process can be made to die, so that it is seen what is left behind. */
package io.flowmeter.failpoint;
