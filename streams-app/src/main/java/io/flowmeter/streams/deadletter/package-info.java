/** Dead letters: what they tell of themselves, and how they are taken in again. */
package io.flowmeter.streams.deadletter;
