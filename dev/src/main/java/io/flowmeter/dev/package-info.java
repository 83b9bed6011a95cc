/** Commands that try Flowmeter out or examine it: the second part of the archive. */
package io.flowmeter.dev;
