package io.flowmeter.streams.topology;

import net.jqwik.api.PropertyDefaults;
import net.jqwik.api.Tag;

/** The same with many more tries than the unit lane has time for. */
@Tag("nightly")
@PropertyDefaults(tries = 200)
class ManyOrdersIT extends OrderTest {}
