/**
 * What the relations have to say, computed from the API's raw JSON alone, and the comparison with
 * what they do say. Nothing here knows how Flowmeter gets from the one to the other.
 */
package io.flowmeter.e2e.relations;
