/**
 * What the relations have to say, computed from what the API told alone, by the definitions of the
 * metrics. Nothing here knows how Flowmeter gets from the one to the other.
 */
package io.flowmeter.verify.expected;
