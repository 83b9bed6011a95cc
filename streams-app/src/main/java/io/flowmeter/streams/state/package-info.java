/** How what is known of runs is kept: few bytes, in a form that names its version. */
package io.flowmeter.streams.state;
